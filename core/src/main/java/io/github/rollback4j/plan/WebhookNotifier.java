package io.github.rollback4j.plan;

import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.SignedPost;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Posts messages as signed documents. */
final class WebhookNotifier implements Notifier {

    /** Less than the deadline by which it would be interrupted, so that what it says is its own. */
    private static final Duration LONGEST = Duration.ofSeconds(25);

    private final String name;
    private final SignedPost post;
    private final InstantSource clock;

    WebhookNotifier(String name, URI url, Supplier<String> signingSecret, InstantSource clock) {
        this.name = Gates.requireName(name);
        this.post = new SignedPost("webhook " + name, url, signingSecret);
        this.clock = clock;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return name + ": posts a signed webhook to " + post.target();
    }

    @Override
    public Check.Result check() throws InterruptedException {
        return post.check(LONGEST);
    }

    @Override
    public void send(Message message) throws IOException, InterruptedException, TimeoutException {
        try {
            post.send(document(message), message.deliveryId(), clock.instant(), LONGEST);
        } catch (SignedPost.RefusedException refused) {
            throw new NotSentException(String.valueOf(refused.getMessage()), refused.retryAfter());
        }
    }

    private static Map<String, @Nullable Object> document(Message message) {
        Instant nextUpdate = message.nextUpdate();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("event", "message");
        document.put("deliveryId", message.deliveryId());
        document.put("rollout", message.rolloutId());
        document.put("group", message.group());
        document.put("occasion", message.occasion().toString());
        document.put("severity", message.severity().name().toLowerCase(Locale.ROOT));
        document.put("subject", message.subject());
        document.put("text", message.text());
        document.put("time", message.at().toString());
        document.put("nextUpdate", nextUpdate == null ? null : nextUpdate.toString());
        document.put("asksAcknowledgement", message.asksAcknowledgement());
        return document;
    }

    @Override
    public String toString() {
        return description();
    }
}
