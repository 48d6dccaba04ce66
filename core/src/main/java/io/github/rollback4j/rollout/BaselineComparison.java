package io.github.rollback4j.rollout;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.evidence.StartMixture;
import io.github.rollback4j.rollout.Windows.Count;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.signal.ErrorRate;
import io.github.rollback4j.signal.FailureSignal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Holds the failures of a process that is the candidate against what stable did: before, and at the same time in other instances. A
 * one-sample e-process, see {@link Evidence#aboveMovingLimit}: no coin of ours divides the calls, so that it is outside R-1, and says
 * so. Under the rollout's lock.
 *
 * <p>What is tolerated at a time is {@code times * max(q, r) + by}: q the rate that 99 of 100 of stable's windows do not exceed, r the
 * highest of stable's rates in the slices of five seconds around it. So what stable does at the same time never adds an alarm to what q
 * alone would say; it takes away those of an outage that both have. To that end calls are weighed once stable has told of its own in all
 * of these slices.
 */
final class BaselineComparison implements FailureSignal.Weighing {

    /** What every finding says of itself. */
    static final String LABEL =
            "outside R-1: held against what stable did before or elsewhere, no coin divides the calls";

    private static final int MOST_FACTORS = 64;
    private static final int MOST_SAMPLES = 10_000;

    private record Sample(long slice, int bucket, long calls, long bad) {}

    private final ErrorRate signal;
    private final Evidence evidence = Evidence.aboveMovingLimit();
    private final StartMixture mixture = new StartMixture(evidence);
    private final Map<Double, Evidence.Factors> factors = new HashMap<>();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private StableView view = StableView.UNKNOWN;
    private double highRate = Double.NaN;
    private double logThreshold;
    private double log = Double.NEGATIVE_INFINITY;
    private long lastCalls;
    private long lastBad;
    private long calls;
    private long bad;
    private boolean isWeighed;
    private boolean isRegressed;

    BaselineComparison(ErrorRate signal, double rate) {
        this.signal = signal;
        this.logThreshold = -Math.log(rate);
    }

    /** Takes in how many calls the process has had, and how many of them were bad. */
    void take(long slice, int bucket, DeployedCalls of) {
        long moreCalls = of.calls() - lastCalls;
        long moreBad = of.bad() - lastBad;
        if (moreCalls == 0 && moreBad == 0) {
            return;
        }
        lastCalls = of.calls();
        lastBad = of.bad();
        if (samples.size() >= MOST_SAMPLES) {
            samples.removeFirst();
        }
        samples.addLast(new Sample(slice, bucket, moreCalls, moreBad));
    }

    /** Takes in what is known of stable. */
    void compareWith(StableView stable) {
        view = stable;
        highRate = stable.windows().highRate();
    }

    @Override
    public boolean weigh(long nowNanos) {
        while (!samples.isEmpty() && isToldOf(samples.getFirst())) {
            add(samples.removeFirst());
        }
        if (isWeighed) {
            double now = mixture.logEvidence();
            log = Math.max(log, now);
            isRegressed = bad >= signal.leastFailures() && now >= logThreshold;
        }
        return isRegressed;
    }

    /** Says whether all is known that calls are held against. */
    private boolean isToldOf(Sample sample) {
        return view.isRead() && (!view.isConcurrent() || sample.slice + 2 <= view.toldUntil());
    }

    private void add(Sample sample) {
        double limit = limit(sample.slice);
        if (!(limit > 0 && limit <= Evidence.HIGHEST_LIMIT)) {
            // Nothing is known to hold it against, or nothing would be worse.
            return;
        }
        Count count = Count.of(sample.calls, sample.bad);
        mixture.advanceTo(Math.max(mixture.bucket(), sample.bucket));
        mixture.add(factorsAbove(limit), 0, 0, count.calls(), count.bad());
        calls += count.calls();
        bad += count.bad();
        isWeighed = true;
    }

    private Evidence.Factors factorsAbove(double limit) {
        if (factors.size() > MOST_FACTORS) {
            factors.clear();
        }
        return factors.computeIfAbsent(limit, evidence::factorsAbove);
    }

    /** Returns which rate is tolerated around a slice, or NaN where nothing is known of stable. */
    private double limit(long slice) {
        double beside = Double.isNaN(highRate) ? view.rateBesideAlone(slice) : view.rateBeside(slice);
        // Where stable has no calls at that time, what it did before is all there is.
        double rate = Double.isNaN(beside) ? highRate : Double.isNaN(highRate) ? beside : Math.max(highRate, beside);
        return signal.margin().ratio() * rate + signal.margin().difference();
    }

    @Override
    public void weighAgainst(double rate) {
        logThreshold = -Math.log(rate);
    }

    @Override
    public double log10Evidence() {
        return Double.isInfinite(log) ? 0 : log / Math.log(10);
    }

    @Override
    public Assessment assessment() {
        Verdict verdict = isRegressed ? Verdict.REGRESSED : isWeighed ? Verdict.INCONCLUSIVE : Verdict.NO_DATA;
        double needed = logThreshold / Math.log(10);
        String why = String.format(
                Locale.ROOT,
                "the candidate failed %,d of %,d calls, %s times stable's rate plus %s is tolerated; %s; evidence 10^%.2f of"
                        + " 10^%.2f needed; %s",
                bad,
                calls,
                signal.margin().ratio(),
                signal.margin().difference(),
                view.words(),
                log10Evidence(),
                needed,
                LABEL);
        return new Assessment(signal.name(), verdict, log10Evidence(), needed, why);
    }
}
