package io.github.rollback4j.planfile;

import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.planfile.PlanFileException.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with one file. For one thread. */
final class Problems {

    private static final int MOST = 100;
    private static final int LONGEST_SHOWN = 100;

    private final String file;
    private final List<Problem> found = new ArrayList<>();
    private int furtherOnes;
    private @Nullable Throwable cause;

    Problems(String file) {
        this.file = clipped(file);
    }

    String file() {
        return file;
    }

    void add(int line, int column, String path, String message) {
        if (found.size() < MOST) {
            found.add(new Problem(file, line, column, path, message));
        } else {
            furtherOnes++;
        }
    }

    void add(Node at, String path, String message) {
        add(at.line(), at.column(), path, message);
    }

    void notAllowed(Node node, String path, String allowed) {
        add(node, path, node.shown() + " is not allowed: " + allowed + " is");
    }

    void unknownKey(Node.Entry entry, String path, String key, List<String> known) {
        String nearest = PlanParts.nearest(key, known);
        // Without the value: it may be a secret under a name that is misspelt.
        add(
                entry.line(),
                entry.column(),
                below(path, key),
                "is unknown" + (nearest == null ? "" : ", '" + nearest + "' is the nearest") + ": "
                        + (known.isEmpty() ? "none" : String.join(", ", known))
                        + (known.size() < 2 ? " is allowed here" : " are allowed here"));
    }

    /** Returns the entries of a mapping, and notes keys that are there twice. */
    Map<String, Node.Entry> entries(Node.Mapping mapping, String path) {
        mapping.repeated()
                .forEach((key, again) -> add(
                        again.line(),
                        again.column(),
                        below(path, key),
                        "is there twice, before in line " + again.firstLine() + ": each key once is allowed"));
        return mapping.entries();
    }

    /**
     * Returns the entries of a mapping, as {@link #entries(Node.Mapping, String)}. Keys of values that were never in a file are taken
     * for the known name with the same letters and digits: environment variables have neither hyphens nor two cases.
     */
    Map<String, Node.Entry> entries(Node.Mapping mapping, String path, Collection<String> known) {
        Map<String, Node.Entry> entries = entries(mapping, path);
        if (mapping.line() > 0 || known.containsAll(entries.keySet())) {
            return entries;
        }
        Map<String, Node.Entry> named = new LinkedHashMap<>();
        entries.forEach((key, entry) -> named.put(
                known.stream()
                        .filter(name -> lettersAndDigits(name).equals(lettersAndDigits(key)))
                        .findFirst()
                        .filter(name -> !entries.containsKey(name))
                        .orElse(key),
                entry));
        return named;
    }

    private static String lettersAndDigits(String name) {
        return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    /** Returns the path of a key. */
    static String below(String path, String key) {
        return path.isEmpty() ? clipped(key) : path + "." + clipped(key);
    }

    /** Keeps the first exception that contains no secret, for whoever looks for its stack trace. */
    void causedBy(@Nullable Throwable thrown) {
        cause = cause == null ? thrown : cause;
    }

    boolean none() {
        return found.isEmpty();
    }

    int count() {
        return found.size() + furtherOnes;
    }

    /** Returns the exception that says it all. */
    PlanFileException exception() {
        found.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
        return new PlanFileException(file, found, furtherOnes, cause);
    }

    /** Returns the exception for what makes the rest of the file unreadable. */
    PlanFileException only(int line, int column, String message) {
        found.clear();
        furtherOnes = 0;
        add(line, column, "", message);
        return exception();
    }

    /** Returns a text without line breaks and other control characters, shortened. */
    static String clipped(String text) {
        // Cut before and after: a text of a megabyte is not worth a look at each of its characters.
        String start = text.length() > 2 * LONGEST_SHOWN ? text.substring(0, 2 * LONGEST_SHOWN) : text;
        String line = oneLine(start);
        if (line.length() <= LONGEST_SHOWN) {
            return line;
        }
        boolean splits = Character.isHighSurrogate(line.charAt(LONGEST_SHOWN - 1));
        return line.substring(0, splits ? LONGEST_SHOWN - 1 : LONGEST_SHOWN) + "…";
    }

    /** Returns a text without line breaks and other control characters. */
    static String oneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}\u2028\u2029]", " ");
    }
}
