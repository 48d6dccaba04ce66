package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.schema.SchemaChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.misc.Interval;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/**
 * A part of a statement as its grammar sees it, by the names of the grammar's rules: the grammars of MySQL and MariaDB are two
 * sets of generated classes with the same rules, and are read by the same code.
 *
 * @param parser the parser that made the tree
 * @param node the part
 */
record SyntaxTree(Parser parser, ParseTree node) {

    /** Returns the rule's name; for a token its text in capitals. */
    String rule() {
        if (node instanceof ParserRuleContext context) {
            return parser.getRuleNames()[context.getRuleIndex()];
        }
        return node.getText().toUpperCase(Locale.ROOT);
    }

    /** Returns the name of the rule's alternative, where the grammar names its alternatives; else as {@link #rule}. */
    String form() {
        if (node instanceof ParserRuleContext) {
            String name = node.getClass().getSimpleName();
            String form = name.substring(0, name.length() - "Context".length());
            return Character.toLowerCase(form.charAt(0)) + form.substring(1);
        }
        return rule();
    }

    boolean isToken() {
        return node instanceof TerminalNode;
    }

    /** Returns the parts, tokens among them. */
    List<SyntaxTree> parts() {
        List<SyntaxTree> parts = new ArrayList<>(node.getChildCount());
        for (int i = 0; i < node.getChildCount(); i++) {
            parts.add(new SyntaxTree(parser, node.getChild(i)));
        }
        return parts;
    }

    /** Returns the direct parts of one rule, or the tokens with that text in capitals. */
    List<SyntaxTree> all(String rule) {
        return parts().stream().filter(part -> part.rule().equals(rule)).toList();
    }

    /** Returns the first direct part of a rule, or such a token; null where there is none. */
    @Nullable
    SyntaxTree first(String rule) {
        for (SyntaxTree part : parts()) {
            if (part.rule().equals(rule)) {
                return part;
            }
        }
        return null;
    }

    /**
     * Returns the first direct part of a rule, or such a token.
     *
     * @throws UnreadableTreeException if there is none
     */
    SyntaxTree one(String rule) {
        SyntaxTree part = first(rule);
        if (part == null) {
            throw new UnreadableTreeException("no " + rule + " in " + text());
        }
        return part;
    }

    /** Returns whether there is a direct part of the rule, or such a token. */
    boolean has(String rule) {
        return parts().stream().anyMatch(part -> part.rule().equals(rule));
    }

    /** Returns the parts of one rule at any depth, outermost first; what is inside of a match is not searched. */
    List<SyntaxTree> deep(String rule) {
        List<SyntaxTree> found = new ArrayList<>();
        for (SyntaxTree part : parts()) {
            if (part.rule().equals(rule)) {
                found.add(part);
            } else {
                found.addAll(part.deep(rule));
            }
        }
        return found;
    }

    /**
     * Reads the tree. What is built otherwise than the reader expects is not understood, rather than half read.
     *
     * @throws Grammar.SyntaxException if it is too deep
     */
    List<SchemaChange> read(Function<SyntaxTree, List<SchemaChange>> reader) throws Grammar.SyntaxException {
        try {
            return reader.apply(this);
        } catch (StackOverflowError error) {
            throw new Grammar.SyntaxException("the statement is nested too deeply");
        } catch (RuntimeException exception) {
            return List.of(new SchemaChange.NotUnderstood(
                    "the statement is built otherwise than expected: " + exception.getMessage()));
        }
    }

    /** Returns the tokens of the whole part, in capitals. */
    Stream<String> tokens() {
        return isToken() ? Stream.of(rule()) : parts().stream().flatMap(SyntaxTree::tokens);
    }

    /** Returns the text as it was written, with its spaces and comments. */
    String text() {
        if (node instanceof ParserRuleContext context) {
            Token start = context.getStart();
            Token stop = context.getStop();
            if (stop == null || stop.getStopIndex() < start.getStartIndex()) {
                return "";
            }
            return start.getInputStream().getText(Interval.of(start.getStartIndex(), stop.getStopIndex()));
        }
        return node.getText();
    }

    /** Says that a part is not where the grammar had it when the reader was written. */
    static final class UnreadableTreeException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnreadableTreeException(String message) {
            super(message, null, false, false);
        }
    }
}
