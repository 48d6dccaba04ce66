package io.github.rollback4j.plan;

import io.github.rollback4j.strategy.Check;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A channel by which people are told what happens to a rollout: a log, a webhook, a chat, a pager.
 *
 * <p>Implementations are thread-safe. Both methods run on the library's executor, never in the way of a rollback, and are
 * interrupted at their deadline (30 seconds). A message that fails is tried again under the same delivery id, then the group's
 * next channel is taken.
 */
public interface Notifier {

    /** Returns the name, unique within a group: lower-case letters, digits and hyphens. */
    String name();

    /** Returns where the messages go in one line, for the plan's readers and its hash; contains no secret. */
    String description();

    /** Looks whether messages could be sent now, without sending one. */
    Check.Result check() throws Exception;

    /**
     * Sends a message. May be called again with the same {@link Message#deliveryId()}: where the target can tell, it shows it
     * once.
     *
     * @throws NotSentException if it was not sent, and the target said when it can be tried again
     * @throws Exception if it was not sent, or nobody knows whether it was; its message is journalled and contains no secret
     */
    void send(Message message) throws Exception;

    /**
     * What people are told, the same at each try. Plain text, parts of which come from outside: the notifier escapes it for its target.
     *
     * @param deliveryId the same at each try of one message to one group
     * @param rolloutId the rollout; what belongs together has the same
     * @param group who is told: the name of the group in the plan
     * @param occasion what is told
     * @param severity how bad it is
     * @param subject one line
     * @param text a few lines
     * @param at when it was sent first
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

    /** Says that a message was not sent, and perhaps when it can be tried again. */
    final class NotSentException extends IOException {
        private static final long serialVersionUID = 1;

        private final @Nullable Duration retryAfter;

        /**
         * Creates the exception.
         *
         * @param message for people; contains no secret
         * @param retryAfter how long the target asks to wait; null where it does not ask
         */
        public NotSentException(String message, @Nullable Duration retryAfter) {
            super(message);
            this.retryAfter = retryAfter;
        }

        /** Returns how long the target asks to wait; null where it does not ask. */
        public @Nullable Duration retryAfter() {
            return retryAfter;
        }
    }

    /**
     * Writes messages into the log, each in one line, by a logger of its own: {@code
     * io.github.rollback4j.plan.Notifier.<name>}. Information is written at level INFO, a warning at WARN, what is critical at
     * ERROR. Line breaks, control characters and characters that change the direction of text become spaces or slashes.
     *
     * @param name 1 to 63 lower-case letters, digits and hyphens, no hyphen first
     * @throws IllegalArgumentException if the name is not allowed
     */
    static Notifier log(String name) {
        return new LogNotifier(name);
    }

    /**
     * Posts messages as signed JSON documents, with the headers and the signature of {@link
     * io.github.rollback4j.strategy.SignedPost}; the header {@code Idempotency-Key} is the delivery id. Sent is any answer from
     * 200 to 299. A {@code Retry-After} is honoured.
     *
     * <p>The body, in UTF-8, with times in ISO 8601 and {@code nextUpdate} null where none is promised; fields may be added later:
     *
     * <pre>{@code
     * {"event":"message","deliveryId":"…","rollout":"…","group":"on-call","occasion":"rollback","severity":"critical",
     *  "subject":"…","text":"…","time":"2026-01-31T12:00:00Z","nextUpdate":"2026-01-31T12:05:00Z",
     *  "asksAcknowledgement":true}
     * }</pre>
     *
     * <p>Its check reads the secret and sends an {@code OPTIONS} request, unsigned, that any HTTP answer within 5 seconds
     * satisfies.
     *
     * @param name 1 to 63 lower-case letters, digits and hyphens, no hyphen first
     * @param url {@code https}, or {@code http} to 127.0.0.1, localhost or [::1]; without user and fragment; a secret, of which
     *     only scheme and host are ever shown
     * @param signingSecret asked at each use, so that a secret can be changed; empty or {@code null} is a failure
     * @throws IllegalArgumentException if the name or the URL is not allowed
     */
    static Notifier webhook(String name, URI url, Supplier<String> signingSecret) {
        return new WebhookNotifier(name, url, signingSecret, InstantSource.system());
    }
}
