package io.github.rollback4j.signal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;

/**
 * What one signal says at one time, and why. Immutable.
 *
 * @param signal the signal's name
 * @param verdict what it says
 * @param log10Evidence the weighed e-value as a power of ten, for signals that weigh evidence; NaN for others
 * @param log10Threshold where evidence reads REGRESSED, as a power of ten; NaN for others
 * @param why one sentence for people
 * @param details what the sentence is drawn from, as far as there is any
 */
public record Assessment(
        String signal, Verdict verdict, double log10Evidence, double log10Threshold, String why, Details details) {

    /** What a signal says of the candidate. "Cannot tell" is never "healthy" and never "broken". */
    public enum Verdict {
        /** The candidate is worse than is tolerated. */
        REGRESSED,
        /** The candidate was shown not to be worse than is tolerated. */
        NOT_WORSE,
        /** There are data, and they show neither. */
        INCONCLUSIVE,
        /** There is nothing to judge by. */
        NO_DATA
    }

    /**
     * What was counted under one share, of calls with a key or without.
     *
     * @param share of the calls that the candidate got
     * @param keyed whether the calls had keys
     */
    public record Counts(
            double share, boolean keyed, long stableCalls, long stableBad, long candidateCalls, long candidateBad) {}

    /**
     * What a sentence is drawn from.
     *
     * @param counts by share, in the order of the steps
     * @param tolerated what would be no regression, in words
     * @param highestExcess how much higher the candidate's rate is at most than stable's in the current step (with a chance
     *     of 95 % that this bound is never wrong); 1 where nothing is shown, NaN where it is not asked
     * @param outlook what more data would settle it, in words
     */
    public record Details(List<Counts> counts, String tolerated, double highestExcess, String outlook) {

        /** Nothing. */
        public static final Details NONE = new Details(List.of(), "", Double.NaN, "");

        /** Copies the list. */
        public Details {
            counts = List.copyOf(counts);
        }
    }

    /** An assessment that is drawn from nothing more. */
    public Assessment(String signal, Verdict verdict, double log10Evidence, double log10Threshold, String why) {
        this(signal, verdict, log10Evidence, log10Threshold, why, Details.NONE);
    }

    /** Returns an assessment without evidence. */
    public static Assessment of(String signal, Verdict verdict, String why) {
        return new Assessment(signal, verdict, Double.NaN, Double.NaN, why);
    }

    /** Explains the verdict in one paragraph, for people who have not studied statistics. */
    public String explain() {
        StringBuilder text =
                new StringBuilder(signal).append(": ").append(meaning()).append(' ');
        if (details.counts.isEmpty() && !why.isEmpty()) {
            text.append(why.substring(0, 1).toUpperCase(Locale.ROOT)).append(sentence(why.substring(1)));
        }
        for (Counts counts : details.counts) {
            text.append(String.format(
                    Locale.ROOT,
                    "At a share of %s %%, of calls %s a key, stable failed %,d of %,d%s and the candidate %,d of %,d%s. ",
                    number(100 * counts.share),
                    counts.keyed ? "with" : "without",
                    counts.stableBad,
                    counts.stableCalls,
                    rate(counts.stableBad, counts.stableCalls),
                    counts.candidateBad,
                    counts.candidateCalls,
                    rate(counts.candidateBad, counts.candidateCalls)));
        }
        if (!details.tolerated.isEmpty()) {
            text.append("Tolerated is ").append(sentence(details.tolerated));
        }
        if (log10Evidence > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "Were the candidate no worse than that, a difference as clear as this would ever show in at most 1 of %s"
                            + " rollouts; it is acted upon at 1 of %s. ",
                    number(Math.pow(10, log10Evidence)),
                    number(Math.pow(10, log10Threshold))));
        } else if (verdict != Verdict.NO_DATA && !Double.isNaN(log10Evidence)) {
            text.append("So far nothing speaks for a regression. ");
        }
        if (details.highestExcess < 1) {
            text.append(String.format(
                    Locale.ROOT,
                    "In this step the candidate fails at most %s percentage points more often than stable (95 %% sure). ",
                    number(100 * details.highestExcess)));
        }
        return text.append(details.outlook).toString().strip();
    }

    private String meaning() {
        return switch (verdict) {
            case REGRESSED -> "the candidate is worse than is tolerated.";
            case NOT_WORSE -> "the candidate is not worse than is tolerated.";
            case INCONCLUSIVE -> "it cannot be told yet whether the candidate is worse.";
            case NO_DATA -> "there is nothing to judge by.";
        };
    }

    private static String sentence(String text) {
        return text + (text.endsWith(".") ? " " : ". ");
    }

    private static String rate(long bad, long calls) {
        return calls == 0 ? "" : " (" + number(100.0 * bad / calls) + " %)";
    }

    /** Writes a number with up to three significant digits. */
    private static String number(double value) {
        if (value >= 1e6) {
            return String.format(Locale.ROOT, "10^%.0f", Math.log10(value));
        }
        return value < 100
                ? new BigDecimal(value)
                        .round(new MathContext(3))
                        .stripTrailingZeros()
                        .toPlainString()
                : String.format(Locale.ROOT, "%,.0f", value);
    }
}
