package io.github.rollback4j.plan;

import io.github.rollback4j.strategy.Check;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A channel by which people are told what happens to a rollout: a log, a webhook, a chat, a pager.
 *
 * <p>Implementations are thread-safe. Both methods run on the library's executor, never in the way of a rollback, and are
 * interrupted at their deadline (30 seconds). A message that fails is tried again under the same delivery id, then the group's
 * next channel is taken.
 */
public interface Notifier {

    /** Returns the name, unique within a plan: lower-case letters, digits and hyphens. */
    String name();

    /** Returns where the messages go in one line, for the plan's readers and its hash; contains no secret. */
    String description();

    /** Looks whether messages could be sent now, without sending one. */
    Check.Result check() throws Exception;

    /**
     * Sends a message. May be called again with the same {@link Message#deliveryId()}: where the target can tell, it shows it
     * once.
     *
     * @throws Exception if it was not sent, or nobody knows whether it was
     */
    void send(Message message) throws Exception;

    /**
     * What people are told. Plain text, parts of which come from outside: the notifier escapes it for its target.
     *
     * @param deliveryId the same at each try of one message to one group
     * @param rolloutId the rollout; what belongs together has the same
     * @param group who is told: the name of the group in the plan
     * @param occasion what is told
     * @param severity how bad it is
     * @param subject one line
     * @param text a few lines
     * @param at when it was written
     * @param nextUpdate when the next message comes at the latest; null where none is promised
     * @param asksAcknowledgement whether somebody is to say that they have read it
     */
    record Message(
            String deliveryId,
            String rolloutId,
            String group,
            Communication.Occasion occasion,
            Communication.Severity severity,
            String subject,
            String text,
            Instant at,
            @Nullable Instant nextUpdate,
            boolean asksAcknowledgement) {}
}
