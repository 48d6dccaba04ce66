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
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

/**
 * Posts signed JSON documents to one URL. Public, since whatever leaves the process as a webhook (a step back, a message to people,
 * what connectors add) is to be signed, bounded and kept secret in one way, that receivers verify once. Thread-safe.
 *
 * <p>The body is a JSON object in UTF-8. The headers:
 *
 * <ul>
 *   <li>{@code Content-Type: application/json}
 *   <li>{@code Idempotency-Key}: the same at each try; a receiver acts once for each
 *   <li>{@code X-Rollback4j-Timestamp}: when it was sent, in seconds since 1970-01-01T00:00:00Z; another at each try
 *   <li>{@code X-Rollback4j-Signature}: {@code sha256=} and, in lower-case hexadecimal, the HMAC-SHA256 (RFC 2104) under the
 *       signing secret's UTF-8 bytes of: the timestamp header's value, a full stop, the body's bytes as sent
 * </ul>
 *
 * <p>A receiver computes the signature over the bytes that it received, before it parses them, compares in constant time, and
 * refuses timestamps that are more than a few minutes off.
 *
 * <p>The URL is a secret, as the paths of webhooks are: only its scheme and host are ever shown. Of an answer nothing is shown but its
 * status and its {@code Retry-After}; at most 64 KB of it are read, and a redirect is not followed. The JVM's proxy settings apply.
 */
public final class SignedPost {

    /** Says that the target answered, and did not accept what was posted. */
    public static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        private final int status;
        private final @Nullable Duration retryAfter;

        private RefusedException(String message, int status, @Nullable Duration retryAfter) {
            super(message);
            this.status = status;
            this.retryAfter = retryAfter;
        }

        /** Returns the status of the answer: anything but 200 to 299. */
        public int status() {
            return status;
        }

