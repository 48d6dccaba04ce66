package io.github.rollback4j.plan;

import io.github.rollback4j.plan.PlanPartProvider.Kind;
import io.github.rollback4j.plan.PlanPartProvider.Option;
import io.github.rollback4j.plan.PlanPartProvider.Options;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Knows the parts that plans in files can name, and creates them. Immutable and thread-safe.
 *
 * {@snippet file="io/github/rollback4j/plan/PlanPartsTest.java" region="create"}
 *
 * <p>Whatever is wrong is an {@link IllegalArgumentException} that names the part, the option, its value (never a secret),
 * and what is allowed.
 */
public final class PlanParts {

    private record Part(PlanPartProvider provider, Map<String, Option> options) {}

    private final Map<Kind, SortedMap<String, Part>> parts = new EnumMap<>(Kind.class);

    private PlanParts(Collection<? extends PlanPartProvider> providers) {
        for (Kind kind : Kind.values()) {
            parts.put(kind, new TreeMap<>());
        }
        providers.forEach(this::add);
    }

    /**
     * Returns the parts of the core, and those that {@link ServiceLoader} finds by the thread's context class loader.
     *
     * @throws IllegalArgumentException if a provider cannot be loaded or contradicts itself, or two have the same kind and
     *     name
     */
    public static PlanParts load() {
        List<PlanPartProvider> providers = new ArrayList<>(CoreParts.ALL);
        try {
            ServiceLoader.load(PlanPartProvider.class).forEach(providers::add);
        } catch (ServiceConfigurationError | LinkageError broken) {
            throw new IllegalArgumentException(
                    "a provider of plan parts that META-INF/services names cannot be loaded: " + broken.getMessage(),
                    broken);
        }
        return of(providers);
    }

    /**
     * Returns these parts and no others.
     *
     * @throws IllegalArgumentException if a provider contradicts itself, or two have the same kind and name
     */
    public static PlanParts of(Collection<? extends PlanPartProvider> providers) {
        return new PlanParts(providers);
    }

    /**
     * Returns these parts and more, for example the beans of an application.
     *
     * @throws IllegalArgumentException if a provider contradicts itself, or two have the same kind and name
     */
    public PlanParts with(Collection<? extends PlanPartProvider> more) {
        List<PlanPartProvider> providers = new ArrayList<>();
        parts.values().forEach(named -> named.values().forEach(part -> providers.add(part.provider)));
        providers.addAll(more);
        return of(providers);
    }

    private void add(PlanPartProvider provider) {
        String type = provider.getClass().getName();
        Kind kind;
        String name;
        Map<String, Option> options = new LinkedHashMap<>();
        try {
            kind = provider.kind();
            name = provider.name();
            if (!Option.NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("name '" + OptionReader.clipped(name)
                        + "' is not allowed: 1 to 63 lower-case letters, digits and hyphens are, a letter first");
            }
            if (provider.description().isBlank()) {
                throw new IllegalArgumentException(kind + " " + name + " has no description");
            }
            for (Option option : provider.options()) {
                if (options.put(option.name(), option) != null) {
                    throw new IllegalArgumentException(
                            kind + " " + name + " describes option " + option.name() + " twice");
                }
                if (option.defaultValue() != null) {
                    OptionReader.read(kind + " " + name + ", default value", option, option.defaultValue());
                }
            }
        } catch (RuntimeException | LinkageError broken) {
            throw new IllegalArgumentException(
                    "the provider of plan parts " + type + " cannot be used: " + message(broken), broken);
        }
        Part before = named(kind).putIfAbsent(name, new Part(provider, Collections.unmodifiableMap(options)));
        if (before != null) {
            throw new IllegalArgumentException(kind + " " + name + " is provided twice, by "
                    + before.provider.getClass().getName() + " and " + type
                    + ": each name once in its kind is allowed");
        }
    }

    /** Returns the names of the parts of a kind, sorted. */
    public List<String> names(Kind kind) {
        return List.copyOf(named(kind).keySet());
    }

    /**
     * Returns the provider of a part, for its description and its options.
     *
     * @throws IllegalArgumentException if there is none; it lists those that there are
     */
    public PlanPartProvider provider(Kind kind, String name) {
        return part(kind, name).provider;
    }

