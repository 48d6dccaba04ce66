package io.github.rollback4j.strategy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Posts a signed document. The URL is a secret, as the paths of webhooks are: only scheme and host are ever shown. */
final class Webhook implements RollbackStrategy {

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);
    private static final Duration LONGEST_CHECK = Duration.ofSeconds(5);
    private static final int MOST_CAUSES = 4;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private final String name;
    private final URI url;
    private final Supplier<String> signingSecret;
    private final InstantSource clock;
    private final String target;

    Webhook(String name, URI url, Supplier<String> signingSecret, InstantSource clock) {
        this.name = WaysBack.requireName(name);
        this.url = requireUrl(name, url);
        this.signingSecret = Objects.requireNonNull(signingSecret, "signingSecret");
        this.clock = clock;
        this.target = shown(url);
    }

    private static URI requireUrl(String name, URI url) {
        String host = url.getHost();
        String wrong = null;
        if (host == null) {
            wrong = "has no host";
        } else if (url.getRawUserInfo() != null) {
            wrong = "has a user or a password before the host";
        } else if (url.getRawFragment() != null) {
            wrong = "has a fragment";
        } else if (url.getPort() == 0 || url.getPort() > 65_535) {
            wrong = "has the port " + url.getPort();
        } else if (!"https".equalsIgnoreCase(url.getScheme())
                && !("http".equalsIgnoreCase(url.getScheme()) && LOOPBACK.contains(host.toLowerCase(Locale.ROOT)))) {
            wrong = "is not https";
        }
        if (wrong != null) {
            throw new IllegalArgumentException("url of webhook " + name + " (" + shown(url) + ") " + wrong
                    + ": https://host[:port]/… is allowed, http only to 127.0.0.1, localhost and [::1]");
        }
        return url;
    }

    private static String shown(URI url) {
        return url.getHost() == null || url.getScheme() == null ? "not shown" : url.getScheme() + "://" + url.getHost();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return name + ": posts a signed webhook to " + target;
    }

    @Override
    public Check.Result check(Context context) throws InterruptedException {
        try {
            requireSecret();
            Duration left = WaysBack.requireTimeLeft(name, context);
            Duration within = left.compareTo(LONGEST_CHECK) < 0 ? left : LONGEST_CHECK;
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(url).method("OPTIONS", HttpRequest.BodyPublishers.noBody());
            return Check.Result.pass(target + " answers, with "
                    + send(request, within).statusCode() + " to OPTIONS; nothing was posted");
        } catch (IOException | TimeoutException | IllegalStateException closed) {
            return Check.Result.fail(String.valueOf(closed.getMessage()));
        }
    }

    @Override
    public Done rollBack(Context context) throws IOException, InterruptedException, TimeoutException {
        Duration within = WaysBack.requireTimeLeft(name, context);
        Instant now = clock.instant();
        String timestamp = Long.toString(now.getEpochSecond());
        String body = body(context, now);
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", context.idempotencyKey())
                .header("X-Rollback4j-Timestamp", timestamp)
                .header("X-Rollback4j-Signature", "sha256=" + signature(timestamp + "." + body))
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        HttpResponse<Long> answer = send(request, within);
        int status = answer.statusCode();
        if (status / 100 != 2) {
            throw new IOException(target + " answered " + status + meaning(status) + retryAfter(answer.headers()));
        }
        return Done.done(target + " accepted the webhook with " + status);
    }

    /** The key is a header of every try, by which the receiver acts once: that is what the factory asks of it. */
    @Override
    public boolean recognisesKey() {
        return true;
    }

    private static String meaning(int status) {
        if (status / 100 == 3) {
            return ", a redirect, which is not followed";
        }
        return status / 100 == 4 && status != 408 && status != 429 ? ", repeating it is not likely to help" : "";
    }

    /** Shows the server's header only as what it was understood to be: a server might echo a secret in it. */
    private static String retryAfter(HttpHeaders headers) {
        String value = headers.firstValue("Retry-After").orElse("").strip();
        if (SECONDS.matcher(value).matches()) {
            return ", asks to wait for " + value + " s";
        }
        try {
            return value.isEmpty()
                    ? ""
                    : ", asks to wait until "
                            + ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .withZoneSameInstant(ZoneOffset.UTC)
                                    .toInstant();
        } catch (DateTimeException neither) {
            return "";
        }
    }

    /** Sends with one deadline for all: connecting, the answer's head, its body. */
    private HttpResponse<Long> send(HttpRequest.Builder request, Duration within)
            throws IOException, InterruptedException, TimeoutException {
        Duration toConnect = within.compareTo(LONGEST_CONNECT) < 0 ? within : LONGEST_CONNECT;
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(toConnect)
                .build();
        CompletableFuture<HttpResponse<Long>> answer = client.sendAsync(
                request.header("User-Agent", "rollback4j").timeout(within).build(), head -> new Discarding());
        try {
            return answer.get(within.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new TimeoutException(target + " did not answer within " + within);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof HttpConnectTimeoutException) {
                // Nothing was sent: a failure, of which nothing is uncertain.
                throw new IOException(target + " accepted no connection within " + toConnect);
            }
            if (failed.getCause() instanceof HttpTimeoutException) {
                throw new TimeoutException(target + " did not answer within " + within);
            }
            // Without the cause: its message may quote the server, and the server may quote the URL.
            throw new IOException(target + " gave no answer" + why(failed.getCause()));
        } finally {
            answer.cancel(true);
        }
    }

    private static String why(@Nullable Throwable cause) {
        StringBuilder text = new StringBuilder();
        Throwable each = cause;
        for (int i = 0; i < MOST_CAUSES && each != null; i++, each = each.getCause()) {
            text.append(i == 0 ? ": " : ", ").append(each.getClass().getSimpleName());
            if (each instanceof SSLException || each.getClass() == ConnectException.class) {
                // Said before the request was: it cannot hold the path.
                text.append(each.getMessage() == null ? "" : " (" + each.getMessage() + ")");
            }
        }
        return text.toString();
    }

    private String requireSecret() {
        String secret;
        try {
            secret = signingSecret.get();
        } catch (RuntimeException unreadable) {
            // Without the cause: what a vault's client says may hold its own token.
            throw new IllegalStateException("the signing secret of webhook " + name + " could not be read: "
                    + unreadable.getClass().getSimpleName());
        }
        if (secret == null || secret.isBlank()) {
            throw new IllegalStateException("the signing secret of webhook " + name + " is empty");
        }
        return secret;
    }

    private String signature(String signed) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(requireSecret().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            // Every Java platform has HmacSHA256: javax.crypto.Mac.
            throw new IllegalStateException(impossible);
        }
    }

    private static String body(Context context, Instant now) {
        StringBuilder json = new StringBuilder("{\"event\":\"rollback\"");
        field(json, "rollout", context.rolloutId());
        field(json, "idempotencyKey", context.idempotencyKey());
        field(json, "component", context.stable().component());
        field(json, "stable", context.stable().identity());
        field(json, "candidate", context.candidate().identity());
        field(json, "reason", context.reason());
        field(json, "time", now.toString());
        return json.append('}').toString();
    }

    /** Escapes as RFC 8259, section 7, asks for; what is half a surrogate pair becomes the replacement character. */
    private static void field(StringBuilder json, String field, String value) {
        json.append(",\"").append(field).append("\":\"");
        value.codePoints().forEach(point -> {
            if (point == '"' || point == '\\') {
                json.append('\\').append((char) point);
            } else if (point < ' ' || point == '\u2028' || point == '\u2029') {
                json.append(String.format(Locale.ROOT, "\\u%04x", point));
            } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                json.append('\uFFFD');
            } else {
                json.appendCodePoint(point);
            }
        });
        json.append('"');
    }

    @Override
    public String toString() {
        return description();
    }

    /** Reads 64 KB of an answer at most, keeps none of it, and returns how many bytes it was. */
    private static final class Discarding implements HttpResponse.BodySubscriber<Long> {

        private static final long MOST = 64 * 1024;

        private final CompletableFuture<Long> end = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;
        private long read;

        @Override
        public CompletionStage<Long> getBody() {
            return end;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(1);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer each : buffers) {
                read += each.remaining();
            }
            Flow.Subscription given = Objects.requireNonNull(subscription);
            if (read > MOST) {
                given.cancel();
                end.complete(read);
            } else {
                given.request(1);
            }
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            end.complete(read);
        }
    }
}
