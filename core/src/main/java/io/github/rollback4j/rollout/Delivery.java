package io.github.rollback4j.rollout;

import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Communication.Severity;
import io.github.rollback4j.plan.Notifier;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One message to one group, from its occasion until it is sent, and acknowledged where that is asked. Under the rollout's lock. */
final class Delivery {

    static final long NEVER = Long.MIN_VALUE;

    /** In the id of a message that comes from no other: rollout, group, occasion, count. */
    private static final int SLASHES = 3;

    /** The same over restarts: by it a message is recognised that is sent twice. */
    final String id;

    final Communication.Group group;
    final Occasion occasion;

    /** The step, the gate or the message that a person is asked for; empty for other occasions. */
    final String about;

    /** Why it comes from another group; empty where it does not. */
    final String escalation;

    final Instant happenedAt;

    /** When it is to be sent, by the rollout's elapsed time in nanoseconds. */
    final long dueNanos;

    String subject = "";
    String text = "";

    /** What is sent; null before the first try. */
    Notifier.@Nullable Message message;

    boolean isDrafted;
    boolean isApproved;
    boolean isInFlight;
    boolean isTold;

    /** Whether no channel is left. */
    boolean isFailed;

    /** Whether nobody needs it any more, while it is being sent. */
    boolean isSettled;

    boolean isEscalated;
    int channel;
    int tries;
    long notBeforeNanos = NEVER;
    long readyNanos = NEVER;
    long toldNanos = NEVER;

    Delivery(
            String id,
            Communication.Group group,
            Occasion occasion,
            String about,
            String escalation,
            Instant happenedAt,
            long dueNanos) {
        this.id = id;
        this.group = group;
        this.occasion = occasion;
        this.about = about;
        this.escalation = escalation;
        this.happenedAt = happenedAt;
        this.dueNanos = dueNanos;
    }

    /** What is not critical wakes nobody, so that nobody is asked to say that they have read it. */
    boolean asksAcknowledgement() {
        return group.acknowledgeWithin() != null && occasion.severity() == Severity.CRITICAL;
    }

    boolean awaitsApproval() {
        return isDrafted && !isApproved;
    }

    boolean awaitsAcknowledgement() {
        return asksAcknowledgement() && (isTold || isFailed || tries > 0);
    }

    /** Says whether this message, one that it came from, or one that came from it, has the id. */
    boolean isOfOneChain(String other) {
        boolean isAnId = other.chars().filter(letter -> letter == '/').count() >= SLASHES;
        return id.equals(other) || (isAnId && (id.startsWith(other + "/") || other.startsWith(id + "/")));
    }

    /** Begins with the next channel. */
    void takeChannel(int next) {
        channel = next;
        tries = 0;
        notBeforeNanos = NEVER;
        readyNanos = NEVER;
    }
}
