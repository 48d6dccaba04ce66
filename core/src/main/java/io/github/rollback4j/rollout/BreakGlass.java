package io.github.rollback4j.rollout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

    /** White space, commas, and what editors put before the first word (a byte order mark, read well or badly). */
    private static final Pattern SEPARATOR = Pattern.compile("[\\s,\\uFEFF\\uFFFD]+");

    private static final int LARGEST_FILE = 64 * 1024;

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
    private final Consumer<String> complaints;
    private String lastText = "";
    private volatile Set<String> fromFile = Set.of();
    private volatile String lastProperty = "";
    private volatile Set<String> fromProperty = Set.of();

    /**
     * Reads the environment variable.
     *
     * @param file what to watch; null for what property or variable name
     * @param complaints told what was not understood; must not wait
     * @throws IllegalArgumentException if property or variable name a file by what is no path
     */
    BreakGlass(Map<String, String> environment, @Nullable Path file, Consumer<String> complaints) {
        this.environment = environment;
        this.complaints = complaints;
        this.file = file != null ? file : named(environment);
        this.fromEnvironment = words("environment variable " + VARIABLE, environment.getOrDefault(VARIABLE, ""));
    }

    private static @Nullable Path named(Map<String, String> environment) {
        String property = System.getProperty(FILE_PROPERTY);
        String name = property != null ? property : environment.getOrDefault(FILE_VARIABLE, "");
        try {
            return name.isBlank() ? null : Path.of(name);
        } catch (InvalidPathException odd) {
            throw new IllegalArgumentException(
                    (property != null ? FILE_PROPERTY : FILE_VARIABLE) + " '" + name
                            + "' is not allowed: the path of a file is, or nothing",
                    odd);
        }
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

    /**
     * Reads the file; what cannot be read leaves the last content in force. May block.
     *
     * @throws IOException if it is there and cannot be read, or is too large
     */
    @Nullable
    Void readFile() throws IOException {
        if (file == null) {
            return null;
        }
        String text;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw new IOException("the control file " + file + " is larger than " + LARGEST_FILE + " bytes");
            }
            // Of UTF-16, too, remain the letters: a person in a hurry uses what editor there is.
            text = new String(bytes, StandardCharsets.UTF_8).replace("\0", "");
        } catch (NoSuchFileException none) {
            text = "";
        }
        if (!text.equals(lastText)) {
            fromFile = words("control file " + file, text.replaceAll("#[^\\n]*", " "));
            lastText = text;
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

    private Set<String> words(String source, String text) {
        Set<String> words = new HashSet<>();
        for (String part : SEPARATOR.splitAsStream(text).toList()) {
            String word = part.toLowerCase(Locale.ROOT);
            String control = word.replaceFirst(":.*", "");
            if (control.equals(ALL_TO_STABLE) || control.equals(AUTOMATION_OFF)) {
                // A component's name keeps its case.
                words.add(control + part.substring(control.length()));
            } else if (!word.isEmpty()) {
                complaints.accept("The " + source + " says '" + part
                        + "', which is not understood and has no effect: '" + ALL_TO_STABLE + "' and '" + AUTOMATION_OFF
                        + "' are allowed, with ':component' behind or not");
            }
        }
        return Set.copyOf(words);
    }
}
