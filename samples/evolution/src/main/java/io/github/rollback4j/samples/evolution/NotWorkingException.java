package io.github.rollback4j.samples.evolution;

import java.sql.SQLException;
import java.util.List;

/** A release does not work with the database that it has. */
public final class NotWorkingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // A list of texts as List.copyOf makes it, which can be written.
    private final List<String> failures;

    NotWorkingException(List<String> failures) {
        super(String.join("; ", failures));
        this.failures = List.copyOf(failures);
    }

    /** Returns what a database says, in a line that is the same each time. */
    static String shown(SQLException refused) {
        String line = String.valueOf(refused.getMessage()).lines().findFirst().orElse("");
        return "SQLSTATE " + refused.getSQLState() + ", "
                + line.replaceFirst("^(ERROR: |\\(conn=\\d+\\) )", "").replaceFirst("`test\\d+`\\.", "");
    }

    /** Returns what does not work, and how it shows. */
    public List<String> failures() {
        return failures;
    }
}
