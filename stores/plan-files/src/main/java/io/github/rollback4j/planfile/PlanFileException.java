package io.github.rollback4j.planfile;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with a plan's file: all that is, as far as one mistake does not hide another. Contains no secret.
 *
 * <p>The message is the problem, or, where there are several, their number and then one a line.
 */
public final class PlanFileException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    /**
     * One mistake.
     *
     * @param file the file's name, as it was given
     * @param line where it is, from 1; 0 in values that were never in a file
     * @param column where it is, from 1, in characters; 0 in values that were never in a file
     * @param path where it is in the plan, for example {@code steps[1].deadline}; empty for the whole file
     * @param message what is wrong, and what is allowed, in one line
     */
    public record Problem(String file, int line, int column, String path, String message) implements Serializable {

        private static final long serialVersionUID = 1;

        /** Returns the problem in one line, for example {@code plan.yml:12:15: steps[1].deadline: has no value: …}. */
        @Override
        public String toString() {
            return file + ":" + (line == 0 ? "" : line + ":" + column + ":") + " " + (path.isEmpty() ? "" : path + ": ")
                    + message;
        }
    }

    private final ArrayList<Problem> problems;

    PlanFileException(String file, List<Problem> problems, int furtherOnes, @Nullable Throwable cause) {
        super(message(file, problems, furtherOnes), cause);
        this.problems = new ArrayList<>(problems);
    }

    private static String message(String file, List<Problem> problems, int furtherOnes) {
        if (problems.size() == 1 && furtherOnes == 0) {
            return problems.get(0).toString();
        }
        return problems.stream()
                .map(problem -> System.lineSeparator() + "  " + problem)
                .collect(Collectors.joining(
                        "",
                        file + " has " + (problems.size() + furtherOnes) + " problems:",
                        furtherOnes == 0 ? "" : System.lineSeparator() + "  and " + furtherOnes + " more"));
    }

    /** Returns the problems in the order of the file: at least one, at most 100. */
    public List<Problem> problems() {
        return Collections.unmodifiableList(problems);
    }
}
