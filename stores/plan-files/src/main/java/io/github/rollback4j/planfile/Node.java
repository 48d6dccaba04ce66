package io.github.rollback4j.planfile;

import java.util.List;
import java.util.Map;

/** What is written in a file, and where: lines and columns from 1. Immutable; an alias is the very node that it stands for. */
sealed interface Node {

    int line();

    int column();

    /**
     * A text, number or whatever else is written in one piece.
     *
     * @param text as it is written, without quotes
     * @param isPlain whether it has no quotes
     */
    record Scalar(int line, int column, String text, boolean isPlain) implements Node {

        /** Says whether there is nothing, or {@code null}, which is nothing too. */
        boolean isNull() {
            return isPlain
                    && (text.isEmpty()
                            || text.equals("~")
                            || text.equals("null")
                            || text.equals("Null")
                            || text.equals("NULL"));
        }
    }

    /** A list. */
    record Sequence(int line, int column, List<Node> items) implements Node {}

    /**
     * Keys with values.
     *
     * @param entries in the order of the file
     * @param repeated keys that are there before: where they are again
     */
    record Mapping(int line, int column, Map<String, Entry> entries, Map<String, Repeated> repeated) implements Node {}

    /**
     * A key's value.
     *
     * @param line where the key is
     * @param column where the key is
     */
    record Entry(int line, int column, Node value) {

        /** Returns the value; where nothing is written, at the key's place: the scanner puts it wherever it goes on. */
        Node valueOrKey() {
            return value instanceof Scalar scalar
                            && scalar.isPlain()
                            && scalar.text().isEmpty()
                    ? new Scalar(line, column, "", true)
                    : value;
        }
    }

    /**
     * A key that is there before.
     *
     * @param line where it is again
     * @param column where it is again
     * @param firstLine where it is before
     */
    record Repeated(int line, int column, int firstLine) {}

    /** Returns what it is, for people. */
    default String words() {
        return this instanceof Sequence ? "a list" : this instanceof Mapping ? "a mapping" : "a text";
    }

    /** Returns what is written, placeholders as they are written; only for what cannot be a secret. */
    default String shown() {
        return this instanceof Scalar scalar ? "the value '" + Problems.clipped(scalar.text()) + "'" : words();
    }
}
