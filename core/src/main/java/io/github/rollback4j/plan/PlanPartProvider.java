package io.github.rollback4j.plan;

import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Makes one kind of part that a plan in a file can name: a signal, a rollout strategy, a way back, a gate or a notifier. Found
 * by {@link java.util.ServiceLoader}, or given to {@link PlanParts}. Thread-safe, and the same at each question.
 *
 * <p>The options say everything that a reader of files needs to know, so that a plan can name parts that the core has never
 * heard of; their values are checked before {@link #create} sees them.
 *
 * {@snippet file="io/github/rollback4j/plan/PlanPartsTest.java" region="provider"}
 */
public interface PlanPartProvider {

    /** Returns the kind of part. */
    Kind kind();

    /** Returns the name by which plans ask for the part, unique in its kind: lower-case letters, digits and hyphens. */
    String name();

    /** Returns what the part does, in a sentence for people. */
    String description();

    /** Returns the options, in the order in which people should read them; none where there is nothing to choose. */
    List<Option> options();

    /**
     * Creates the part.
     *
     * @param values the options' values, checked one by one; what only shows when they are seen together is refused by
     *     {@link Options#refused}
     * @return an instance of {@link Kind#type}
     */
    Object create(Options values);

    /** The kinds of parts. */
    enum Kind {
        /** What may go wrong. */
        SIGNAL(FailureSignal.class, "signal"),
        /** How the exposure grows. */
        STRATEGY(RolloutStrategy.class, "rollout strategy"),
        /** A step back, after the traffic. */
        WAY_BACK(RollbackStrategy.class, "way back"),
        /** What must be open before a step back is taken. */
        GATE(Gate.class, "gate"),
        /** A channel by which people are told. */
        NOTIFIER(Notifier.class, "notifier");

        private final Class<?> type;
        private final String words;

        Kind(Class<?> type, String words) {
            this.type = type;
            this.words = words;
        }

        /** Returns the type that parts of this kind have. */
        public Class<?> type() {
            return type;
        }

        /** Returns the kind for people, for example {@code way back}. */
        @Override
        public String toString() {
            return words;
        }
    }

    /** The types of values, each with the forms in which it may be written. */
    enum Type {
        /** Text. Bounds are those of its length. */
        TEXT("text"),
        /** A whole number of up to 63 bits, as a number or as text. */
        WHOLE_NUMBER("a whole number"),
        /** A number, as a number or as text with a decimal point. */
        NUMBER("a number"),
        /** A {@link Duration}, or text: {@code 500ms}, {@code 30s}, {@code 10m}, {@code 1h}, {@code 2d}, {@code PT10M}. */
        DURATION("a duration"),
        /** An {@link Instant}, or text in ISO 8601 with its offset: {@code 2026-12-20T18:00:00Z}. Has no bounds. */
        INSTANT("a point in time"),
        /** A boolean, or one of the texts true, false, yes, no. */
        YES_NO("true or false"),
        /** 1 to 1000 numbers; also as text with commas between them. Bounds are those of each number. */
        LIST_OF_NUMBERS("a list of numbers"),
        /** 1 to 1000 texts. Bounds are those of each text's length. */
        LIST_OF_TEXTS("a list of texts"),
        /** An absolute URI. Only its scheme and host are ever shown, as the rest may be secret. */
        URI("an absolute URI"),
        /** Text that is never shown, or a {@link Supplier} that is asked for it at each use. Has no default value. */
        SECRET("a secret, which is never shown"),
        /** Up to 1000 of what a {@link #SECRET} may be, by name. The names are shown, the secrets never. Has no default value. */
        SECRETS_BY_NAME("names, each with a secret, which is never shown");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        boolean isSecret() {
            return this == SECRET || this == SECRETS_BY_NAME;
        }

        /** Returns the type for people, for example {@code a whole number}. */
        @Override
        public String toString() {
            return words;
        }
    }

    /**
     * The end of a range.
     *
     * @param value the end; in seconds for durations
     * @param inclusive whether the end itself is allowed
     */
    record Bound(double value, boolean inclusive) {

        /**
         * Checks.
         *
         * @throws IllegalArgumentException if the value is not a finite number
         */
        public Bound {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("bound " + value + " is not allowed: a finite number is");
            }
        }
    }

    /**
     * Describes one option. Immutable: each method that narrows it returns a new one.
     *
     * @param name lower-case letters, digits and hyphens, for example {@code least-calls}
     * @param type the type of the value
     * @param isRequired whether a value must be given
     * @param defaultValue the value where none is given, as text; null where there is none
     * @param least the lower end of what is allowed; null where there is none
     * @param most the upper end of what is allowed; null where there is none
     * @param choices the only texts that are allowed; empty where all are
     * @param pattern the regular expression that the text matches as a whole; null where there is none
     * @param rule what else must hold, in words; empty where nothing must
     * @param description what the option is, with its unit, in one sentence for people
     */
    record Option(
            String name,
            Type type,
            boolean isRequired,
            @Nullable String defaultValue,
            @Nullable Bound least,
            @Nullable Bound most,
            List<String> choices,
            @Nullable String pattern,
            String rule,
            String description) {

        static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");
        private static final Set<Type> WITHOUT_BOUNDS =
                Set.of(Type.YES_NO, Type.INSTANT, Type.URI, Type.SECRET, Type.SECRETS_BY_NAME);

        /**
         * Checks, and copies.
         *
         * @throws IllegalArgumentException if the parts contradict each other; whether the default value is allowed is
         *     checked by {@link PlanParts}
         */
        public Option {
            choices = List.copyOf(choices);
            String wrong = null;
            if (!NAME.matcher(name).matches()) {
                wrong =
                        "has a name that is not allowed: 1 to 63 lower-case letters, digits and hyphens are, a letter first";
            } else if (description.isBlank()) {
                wrong = "has no description";
            } else if ((least != null || most != null) && WITHOUT_BOUNDS.contains(type)) {
                wrong = "has bounds, which " + type.name() + " cannot have";
            } else if (least != null && most != null && least.value > most.value) {
                wrong = "has a least value above its largest";
            } else if ((pattern != null || !choices.isEmpty()) && type != Type.TEXT) {
                wrong = "has choices or a pattern, which " + type.name() + " cannot have";
            } else if (defaultValue != null && isRequired) {
                wrong = "is required and has a default value";
            } else if (defaultValue != null && (type.isSecret() || type == Type.LIST_OF_TEXTS)) {
                wrong = "has a default value, which " + type.name() + " cannot have";
            } else if (pattern != null && !isPattern(pattern)) {
                wrong = "has a pattern that is not a regular expression";
            }
            if (wrong != null) {
                throw new IllegalArgumentException("option '" + name + "' " + wrong);
            }
        }

        private static boolean isPattern(String pattern) {
            try {
                Pattern.compile(pattern);
                return true;
            } catch (PatternSyntaxException not) {
                return false;
            }
        }

        /** Describes an option that must be given. */
        public static Option required(String name, Type type, String description) {
            return new Option(name, type, true, null, null, null, List.of(), null, "", description);
        }

        /** Describes an option that need not be given, and has no value then. */
        public static Option optional(String name, Type type, String description) {
            return new Option(name, type, false, null, null, null, List.of(), null, "", description);
        }

        /** Describes an option with a value, as text, for where none is given. */
        public static Option withDefault(String name, Type type, String defaultValue, String description) {
            return new Option(name, type, false, defaultValue, null, null, List.of(), null, "", description);
        }

        /** Allows this value and larger ones. */
        public Option atLeast(double value) {
            return bounded(new Bound(value, true), most);
        }

        /** Allows this duration and longer ones. */
        public Option atLeast(Duration value) {
            return atLeast(seconds(value));
        }

        /** Allows larger values only. */
        public Option moreThan(double value) {
            return bounded(new Bound(value, false), most);
        }

        /** Allows this value and smaller ones. */
        public Option atMost(double value) {
            return bounded(least, new Bound(value, true));
        }

        /** Allows this duration and shorter ones. */
        public Option atMost(Duration value) {
            return atMost(seconds(value));
        }

        /** Allows smaller values only. */
        public Option lessThan(double value) {
            return bounded(least, new Bound(value, false));
        }

        /** Allows these texts only. */
        public Option oneOf(String... texts) {
            return new Option(
                    name, type, isRequired, defaultValue, least, most, List.of(texts), pattern, rule, description);
        }

        /** Allows texts only that match a regular expression as a whole; say in words what that means. */
        public Option matching(String regex, String inWords) {
            return new Option(name, type, isRequired, defaultValue, least, most, choices, regex, inWords, description);
        }

        /** Says in words what else must hold. */
        public Option where(String inWords) {
            return new Option(
                    name, type, isRequired, defaultValue, least, most, choices, pattern, inWords, description);
        }

        private Option bounded(@Nullable Bound from, @Nullable Bound to) {
            return new Option(name, type, isRequired, defaultValue, from, to, choices, pattern, rule, description);
        }

        private static double seconds(Duration value) {
            return value.getSeconds() + value.getNano() / 1e9;
        }

        /** Returns what is allowed, in words: type, range or choices, rule. */
        public String allowed() {
            return OptionReader.allowed(this);
        }

        /**
         * Reads a value, for readers of files that tell people of all mistakes at once.
         *
         * @param raw as people wrote it: text, a number, a boolean, a list, or what {@link Type} names; null where nothing
         *     is written
         * @return a {@code String}, {@code Long}, {@code Double}, {@code Duration}, {@code Instant}, {@code Boolean}, {@code
         *     double[]}, {@code List<String>}, {@code URI}, {@code Supplier<String>} or {@code Map<String,
         *     Supplier<String>>}, by the option's type
         * @throws Refused if the value is not allowed
         */
        public Object read(@Nullable Object raw) {
            return OptionReader.read("", this, raw);
        }
    }

    /** Says which option was refused, with which value (never a secret), and what is allowed. */
    final class Refused extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        private final String option;
        private final @Nullable String value;
        private final String allowed;

        Refused(String part, String option, @Nullable String value, String allowed) {
            super((part.isEmpty() ? "" : part + ": ") + "option " + option
                    + (value == null ? " has no value" : " has the value " + value + ", which is not allowed") + ": "
                    + allowed + (value == null ? " is needed" : " is"));
            this.option = option;
            this.value = value;
            this.allowed = allowed;
        }

        /** Returns the option's name. */
        public String option() {
            return option;
        }

        /** Returns the value as it may be shown; null where none was given. */
        public @Nullable String value() {
            return value;
        }

        /** Returns what would be allowed, in words. */
        public String allowed() {
            return allowed;
        }
    }

    /** The checked values of one part's options. Immutable; shows no secret. */
    final class Options {

        private final String part;
        private final Map<String, Option> declared;
        private final Map<String, Object> values;

        Options(String part, Map<String, Option> declared, Map<String, Object> values) {
            this.part = part;
            this.declared = declared;
            this.values = values;
        }

        /** Says whether an option has a value: one that was given, or its default. */
        public boolean has(String name) {
            option(name);
            return values.containsKey(name);
        }

        /** Returns the value of a {@link Type#TEXT}. */
        public String text(String name) {
            return value(name, Type.TEXT, String.class);
        }

        /** Returns the value of a {@link Type#WHOLE_NUMBER}. */
        public long wholeNumber(String name) {
            return value(name, Type.WHOLE_NUMBER, Long.class);
        }

        /** Returns the value of a {@link Type#NUMBER}. */
        public double number(String name) {
            return value(name, Type.NUMBER, Double.class);
        }

        /** Returns the value of a {@link Type#DURATION}. */
        public Duration duration(String name) {
            return value(name, Type.DURATION, Duration.class);
        }

        /** Returns the value of a {@link Type#INSTANT}. */
        public Instant instant(String name) {
            return value(name, Type.INSTANT, Instant.class);
        }

        /** Returns the value of a {@link Type#YES_NO}. */
        public boolean yesNo(String name) {
            return value(name, Type.YES_NO, Boolean.class);
        }

        /** Returns the value of a {@link Type#LIST_OF_NUMBERS}. */
        public double[] numbers(String name) {
            return value(name, Type.LIST_OF_NUMBERS, double[].class).clone();
        }

        /** Returns the value of a {@link Type#LIST_OF_TEXTS}. */
        public List<String> texts(String name) {
            List<?> values = value(name, Type.LIST_OF_TEXTS, List.class);
            return values.stream().map(String.class::cast).toList();
        }

        /** Returns the value of a {@link Type#URI}. */
        public URI uri(String name) {
            return value(name, Type.URI, URI.class);
        }

        /** Returns what is asked for a {@link Type#SECRET} at each use; it may return null or throw then. */
        @SuppressWarnings("unchecked")
        public Supplier<String> secret(String name) {
            return value(name, Type.SECRET, Supplier.class);
        }

        /** Returns what is asked at each use for the values of a {@link Type#SECRETS_BY_NAME}, sorted by name. */
        @SuppressWarnings("unchecked")
        public Map<String, Supplier<String>> secrets(String name) {
            Map<?, ?> values = value(name, Type.SECRETS_BY_NAME, Map.class);
            Map<String, Supplier<String>> secrets = new TreeMap<>();
            values.forEach((key, secret) -> secrets.put((String) key, (Supplier<String>) secret));
            return secrets;
        }

        /**
         * Returns the exception that refuses a value, to be thrown by {@link PlanPartProvider#create}: it names the part,
         * the option, the value (never a secret) and what is allowed.
         *
         * @param allowed what would be allowed, in words
         */
        public IllegalArgumentException refused(String name, String allowed) {
            Option option = option(name);
            Object value = values.get(name);
            return new Refused(part, name, value == null ? null : OptionReader.shown(option, value), allowed);
        }

        private <T> T value(String name, Type type, Class<T> as) {
            Option option = option(name);
            if (option.type() != type) {
                throw new IllegalStateException("option " + name + " of " + part + " is read as " + type.name()
                        + ", it is " + option.type().name());
            }
            Object value = values.get(name);
            if (value == null) {
                throw new IllegalStateException("option " + name + " of " + part
                        + " is read and has no value: ask has(\"" + name + "\") first");
            }
            return as.cast(value);
        }

        private Option option(String name) {
            Option option = declared.get(name);
            if (option == null) {
                throw new IllegalStateException(
                        "option " + name + " of " + part + " is not described: described are " + declared.keySet());
            }
            return option;
        }

        /** Shows the values without the secrets. */
        @Override
        public String toString() {
            Map<String, String> shown = new TreeMap<>();
            values.forEach((name, value) -> shown.put(name, OptionReader.shown(option(name), value)));
            return part + " " + shown;
        }
    }
}
