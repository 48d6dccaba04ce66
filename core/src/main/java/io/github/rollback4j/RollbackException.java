package io.github.rollback4j;

/** Says at run time what could not be done, and why. Wrong configuration is an {@link IllegalArgumentException} instead. */
public class RollbackException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Creates an exception with a message for people; it contains no secret. */
    public RollbackException(String message) {
        super(message);
    }

    /** Creates an exception with a message for people and a cause. */
    public RollbackException(String message, Throwable cause) {
        super(message, cause);
    }
}
