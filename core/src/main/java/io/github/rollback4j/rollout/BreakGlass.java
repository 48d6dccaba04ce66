package io.github.rollback4j.rollout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the controls with which a person always wins: they come from the API, a watched file, a system property and an
 * environment variable, and hold as long as any source says so.
 *
 * <p>A source is a list of words, separated by white space or commas: {@code all-to-stable}, {@code automation-off}, each
 * for all components or, as {@code all-to-stable:checkout}, for one. In the file, what follows a {@code #} is a comment.
 */
final class BreakGlass {

    static final String PROPERTY = "rollback4j.control";
    static final String VARIABLE = "ROLLBACK4J_CONTROL";
    static final String FILE_PROPERTY = "rollback4j.control-file";
    static final String FILE_VARIABLE = "ROLLBACK4J_CONTROL_FILE";
    static final String ENABLED_PROPERTY = "rollback4j.enabled";
    static final String ENABLED_VARIABLE = "ROLLBACK4J_ENABLED";
    static final String ALL_TO_STABLE = "all-to-stable";
    static final String AUTOMATION_OFF = "automation-off";

    private static final Logger LOG = LoggerFactory.getLogger(BreakGlass.class);
    private static final Pattern SEPARATOR = Pattern.compile("[\\s,]+");
    private static final long LARGEST_FILE = 64 * 1024;

    /**
     * What the controls say for one component.
     *
     * @param source where they come from, for people
     */
    record Setting(boolean allToStable, boolean automationOff, String source) {
        static final Setting NONE = new Setting(false, false, "nobody");
    }

    private final Map<String, String> environment;
    private final Set<String> fromApi = ConcurrentHashMap.newKeySet();
    private final @Nullable Path file;
    private final Set<String> fromEnvironment;
    private volatile Set<String> fromFile = Set.of();
    private volatile String lastProperty = "";
    private volatile Set<String> fromProperty = Set.of();

    BreakGlass(Map<String, String> environment, @Nullable Path file) {
        this.environment = environment;
        String named = System.getProperty(FILE_PROPERTY, environment.getOrDefault(FILE_VARIABLE, ""));
        this.file = file != null ? file : named.isBlank() ? null : Path.of(named);
        this.fromEnvironment = words("environment variable " + VARIABLE, environment.getOrDefault(VARIABLE, ""));
    }

    boolean watchesFile() {
        return file != null;
    }

    void set(String word) {
        fromApi.add(word);
    }

    void lift(@Nullable String component) {
        fromApi.removeIf(word -> component == null || word.endsWith(":" + component));
    }

    /** Reads the file; what cannot be read leaves the last content in force. May block. */
    @Nullable
    Void readFile() throws IOException {
        if (file == null) {
            return null;
        }
        try {
            if (Files.size(file) > LARGEST_FILE) {
                LOG.error("The control file {} is larger than {} bytes and is not read", file, LARGEST_FILE);
                return null;
            }
            String text = Files.readString(file).replaceAll("#[^\\n]*", " ");
            Set<String> words = text.isBlank() ? Set.of() : words("control file " + file, text);
            fromFile = words;
        } catch (NoSuchFileException none) {
            fromFile = Set.of();
        }
        return null;
    }

    /** Returns what holds for a component now. Reads memory only. */
    Setting setting(String component) {
        String property = property();
        if (!property.equals(lastProperty)) {
            fromProperty = words("system property " + PROPERTY, property);
            lastProperty = property;
        }
        boolean disabled = isDisabled();
        if (!disabled
                && fromApi.isEmpty()
                && fromFile.isEmpty()
                && fromProperty.isEmpty()
                && fromEnvironment.isEmpty()) {
            return Setting.NONE;
        }
        return new Setting(
                disabled || any(ALL_TO_STABLE, component),
                disabled || any(AUTOMATION_OFF, component),
                disabled ? ENABLED_PROPERTY + "=false" : source(component));
    }

    private boolean isDisabled() {
        String enabled = System.getProperty(ENABLED_PROPERTY);
        return "false".equalsIgnoreCase(enabled == null ? environment.get(ENABLED_VARIABLE) : enabled);
    }

    private static String property() {
        String property = System.getProperty(PROPERTY);
        return property == null ? "" : property;
    }

    private boolean any(String word, String component) {
        return says(fromApi, word, component)
                || says(fromFile, word, component)
                || says(fromProperty, word, component)
                || says(fromEnvironment, word, component);
    }

    private static boolean says(Set<String> words, String word, String component) {
        return words.contains(word) || words.contains(word + ":" + component);
    }

    private static boolean saysAny(Set<String> words, String component) {
        return says(words, ALL_TO_STABLE, component) || says(words, AUTOMATION_OFF, component);
    }

    private String source(String component) {
        if (saysAny(fromApi, component)) {
            return "API";
        }
        if (saysAny(fromFile, component)) {
            return "file " + file;
        }
        if (saysAny(fromProperty, component)) {
            return "system property " + PROPERTY;
        }
        return saysAny(fromEnvironment, component) ? "environment variable " + VARIABLE : "nobody";
    }

    private static Set<String> words(String source, String text) {
        Set<String> words = new HashSet<>();
        for (String part : SEPARATOR.splitAsStream(text).toList()) {
            String word = part.toLowerCase(Locale.ROOT);
            String control = word.replaceFirst(":.*", "");
            if (control.equals(ALL_TO_STABLE) || control.equals(AUTOMATION_OFF)) {
                // A component's name keeps its case.
                words.add(control + part.substring(control.length()));
            } else if (!word.isEmpty()) {
                LOG.error(
                        "The {} says '{}', which is not understood and has no effect: '{}' and '{}' are allowed, with"
                                + " ':component' behind or not",
                        source,
                        part,
                        ALL_TO_STABLE,
                        AUTOMATION_OFF);
            }
        }
        return Set.copyOf(words);
    }
}
