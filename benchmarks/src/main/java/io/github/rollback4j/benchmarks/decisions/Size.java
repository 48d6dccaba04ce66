package io.github.rollback4j.benchmarks.decisions;

/**
 * How much is simulated.
 *
 * @param mostRollouts of a kind, however many are usual
 */
record Size(boolean isShort, int mostRollouts) {

    int rollouts(int ofShort, int usual) {
        return Math.min(mostRollouts, isShort ? ofShort : usual);
    }

    long calls(long ofShort, long usual) {
        return isShort ? ofShort : usual;
    }
}
