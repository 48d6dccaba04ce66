package io.github.rollback4j.report;

import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.RollbackPlan;

/**
 * Writes what people have in hand before a rollout and while it runs, all of it from the plan: the runbook for the night, the
 * criteria that a Product Owner signs, and what the preflight found. The pages contain no secret. Stateless.
 *
 * <pre>{@code
 * Files.writeString(Path.of("runbook.md"), Runbook.of(plan).markdown());
 * }</pre>
 */
public final class Runbook {

    private Runbook() {}

    /**
     * Writes the plan's runbook: how to take the candidate back at once, what is watched and when it fires, who acts, the steps
     * back with their gates and how each is done by hand, and whom to tell.
     */
    public static Document of(RollbackPlan plan) {
        return new RunbookPage(plan).document();
    }

    /**
     * Writes the rollback criteria on one page, in plain language, to be signed by who owns them. Where the plan states its
     * traffic, also how many calls fail before a worse release is noticed, which takes up to some seconds to work out, see
     * {@link Forecast}.
     */
    public static Document criteriaSheet(RollbackPlan plan) {
        return new CriteriaSheet(plan).document();
    }

    /** Writes what was looked at before the start, what failed first. */
    public static Document preflight(RollbackPlan plan, Preflight preflight) {
        return PreflightPage.of(plan, preflight);
    }
}
