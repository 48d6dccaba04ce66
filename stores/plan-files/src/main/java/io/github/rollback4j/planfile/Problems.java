package io.github.rollback4j.planfile;

import io.github.rollback4j.planfile.PlanFileException.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
