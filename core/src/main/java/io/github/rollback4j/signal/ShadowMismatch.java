package io.github.rollback4j.signal;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.signal.Assessment.Verdict;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * How often the candidate's result differs from stable's for the same call, where the candidate runs beside stable (shadow).
 * A candidate that fails where stable does not is a mismatch; where stable fails nothing is compared.
 *
 * <p>The limit is absolute: there is no coin, hence it is outside the plan's false-rollback rate. It reads REGRESSED when the
 * evidence that more than the limit differ reaches that of 1 in 1,000, for which two mismatches never suffice. That takes calls to differ
 * independently: where one key makes most of the calls, its mismatches are many for one cause.
 *
 * <p>Results are compared on a thread of the library, after the host has had its own: compare what nobody changes then.
 * Immutable and thread-safe.
 */
public final class ShadowMismatch implements FailureSignal {

    static final ShadowMismatch WITH_DEFAULTS = new ShadowMismatch(.001, "equal", Objects::equals);

    private static final double FALSE_ALARM_RATE = .001;
    private static final double HIGHEST_LIMIT = .5;

    private final double limit;
    private final String how;
    private final BiPredicate<@Nullable Object, @Nullable Object> equivalence;

    private ShadowMismatch(double limit, String how, BiPredicate<@Nullable Object, @Nullable Object> equivalence) {
        this.limit = limit;
        this.how = how;
        this.equivalence = equivalence;
    }

    /**
     * Tolerates this part of the results to differ. Default 0.001.
     *
     * @param part more than 0 and at most 0.5; see {@link Signals#percentagePoints}
     * @throws IllegalArgumentException if the part is outside its range
     */
    public ShadowMismatch notAbove(double part) {
        if (!(part > 0 && part <= HIGHEST_LIMIT)) {
            throw new IllegalArgumentException(
                    "shadow-mismatch tolerates a part of " + part + ": more than 0 and at most 0.5 is allowed");
        }
        return new ShadowMismatch(part, how, equivalence);
    }

    /**
     * Says which results are the same; default {@link Objects#equals}. One that throws says that they differ.
     *
     * @param name of the comparison, for the plan's hash and its readers
     * @param isSame given stable's result, then the candidate's
     */
    public ShadowMismatch comparing(String name, BiPredicate<@Nullable Object, @Nullable Object> isSame) {
        return new ShadowMismatch(limit, name, Objects.requireNonNull(isSame, "isSame"));
    }

    @Override
    public String name() {
        return "shadow-mismatch";
    }

    /** Returns which part of the results may differ. */
    public double limit() {
        return limit;
    }

    @Override
    public String description() {
        return "shadow-mismatch: not above " + limit + ", compared by " + how;
    }

    /** Says whether a result of the candidate is as good as stable's. Runs the host's code. */
    public boolean isSame(@Nullable Object stable, @Nullable Object candidate) {
        try {
            return equivalence.test(stable, candidate);
        } catch (Throwable thrown) {
            return false;
        }
    }

    /** Starts to weigh what is compared. */
    public Watch watch() {
        return new Watch();
    }

    /** What the signal makes of one rollout. For one thread at a time. */
    public final class Watch {
        private final Evidence evidence = Evidence.aboveLimit(limit);
        private final StartMixture mixture = new StartMixture(evidence);
        // Stable has no part in it, so that any weight will do.
        private final Evidence.Factors factors = evidence.factors(.5);
        private long compared;
        private long mismatches;
        private double log = Double.NEGATIVE_INFINITY;

        private Watch() {}

        /**
         * Takes in how many results were compared so far, and how many of them differed.
         *
         * @param bucket of the rollout's time, growing
         */
        public void take(int bucket, long comparedSoFar, long mismatchesSoFar) {
            long more = comparedSoFar - compared;
            long bad = Math.min(more, mismatchesSoFar - mismatches);
            if (more > 0) {
                mixture.advanceTo(bucket);
                mixture.add(factors, 0, 0, more, Math.max(0, bad));
                log = Math.max(log, mixture.logEvidence());
                compared = comparedSoFar;
                mismatches = mismatchesSoFar;
            }
        }

        /** Says what was found. */
        public Assessment assessment() {
            double threshold = -Math.log(FALSE_ALARM_RATE);
            Verdict verdict =
                    compared == 0 ? Verdict.NO_DATA : log >= threshold ? Verdict.REGRESSED : Verdict.INCONCLUSIVE;
            double log10 = Double.isInfinite(log) ? 0 : log / Math.log(10);
            return new Assessment(
                    name(),
                    verdict,
                    log10,
                    threshold / Math.log(10),
                    String.format(
                            Locale.ROOT,
                            "%,d of %,d results differed, %s %% are tolerated; evidence 10^%.2f of 10^%.2f needed",
                            mismatches,
                            compared,
                            100 * limit,
                            log10,
                            threshold / Math.log(10)));
        }
    }
}
