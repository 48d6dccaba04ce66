package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.samples.checkout.Course;
import io.github.rollback4j.signal.Assessment;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.traffic.Tally;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How far a rollout is, as it is shown.
 *
 * @param elapsed since it began
 * @param share of the customers that get the candidate, 0 to 1
 * @param stable what came of its calls
 * @param candidate what came of its calls
 * @param log10Evidence against the candidate
 * @param log10Threshold where the candidate is taken back
 * @param verdict of the evidence
 */
record Progress(
        Duration elapsed,
        double share,
        Served stable,
        Served candidate,
        double log10Evidence,
        double log10Threshold,
        Verdict verdict) {

    /** What came of a release's calls. */
    record Served(String release, long calls, long failures) {}

    static Progress of(Course course, Rollout.Status status) {
        Tally.Totals totals = status.totals();
        Assessment errors = status.assessments().get(0);
        return new Progress(
                status.elapsed(),
                status.share(),
                new Served(
                        course.stable(),
                        totals.stableCalls() + totals.stableApart(),
                        totals.stableFailures() + totals.stableApartFailures()),
                new Served(
                        course.candidate(),
                        totals.candidateCalls() + totals.candidateApart(),
                        totals.candidateFailures() + totals.candidateApartFailures()),
                errors.log10Evidence(),
                errors.log10Threshold(),
                errors.verdict());
    }

    /** Writes it in one line. */
    String line() {
        return String.format(
                Locale.ROOT,
                "%7s %6s   %s %s   %s %s   %s %s",
                Text.seconds(elapsed),
                Text.percent(share),
                stable.release,
                counts(stable),
                candidate.release,
                counts(candidate),
                evidence(),
                verdict);
    }

    /** Draws it in lines that replace each other. */
    List<String> lines(Ink ink) {
        return List.of(
                row(ink, "stable", stable),
                row(ink, "candidate", candidate) + "   " + Text.percent(share) + " of the customers",
                "  evidence " + colour(ink, ink.bar(log10Evidence / log10Threshold)) + " " + evidence(),
                "  verdict  " + colour(ink, String.format("%-36s", verdict)) + " after " + Text.seconds(elapsed));
    }

    private static String row(Ink ink, String role, Served served) {
        String rate =
                served.calls == 0 ? "" : String.format(Locale.ROOT, "%.2f %%", 100.0 * served.failures / served.calls);
        return String.format("  %-9s %s %s %9s", role, ink.bold(served.release), counts(served), rate);
    }

    private static String counts(Served served) {
        return String.format(Locale.ROOT, "%,7d calls %,5d failed", served.calls, served.failures);
    }

    private String evidence() {
        return String.format(Locale.ROOT, "10^%5.2f of 10^%.2f", log10Evidence, log10Threshold);
    }

    private String colour(Ink ink, String text) {
        return switch (verdict) {
            case REGRESSED -> ink.red(text);
            case NOT_WORSE -> ink.green(text);
            case INCONCLUSIVE, NO_DATA -> log10Evidence > log10Threshold / 2 ? ink.yellow(text) : text;
        };
    }
}
