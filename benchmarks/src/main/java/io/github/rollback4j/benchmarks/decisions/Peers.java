package io.github.rollback4j.benchmarks.decisions;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleFunction;

/**
 * What other tools do, written from their public documentation with its default constants. They are models of the rules,
 * not the tools.
 */
final class Peers {

    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;

    private Peers() {}

    /** Returns all of them by name, each made for a weight. */
    static Map<String, DoubleFunction<Judge>> all() {
        Map<String, DoubleFunction<Judge>> peers = new LinkedHashMap<>();
        peers.put("Gaussian sequential (GrowthBook)", weight -> new GaussianSequential());
        peers.put("Dirichlet multinomial (Lindon and Malek)", DirichletMultinomial::new);
        peers.put("z-test, read each second", weight -> new RepeatedZTest());
        peers.put("Mann-Whitney (Kayenta)", weight -> new RatesByMinute());
        peers.put("threshold 99 %, 1 min, 5 (Flagger)", weight -> new Threshold(.99, MINUTE, 5));
        peers.put("threshold 95 %, 5 min, 4 (Argo Rollouts)", weight -> new Threshold(.95, 5 * MINUTE, 4));
        peers.put("circuit breaker (Resilience4j)", weight -> new Breaker());
        return peers;
    }

    /** Counts calls and failures by release. */
    private abstract static class Counting implements Judge {

        long stableCalls;
        long stableBad;
        long candidateCalls;
        long candidateBad;

        @Override
        public void outcome(boolean candidate, boolean failed) {
            if (candidate) {
                candidateCalls++;
                candidateBad += failed ? 1 : 0;
            } else {
                stableCalls++;
                stableBad += failed ? 1 : 0;
            }
        }
    }

    /**
     * Looks at the candidate's success rate once in an interval. Flagger's documentation ("How it works"): success rate of
     * 99 % over an interval of one minute, threshold of 5 failed checks. Argo Rollouts' ("Analysis"): success condition of
     * 95 %, interval of 5 minutes, failure limit of 3.
     */
    private static final class Threshold extends Counting {

        private final double leastSuccess;
        private final long intervalNanos;
        private final int mostFailedChecks;
        private long nextLook;
        private int failedChecks;

        Threshold(double leastSuccess, long intervalNanos, int mostFailedChecks) {
            this.leastSuccess = leastSuccess;
            this.intervalNanos = intervalNanos;
            this.mostFailedChecks = mostFailedChecks;
            this.nextLook = intervalNanos;
        }

        @Override
        public boolean isAgainst(long nowNanos) {
            if (nowNanos >= nextLook) {
                nextLook += intervalNanos;
                if (candidateCalls > 0 && candidateCalls - candidateBad < leastSuccess * candidateCalls) {
                    failedChecks++;
                }
                candidateCalls = 0;
                candidateBad = 0;
            }
            return failedChecks >= mostFailedChecks;
        }
    }

    /** Compares the rates each second with a one-sided two-sample z-test at 1 %, from 100 candidate calls on. */
    private static final class RepeatedZTest extends Counting {

        private static final double ONE_PERCENT = 2.326_348;
        private long nextLook = SECOND;

        @Override
        public boolean isAgainst(long nowNanos) {
            if (nowNanos < nextLook || candidateCalls < 100 || stableCalls < 100) {
                return false;
            }
            nextLook = nowNanos + SECOND;
            double pooled = (double) (stableBad + candidateBad) / (stableCalls + candidateCalls);
            double error = Math.sqrt(pooled * (1 - pooled) * (1.0 / stableCalls + 1.0 / candidateCalls));
            double difference = (double) candidateBad / candidateCalls - (double) stableBad / stableCalls;
            return error > 0 && difference / error > ONE_PERCENT;
        }
    }

    /**
     * The asymptotic confidence sequence of GrowthBook's documentation ("Sequential testing"), with its tuning parameter of
     * 5,000, read each second, one-sided at 1 %, from 25 failures of the candidate and stable together on.
     */
    private static final class GaussianSequential extends Counting {

        private static final double TUNING = 5_000;
        private static final double TWO_SIDED = .02;
        private long nextLook = SECOND;

        @Override
        public boolean isAgainst(long nowNanos) {
            if (nowNanos < nextLook || candidateCalls < 2 || stableCalls < 2 || stableBad + candidateBad < 25) {
                return false;
            }
            nextLook = nowNanos + SECOND;
            double n = stableCalls + candidateCalls;
            double stableRate = (double) stableBad / stableCalls;
            double candidateRate = (double) candidateBad / candidateCalls;
            double variance =
                    stableRate * (1 - stableRate) / stableCalls + candidateRate * (1 - candidateRate) / candidateCalls;
            double rhoSquared = (-2 * Math.log(TWO_SIDED) + Math.log(-2 * Math.log(TWO_SIDED) + 1)) / TUNING;
            double spread = n * rhoSquared + 1;
            double halfWidth = Math.sqrt(
                    variance * n * 2 * spread / (n * n * rhoSquared) * Math.log(Math.sqrt(spread) / TWO_SIDED));
            return candidateRate - stableRate > halfWidth;
        }
    }

    /**
     * The sequential multinomial test of Lindon and Malek (NeurIPS 2022) on which release the failures fell, against the
     * shares of the weight, with a Dirichlet prior of concentration 100 around them. It is two-sided; only more failures
     * than the candidate's share count here.
     */
    private static final class DirichletMultinomial extends Counting {

        private static final double CONCENTRATION = 100;
        private static final double LOG_THRESHOLD = Math.log(100);
        private final double weight;
        private double log;

        DirichletMultinomial(double weight) {
            this.weight = weight;
        }

        @Override
        public void outcome(boolean candidate, boolean failed) {
            if (failed) {
                double share = candidate ? weight : 1 - weight;
                long before = candidate ? candidateBad : stableBad;
                long all = candidateBad + stableBad;
                log += Math.log((CONCENTRATION * share + before) / (CONCENTRATION + all)) - Math.log(share);
            }
            super.outcome(candidate, failed);
        }

        @Override
        public boolean isAgainst(long nowNanos) {
            return log >= LOG_THRESHOLD && candidateBad > weight * (candidateBad + stableBad);
        }
    }

    /** Judges error rates by minute. */
    private static final class RatesByMinute implements Judge {

        private final MannWhitney judge = new MannWhitney();

        @Override
        public void outcome(boolean candidate, boolean failed) {
            judge.add(candidate, failed ? 1 : 0);
        }

        @Override
        public boolean isAgainst(long nowNanos) {
            return judge.isAgainst(nowNanos);
        }
    }

    /** A Resilience4j circuit breaker around the candidate with its defaults; open means taken back. */
    private static final class Breaker implements Judge {

        private final CircuitBreaker breaker = CircuitBreaker.of("candidate", CircuitBreakerConfig.ofDefaults());
        private final Exception failure = new Exception("failed");

        @Override
        public void outcome(boolean candidate, boolean failed) {
            if (!candidate || !breaker.tryAcquirePermission()) {
                return;
            }
            if (failed) {
                breaker.onError(1, TimeUnit.MILLISECONDS, failure);
            } else {
                breaker.onSuccess(1, TimeUnit.MILLISECONDS);
            }
        }

        @Override
        public boolean isAgainst(long nowNanos) {
            return breaker.getState() == CircuitBreaker.State.OPEN;
        }
    }
}
