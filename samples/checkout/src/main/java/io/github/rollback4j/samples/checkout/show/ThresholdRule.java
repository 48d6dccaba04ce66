package io.github.rollback4j.samples.checkout.show;

import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A rule that looks at the candidate's success rate once in an interval, and takes the candidate back when it has been too
 * low often enough.
 *
 * @param name whose rule it is
 * @param leastSuccess the lowest success rate in an interval that is accepted, 0 to 1
 * @param interval between two looks; each looks at the time since the one before
 * @param failedChecks after how many looks that fail the candidate is taken back
 */
record ThresholdRule(String name, double leastSuccess, Duration interval, int failedChecks) {

    /** As in "Metrics Analysis" and "How it works" of Flagger's documentation. */
    static final ThresholdRule FLAGGER = new ThresholdRule("Flagger", 0.99, Duration.ofMinutes(1), 5);

    /** As in "Analysis and Progressive Delivery" of Argo Rollouts' documentation: the fourth exceeds failureLimit 3. */
    static final ThresholdRule ARGO = new ThresholdRule("Argo Rollouts", 0.95, Duration.ofMinutes(5), 4);

    /** How long a rule is given. */
    static final Duration LONGEST = Duration.ofMinutes(30);

    /**
     * What the rule would have cost.
     *
     * @param reaction when it takes the candidate back; null where it does not within {@link #LONGEST}
     * @param failedCalls because of the candidate until then
     * @param customers who saw an error because of the candidate until then
     * @param success rate of the candidate until then, 0 to 1
     */
    record Cost(@Nullable Duration reaction, long failedCalls, long customers, double success) {}

    /** Computes what the rule costs on these calls, which are in order. */
    Cost costOn(Stream<CandidateCall> calls) {
        Set<Integer> customers = new HashSet<>();
        long hits = 0;
        long all = 0;
        long failed = 0;
        long allSinceLook = 0;
        long failedSinceLook = 0;
        int failedLooks = 0;
        Duration look = interval;
        for (Iterator<CandidateCall> rest = calls.iterator(); rest.hasNext(); ) {
            CandidateCall call = rest.next();
            for (; call.at().compareTo(look) >= 0; look = look.plus(interval)) {
                if (allSinceLook > 0 && allSinceLook - failedSinceLook < leastSuccess * allSinceLook) {
                    failedLooks++;
                }
                boolean reacts = failedLooks == failedChecks;
                if (reacts || look.compareTo(LONGEST) >= 0) {
                    return new Cost(reacts ? look : null, hits, customers.size(), 1 - (double) failed / all);
                }
                allSinceLook = 0;
                failedSinceLook = 0;
            }
            all++;
            allSinceLook++;
            if (call.failed()) {
                failed++;
                failedSinceLook++;
            }
            if (call.hitByDefect()) {
                hits++;
                customers.add(call.customer());
            }
        }
        return new Cost(null, hits, customers.size(), 1 - (double) failed / all);
    }
}
