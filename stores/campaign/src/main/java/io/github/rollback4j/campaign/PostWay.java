package io.github.rollback4j.campaign;

import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Posts to the target, which acts at each post: it knows no keys, but may be able to say which it has had. */
final class PostWay implements RollbackStrategy {

    private static final Duration LONGEST_LOOK_UP = Duration.ofSeconds(2);

    private final String name;
    private final URI target;
    private final boolean hasLookUp;
    private final HttpClient client;

    PostWay(String name, URI target, boolean hasLookUp, HttpClient client) {
        this.name = name;
        this.target = target;
        this.hasLookUp = hasLookUp;
        this.client = client;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return name + ": posts to the target";
    }

    @Override
    public Check.Result check(Context context) {
        return Check.Result.pass("it is there");
    }

    @Override
    public Done rollBack(Context context) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(target.resolve("/" + name))
                .header("Idempotency-Key", context.idempotencyKey())
                .timeout(context.deadline())
                .POST(HttpRequest.BodyPublishers.ofString("back"))
                .build();
        int status;
        try {
            status = client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (ConnectException notThere) {
            throw notThere;
        } catch (IOException noAnswer) {
            // It may have arrived.
            InterruptedIOException uncertain = new InterruptedIOException("no answer");
            uncertain.initCause(noAnswer);
            throw uncertain;
        }
        if (status != 200) {
            throw new IOException("the target answered " + status);
        }
        return Done.done("the target has it");
    }

    @Override
    public Found lookUp(Context context) throws IOException, InterruptedException {
        if (!hasLookUp) {
            return Found.unknown("the target cannot say");
        }
        URI asked =
                target.resolve("/" + name + "?" + URLEncoder.encode(context.idempotencyKey(), StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.newBuilder(asked).timeout(LONGEST_LOOK_UP).GET().build();
        int status = client.send(request, BodyHandlers.discarding()).statusCode();
        return switch (status) {
            case 200 -> Found.done("the target has it");
            case 404 -> Found.notDone("the target does not have it");
            default -> throw new IOException("the target answered " + status);
        };
    }
}
