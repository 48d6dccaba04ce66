package io.github.rollback4j.strategy;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Posts a signed document. */
final class Webhook implements RollbackStrategy {

    private final String name;
    private final SignedPost post;
    private final InstantSource clock;

    Webhook(String name, URI url, Supplier<String> signingSecret, InstantSource clock) {
        this.name = WaysBack.requireName(name);
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
    public Check.Result check(Context context) throws InterruptedException {
        try {
            return post.check(WaysBack.requireTimeLeft(name, context));
        } catch (TimeoutException noTimeLeft) {
            return Check.Result.fail(String.valueOf(noTimeLeft.getMessage()));
        }
    }

    @Override
    public Done rollBack(Context context) throws IOException, InterruptedException, TimeoutException {
        Duration within = WaysBack.requireTimeLeft(name, context);
        Instant now = clock.instant();
        int status = post.send(document(context, now), context.idempotencyKey(), now, within);
        return Done.done(post.target() + " accepted the webhook with " + status);
    }

    /** The key is a header of every try, by which the receiver acts once: that is what the factory asks of it. */
    @Override
    public boolean recognisesKey() {
        return true;
    }

    private static Map<String, String> document(Context context, Instant now) {
        Map<String, String> document = new LinkedHashMap<>();
        document.put("event", "rollback");
        document.put("rollout", context.rolloutId());
        document.put("idempotencyKey", context.idempotencyKey());
        document.put("component", context.stable().component());
        document.put("stable", context.stable().identity());
        document.put("candidate", context.candidate().identity());
        document.put("reason", context.reason());
        document.put("time", now.toString());
        return document;
    }

    @Override
    public String toString() {
        return description();
    }
}
