package io.github.rollback4j.plan;

/** Who acts when a signal reads REGRESSED. */
public enum Mode {
    /** Nobody: what would have been done is journalled and logged, and the exposure grows no further. */
    OBSERVE,
    /** A person, who approves what the library recommends; until then the exposure grows no further. */
    RECOMMEND,
    /** The library. */
    ACT
}
