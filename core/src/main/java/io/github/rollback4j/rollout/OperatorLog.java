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
            LOG.error("{}: NEEDS A HUMAN. All calls go to stable, but {}", id, needs.why());
        } else if (event instanceof RolloutEvent.StepAsked asked) {
            LOG.warn(
                    "{}: a person must do step {}: {}. Then acknowledge(\"{}\", by, note)",
                    id,
                    asked.step(),
                    asked.detail(),
                    asked.step());
        } else if (event instanceof RolloutEvent.StepFailed failed) {
            LOG.warn(
                    "{}: step {} failed by way {}, try {}: {}",
                    id,
                    failed.step(),
                    failed.way(),
                    failed.attempt(),
                    failed.error());
        } else if (event instanceof RolloutEvent.StepLookedUp lookedUp) {
            LOG.warn(
                    "{}: nobody saw how step {} ended, so way {} was looked up: {}, {}",
                    id,
                    lookedUp.step(),
                    lookedUp.way(),
                    lookedUp.found(),
                    lookedUp.detail());
        } else if (event instanceof RolloutEvent.GateClosed gate) {
            gateClosed(id, gate);
        } else if (event instanceof RolloutEvent.Verified verified) {
            verified(id, verified);
        } else if (event instanceof RolloutEvent.HandedOver over) {
            LOG.warn(
                    "{}: handed over by {}: {}. This process takes no further step back; start the rollout where it is to go on",
                    id,
                    over.by(),
                    over.reason());
        } else if (event instanceof RolloutEvent.Overridden overridden) {
            LOG.warn(
                    "{}: started by {} although its preflight has not passed ({}): {}",
                    id,
                    overridden.by(),
                    overridden.reason(),
                    overridden.failed());
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
        } else if (event instanceof RolloutEvent.Preflighted preflighted) {
            LOG.info(
                    "{}: the preflight {}: {}",
                    id,
                    preflighted.passed() ? "passed" : "did not pass",
                    preflighted.items());
        } else if (event instanceof RolloutEvent.NotNotified not) {
            if (isLastChannel(rollout, not)) {
                LOG.error(
                        "{}: NOBODY OF {} WAS TOLD ({}): no channel of theirs works, last {}: {}. Tell them",
                        id,
                        not.group(),
                        not.occasion(),
                        not.channel(),
                        not.error());
            } else {
                LOG.warn(
                        "{}: {} could not be told by {} ({}), the next channel is taken: {}",
                        id,
                        not.group(),
                        not.channel(),
                        not.occasion(),
                        not.error());
            }
        } else if (event instanceof RolloutEvent.Drafted drafted) {
            LOG.warn(
                    "{}: a message to {} waits for approval by {}. It stands in the status; to send it:"
                            + " approveMessage(\"{}\", by)",
                    id,
                    drafted.group(),
                    drafted.approver(),
                    drafted.deliveryId());
        } else if (event instanceof RolloutEvent.Escalated escalated) {
            LOG.warn("{}: {}, so that {} is told", id, escalated.why(), escalated.to());
        } else {
            LOG.info("{}: {} {}", id, event.type(), event.data());
        }
    }

    private static void gateClosed(String id, RolloutEvent.GateClosed gate) {
        switch (gate.verdict()) {
            case "wait" ->
                LOG.warn(
                        "{}: gate {} before step {} is not open yet, it is asked again every 5 s: {}",
                        id,
                        gate.gate(),
                        gate.step(),
                        gate.detail());
            case "ask" ->
                LOG.warn(
                        "{}: a person must open gate {} before step {}: {}. Then acknowledge(\"{}\", by, note)",
                        id,
                        gate.gate(),
                        gate.step(),
                        gate.detail(),
                        gate.gate());
            default ->
                LOG.warn(
                        "{}: gate {} before step {} says {}: {}",
                        id,
                        gate.gate(),
                        gate.step(),
                        gate.verdict(),
                        gate.detail());
        }
    }

    private static void verified(String id, RolloutEvent.Verified verified) {
        switch (verified.result()) {
            case "healthy" -> LOG.info("{}: stable is healthy again: {}", id, verified.detail());
            case "no-data" ->
                LOG.warn(
                        "{}: it is NOT known whether stable is healthy again, look yourself: {}",
                        id,
                        verified.detail());
            default -> LOG.warn("{}: stable was looked at, {}: {}", id, verified.result(), verified.detail());
        }
    }

    private static boolean isLastChannel(Rollout rollout, RolloutEvent.NotNotified not) {
        return rollout.plan().communication().groups().stream()
                .filter(group -> group.name().equals(not.group()))
                .map(group -> group.channels().get(group.channels().size() - 1))
                .anyMatch(last -> last.name().equals(not.channel()));
    }
}
