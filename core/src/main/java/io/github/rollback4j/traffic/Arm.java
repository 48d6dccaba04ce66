package io.github.rollback4j.traffic;

/** One of the two sides of a rollout. */
public enum Arm {
    /** The release that served before the rollout and serves again after a rollback. */
    STABLE,
    /** The release that is being tried. */
    CANDIDATE
}
