package io.github.rollback4j.planfile;

import io.github.rollback4j.plan.PlanPartProvider.Kind;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What may stand at one place of a file. {@link ShapeReader} reads files by it, and {@link PlanSchema} tells editors, so that the
 * two cannot differ.
 */
sealed interface Shape {

    /** Returns what is allowed, in words. */
    String allowed();

    /** A value that is described as the options of parts are. */
    record Value(Option option) implements Shape {
        @Override
        public String allowed() {
            return option.allowed();
        }
    }

    /**
     * Keys that are known.
     *
     * @param needs keys, each with another that it needs beside it
     */
    record Fields(List<Field> fields, SortedMap<String, String> needs) implements Shape {

        private static final int MOST_NAMED = 10;

        static Fields of(Field... fields) {
            return new Fields(List.of(fields), new TreeMap<>());
        }

        Fields where(Map<String, String> needed) {
            return new Fields(fields, new TreeMap<>(needed));
        }

        @Override
        public String allowed() {
            String names = Stream.concat(
                            fields.stream().filter(Field::isRequired),
                            fields.stream().filter(field -> !field.isRequired()))
                    .map(Field::name)
                    .limit(MOST_NAMED)
                    .collect(Collectors.joining(", "));
            return "a mapping with " + names + (fields.size() > MOST_NAMED ? ", …" : "");
        }
    }

    /**
     * A key.
     *
     * @param description what it says, in a sentence for people
     */
    record Field(String name, boolean isRequired, String description, Shape shape) {

        static Field of(Option option) {
            return new Field(option.name(), option.isRequired(), option.description(), new Value(option));
        }

        static Field required(String name, String description, Shape shape) {
            return new Field(name, true, description, shape);
        }

        static Field optional(String name, String description, Shape shape) {
            return new Field(name, false, description, shape);
        }
    }

    /**
     * A list.
     *
     * @param isOneAllowed whether one item may stand there without a list
     * @param least how many there are at least
     */
    record Several(Shape item, boolean isOneAllowed, int least) implements Shape {

        static final int MOST = 1000;

        static Several each(Shape item) {
            return new Several(item, false, 0);
        }

        Several atLeastOne() {
            return new Several(item, isOneAllowed, 1);
        }

        Several orOne() {
            return new Several(item, true, least);
        }

        @Override
        public String allowed() {
            return (isOneAllowed ? item.allowed() + ", or a list" : "a list, each " + item.allowed());
        }
    }

    /** Names that the file chooses, each with a value. */
    record Named(Option name, Option value) implements Shape {
        @Override
        public String allowed() {
            return "a mapping from names to values, each " + value.allowed();
        }
    }

    /** Fields that depend on whether a key is there. */
    record Either(String key, Fields with, Fields without) implements Shape {
        @Override
        public String allowed() {
            return without.allowed() + ", or with " + key;
        }
    }

    /** A part by its name, or by its name with its options. */
    record Part(Kind kind) implements Shape {
        @Override
        public String allowed() {
            return article(kind) + ", by its name or by its name with its options,";
        }

        static String article(Kind kind) {
            return "a " + kind.toString().toLowerCase(Locale.ROOT);
        }
    }

    /** A check that the application has bound, by its name; or by a name and what is bound. */
    record Checked() implements Shape {
        @Override
        public String allowed() {
            return "a check by its name, or a mapping with name and bind,";
        }
    }

    /** The key of a call. */
    record CallKey() implements Shape {
        @Override
        public String allowed() {
            return "a text, a whole number, or a mapping with uuid,";
        }
    }

    /** What the application has bound, by its name. */
    record Bound(Class<?> type) implements Shape {
        @Override
        public String allowed() {
            return "the name of a bound " + type.getSimpleName();
        }
    }
}
