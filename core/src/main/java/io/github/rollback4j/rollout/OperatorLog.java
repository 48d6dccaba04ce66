package io.github.rollback4j.rollout;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what happens as lines that an operator can act on. */
final class OperatorLog implements RolloutListener {

    private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);

    @Override
    public void onEvent(Rollout rollout, RolloutEvent event) {
        String id = rollout.id();
        if (event instanceof RolloutEvent.Decided decided) {
            if (decided.acted()) {
                LOG.warn("{}: ROLLING BACK, all calls go to stable now. {}: {}", id, decided.signal(), decided.why());
            } else {
                LOG.warn(
                        "{}: would roll back (mode {}); the exposure grows no further. To roll back: approve(by). {}: {}",
                        id,
                        decided.mode(),
                        decided.signal(),
                        decided.why());
            }
        } else if (event instanceof RolloutEvent.Overdue overdue) {
            LOG.warn("{}: the longest time is over: {}. Then: {}", id, overdue.why(), overdue.then());
        } else if (event instanceof RolloutEvent.RatioMismatch mismatch) {
            LOG.warn("{}: sample ratio mismatch, the exposure is held: {}", id, mismatch.why());
        } else if (event instanceof RolloutEvent.NeedsHuman needs) {
            LOG.error(
                    "{}: NEEDS A HUMAN. All calls go to stable, but {}. Do the step by hand, then acknowledge(step, by,"
                            + " note)",
                    id,
                    needs.why());
        } else if (event instanceof RolloutEvent.StepAsked asked) {
            LOG.warn(
                    "{}: a person must do step {}: {}. Then acknowledge(\"{}\", by, note)",
                    id,
                    asked.step(),
                    asked.detail(),
                    asked.step());
        } else if (event instanceof RolloutEvent.StepFailed failed) {
            LOG.warn("{}: step {} failed, try {}: {}", id, failed.step(), failed.attempt(), failed.error());
        } else if (event instanceof RolloutEvent.NotStarted not) {
            LOG.warn(
                    "{}: not started, all calls go to stable{}: {}",
                    id,
                    rollout.lifecycle().isUnread() ? "" : "; tried again in 5 s",
                    not.reasons());
        } else if (event instanceof RolloutEvent.Controlled controlled) {
            LOG.warn(
                    "{}: break-glass control (source: {}) {} {}: all to stable {}, automation off {}",
                    id,
                    controlled.source(),
                    controlled.by(),
                    controlled.reason(),
                    controlled.allToStable(),
                    controlled.automationOff());
        } else if (event instanceof RolloutEvent.Planned || event instanceof RolloutEvent.EvidenceKept) {
            // What they hold is for a report, and long.
            LOG.info("{}: {}", id, event.type());
        } else {
            LOG.info("{}: {} {}", id, event.type(), event.data());
        }
    }
}