        /** Returns how long the target asks to wait, zero or more; null where it does not ask. */
        public @Nullable Duration retryAfter() {
            return retryAfter;
        }
    }

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);
    private static final Duration LONGEST_CHECK = Duration.ofSeconds(5);
    private static final int MOST_CAUSES = 4;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private final String who;
    private final URI url;
    private final Supplier<String> signingSecret;
    private final String target;

    /**
     * Creates what posts to one URL.
     *
     * @param who whose it is, for errors, for example {@code webhook pager}; no secret
     * @param url {@code https}, or {@code http} to 127.0.0.1, localhost or [::1]; without user and fragment
     * @param signingSecret asked at each use, so that a secret can be changed; empty or {@code null} is a failure
     * @throws IllegalArgumentException if the URL is not allowed
     */
    public SignedPost(String who, URI url, Supplier<String> signingSecret) {
        this.who = who;
        this.url = requireUrl(who, url);
        this.signingSecret = Objects.requireNonNull(signingSecret, "signingSecret");
        this.target = shown(url);
    }

    private static URI requireUrl(String who, URI url) {
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
            throw new IllegalArgumentException("url of " + who + " (" + shown(url) + ") " + wrong
                    + ": https://host[:port]/… is allowed, http only to 127.0.0.1, localhost and [::1]");
        }
        return url;
    }

    private static String shown(URI url) {
        return url.getHost() == null || url.getScheme() == null ? "not shown" : url.getScheme() + "://" + url.getHost();
    }

    /** Returns scheme and host, for people. */
    public String target() {
        return target;
    }

    /**
     * Looks whether something could be posted now: reads the secret and sends an {@code OPTIONS} request, unsigned, that any HTTP
     * answer satisfies.
     *
     * @param within how long it may take, 5 seconds at most
     */
    public Check.Result check(Duration within) throws InterruptedException {
        try {
            requireSecret();
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(url).method("OPTIONS", HttpRequest.BodyPublishers.noBody());
            Duration longest = within.compareTo(LONGEST_CHECK) < 0 ? within : LONGEST_CHECK;
            return Check.Result.pass(target + " answers, with "
                    + answer(request, longest).statusCode() + " to OPTIONS; nothing was posted");
        } catch (IOException | TimeoutException | IllegalStateException closed) {
            return Check.Result.fail(String.valueOf(closed.getMessage()));
        }
    }

    /**
     * Posts a document. No exception shows more of the URL than scheme and host, nor anything of the secret.
     *
     * @param document what is posted, in this order: texts, whole numbers, booleans and nulls by name
     * @param idempotencyKey the same at each try
     * @param now the time that is signed
     * @param within how long it may take, more than 0; connecting no more than 10 seconds of it
     * @return the status of the answer, 200 to 299
     * @throws RefusedException if the answer is another
     * @throws TimeoutException if there was none in time
     * @throws IOException if there was none for another reason
     * @throws IllegalArgumentException if a value of the document is of another type
     * @throws IllegalStateException if the secret is empty or cannot be read; nothing is sent
     */
    public int send(
            Map<String, ? extends @Nullable Object> document, String idempotencyKey, Instant now, Duration within)
            throws IOException, InterruptedException, TimeoutException {
        String timestamp = Long.toString(now.getEpochSecond());
        String body = json(document);
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", idempotencyKey)
                .header("X-Rollback4j-Timestamp", timestamp)
                .header("X-Rollback4j-Signature", "sha256=" + signature(timestamp + "." + body))
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        HttpResponse<Long> answer = answer(request, within);
        int status = answer.statusCode();
        if (status / 100 != 2) {
            throw refused(status, answer.headers(), now);
        }
        return status;
    }

    /** Shows the server's header only as what it was understood to be: a server might echo a secret in it. */
    private RefusedException refused(int status, HttpHeaders headers, Instant now) {
        String message = target + " answered " + status + meaning(status);
        String value = headers.firstValue("Retry-After").orElse("").strip();
        if (SECONDS.matcher(value).matches()) {
            return new RefusedException(
                    message + ", asks to wait for " + value + " s", status, Duration.ofSeconds(Long.parseLong(value)));
        }
        try {
            if (!value.isEmpty()) {
                Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .withZoneSameInstant(ZoneOffset.UTC)
                        .toInstant();
                return new RefusedException(
                        message + ", asks to wait until " + until,
                        status,
                        until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO);
            }
        } catch (DateTimeException neither) {
            // As if it were not there.
        }
        return new RefusedException(message, status, null);
    }

    private static String meaning(int status) {
        if (status / 100 == 3) {
            return ", a redirect, which is not followed";
        }
        return status / 100 == 4 && status != 408 && status != 429 ? ", repeating it is not likely to help" : "";
    }

    /** Sends with one deadline for all: connecting, the answer's head, its body. */
    private HttpResponse<Long> answer(HttpRequest.Builder request, Duration within)
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
            throw new IllegalStateException("the signing secret of " + who + " could not be read: "
                    + unreadable.getClass().getSimpleName());
        }
        if (secret == null || secret.isBlank()) {
            throw new IllegalStateException("the signing secret of " + who + " is empty");
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

    private static String json(Map<String, ? extends @Nullable Object> document) {
        StringBuilder json = new StringBuilder("{");
        document.forEach((name, value) -> {
            string(json.append(json.length() == 1 ? "" : ","), name);
            json.append(':');
            if (value instanceof String text) {
                string(json, text);
            } else if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
                json.append(value);
            } else {
                throw new IllegalArgumentException("value of '" + name + "' is a "
                        + value.getClass().getName() + ": a text, a whole number, a boolean or null is allowed");
            }
        });
        return json.append('}').toString();
    }

    /** Escapes as RFC 8259, section 7, asks for; what is half a surrogate pair becomes the replacement character. */
    private static void string(StringBuilder json, String value) {
        json.append('"');
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

    /** Shows who posts and where, without the secrets. */
    @Override
    public String toString() {
        return who + " to " + target;
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
