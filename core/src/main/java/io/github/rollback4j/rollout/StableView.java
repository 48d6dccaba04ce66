package io.github.rollback4j.rollout;

import java.util.Locale;

/**
 * What a process that is the candidate knows of stable at one time. Does not change once it is made.
 *
 * @param isRead whether the store has answered at all
 * @param serving how many instances of stable are known to serve, by the store; those that refuse traffic do not
 * @param slices stable's calls of the last minutes, by slice, of all instances that were heard of lately
 * @param windows stable's windows of five minutes: those that it left behind, and those of instances that serve
 * @param heardAtNanos when an instance that serves was heard of last, by the ticker; where none is, when it was read
 * @param toldUntil the slice in which the last of these instances has told of its calls: those before it are whole
 */
record StableView(boolean isRead, int serving, Windows slices, Windows windows, long heardAtNanos, long toldUntil) {

    /** Nothing is known. */
    static final StableView UNKNOWN = new StableView(false, 0, new Windows(), new Windows(), 0, 0);

    /** Returns what is left of it where the store can no longer be asked: what stable did before. */
    StableView withoutOthers() {
        return new StableView(isRead, 0, new Windows(), windows, heardAtNanos, 0);
    }

    /** Says whether stable serves at the same time, so that its calls are waited for. */
    boolean isConcurrent() {
        return serving > 0 && slices.size() > 0;
    }

    /**
     * Returns the highest of stable's rates in a slice and those beside it, since the clocks of instances differ a little, and an outage
     * may begin in the middle of one; NaN where it has no calls there.
     */
    double rateBeside(long slice) {
        return slices.highest(slice - 1, slice + 1);
    }

    /**
     * Returns the same where there is nothing else to go by: no less than a rate of which so few calls as there are can tell, the three
     * failures more that none of them may have shown by chance (the rule of three); NaN where there are too few calls.
     */
    double rateBesideAlone(long slice) {
        Windows.Count count = slices.between(slice - 1, slice + 1);
        return count.calls() < Windows.ENOUGH_CALLS
                ? Double.NaN
                : Math.max(rateBeside(slice), (count.bad() + 3.0) / count.calls());
    }

    /** Says for people what there is to hold the candidate against. */
    String words() {
        int rates = windows.rates().size();
        double high = windows.highRate();
        String baseline = Double.isNaN(high)
                ? "stable's baseline has " + rates + " windows with enough calls, " + Windows.LEAST + " are needed"
                : String.format(
                        Locale.ROOT,
                        "in 99 of 100 of stable's windows, of %,d, at most %.3g %% failed",
                        rates,
                        100 * high);
        return baseline
                + (isConcurrent()
                        ? ", and " + serving + (serving == 1 ? " instance of it serves" : " instances of it serve")
                                + " at the same time"
                        : ", and no instance of it is known to serve at the same time");
    }
}