    /**
     * Creates a part.
     *
     * @param type a type of {@link Kind#type}, for example {@link io.github.rollback4j.signal.FailureSignal}
     * @param name the part's name
     * @param rawValues the options' values by name, as people wrote them: text, numbers, booleans, lists, or the types
     *     that {@link PlanPartProvider.Type} names
     * @throws IllegalArgumentException if the part or an option is unknown, an option is missing, a value is not allowed,
     *     or the provider fails
     */
    public <T> T create(Class<T> type, String name, Map<String, ? extends @Nullable Object> rawValues) {
        Kind kind = Arrays.stream(Kind.values())
                .filter(each -> each.type() == type)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("parts of type " + type.getName()
                        + " do not exist: allowed are "
                        + Arrays.stream(Kind.values())
                                .map(each -> each.type().getName())
                                .toList()));
        Part part = part(kind, name);
        String words = kind + " " + name;
        Options values = new Options(words, part.options, values(words, part.options, rawValues));
        Object created;
        try {
            created = part.provider.create(values);
        } catch (PlanPartProvider.Refused refused) {
            throw refused;
        } catch (RuntimeException | LinkageError failed) {
            throw failed(words, part.options, values, rawValues, failed);
        }
        if (!type.isInstance(created)) {
            throw new IllegalArgumentException(words + " cannot be created: its provider "
                    + part.provider.getClass().getName() + " returned "
                    + (created == null ? "nothing" : "a " + created.getClass().getName()) + ", a " + type.getName()
                    + " is needed");
        }
        return type.cast(created);
    }

    private static Map<String, Object> values(
            String words, Map<String, Option> options, Map<String, ? extends @Nullable Object> rawValues) {
        for (String given : rawValues.keySet()) {
            if (!options.containsKey(given)) {
                // Without the value: it may be a secret under a name that is misspelt.
                throw new IllegalArgumentException(words + ": option '" + OptionReader.clipped(given) + "' is unknown"
                        + didYouMean(given, options.keySet())
                        + (options.isEmpty() ? "; it has no options" : "; its options are " + list(options.keySet())));
            }
        }
        Map<String, Object> values = new TreeMap<>();
        for (Option option : options.values()) {
            if (rawValues.containsKey(option.name())) {
                values.put(option.name(), OptionReader.read(words, option, rawValues.get(option.name())));
            } else if (option.defaultValue() != null) {
                values.put(option.name(), OptionReader.read(words, option, option.defaultValue()));
            } else if (option.isRequired()) {
                throw new PlanPartProvider.Refused(words, option.name(), null, option.allowed());
            }
        }
        return values;
    }

    /** Says why a provider failed, without the secrets that its exception may quote. */
    private static IllegalArgumentException failed(
            String words,
            Map<String, Option> options,
            Options values,
            Map<String, ? extends @Nullable Object> rawValues,
            Throwable failed) {
        String message = message(failed);
        boolean hasSecret = false;
        for (Option option : options.values()) {
            Object raw = rawValues.get(option.name());
            if (raw != null && (option.type().isSecret() || option.type() == PlanPartProvider.Type.URI)) {
                hasSecret = true;
                message = without(option, raw, message);
            }
        }
        // With a secret goes the cause: its stack trace would quote what was struck out of the message.
        return new IllegalArgumentException(
                words + " cannot be created from " + values + ": " + message, hasSecret ? null : failed);
    }

    private static String without(Option option, Object raw, String message) {
        Collection<?> secrets = raw instanceof Map<?, ?> named ? named.values() : List.of(raw);
        String without = message;
        for (Object secret : secrets) {
            String text = String.valueOf(secret).strip();
            if (!text.isEmpty()) {
                without = without.replace(text, OptionReader.shown(option, secret));
            }
        }
        return without;
    }

    private static String message(Throwable thrown) {
        String message = thrown.getMessage();
        return thrown instanceof IllegalArgumentException && message != null
                ? message
                : thrown.getClass().getName() + (message == null ? "" : ": " + message);
    }

    private Part part(Kind kind, String name) {
        Part part = named(kind).get(name);
        if (part == null) {
            throw new IllegalArgumentException(kind + " '" + OptionReader.clipped(name) + "' is unknown"
                    + didYouMean(name, named(kind).keySet())
                    + (named(kind).isEmpty()
                            ? "; there is none"
                            : "; known are " + list(named(kind).keySet())));
        }
        return part;
    }

    private SortedMap<String, Part> named(Kind kind) {
        SortedMap<String, Part> named = parts.get(kind);
        if (named == null) {
            throw new IllegalArgumentException("kind " + kind + " is not allowed: " + parts.keySet() + " are");
        }
        return named;
    }

    private static String list(Collection<String> names) {
        return String.join(", ", names);
    }

    private static String didYouMean(String given, Collection<String> known) {
        String nearest = nearest(given, known);
        return nearest == null ? "" : ", '" + nearest + "' is the nearest";
    }

    /**
     * Returns the known name that somebody probably meant who wrote another, or null where none is near. Upper case and
     * underscores do not count.
     */
    public static @Nullable String nearest(String given, Collection<String> known) {
        String nearest = null;
        int least = Integer.MAX_VALUE;
        for (String each : known) {
            int distance = distance(given.toLowerCase(Locale.ROOT).replace('_', '-'), each);
            if (distance < least) {
                least = distance;
                nearest = each;
            }
        }
        return nearest == null || least > Math.max(2, nearest.length() / 3) ? null : nearest;
    }

    /** Counts the letters to insert, leave out or replace (Levenshtein), of what is not too long to be a slip. */
    private static int distance(String a, String b) {
        if (a.length() > 2 * b.length() + 2) {
            return Integer.MAX_VALUE;
        }
        int[] before = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(before[j], row[j - 1]));
            }
            before = row;
        }
        return before[b.length()];
    }
}
