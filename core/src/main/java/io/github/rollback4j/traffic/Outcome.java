package io.github.rollback4j.traffic;

/** What came of one call. */
public enum Outcome {
    /** The call did what it should. */
    SUCCESS,
    /** The call failed, by an exception or by a result that counts as failure. */
    FAILURE,
    /** The caller gave the call up; neither a success nor a failure. */
    CANCELLED,
    /** The call says nothing about the release, for example because its input was invalid. */
    IGNORED
}
