package io.github.rollback4j.strategy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.github.rollback4j.strategy.RollbackStrategy.Context;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(30)
class WebhookTest {

    private static final String SIGNING_SECRET = "s1gning-secret-ü";
    private static final String URL_SECRET = "url-s3cret";
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00.250Z");
    private static final Context CONTEXT = WaysBackTest.context("error rate", Duration.ofSeconds(20));
    private static final Context HURRIED = WaysBackTest.context("error rate", Duration.ofMillis(200));

    private record Received(String method, URI uri, com.sun.net.httpserver.Headers headers, byte[] body) {
        String header(String name) {
            return headers.getFirst(name);
        }
    }

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Level level = root.getLevel();
    private HttpServer server;
    private volatile HttpHandler answer = status(200);

    @BeforeEach
    void start() throws IOException {
        log.start();
        root.addAppender(log);
        root.setLevel(Level.TRACE);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            received.add(new Received(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI(),
                    exchange.getRequestHeaders(),
                    exchange.getRequestBody().readAllBytes()));
            answer.handle(exchange);
        });
        server.start();
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
        root.setLevel(level);
        root.detachAppender(log);
    }

    private static HttpHandler status(int status) {
        return exchange -> {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        };
    }

    private Webhook webhook() {
        return webhook(server.getAddress().getPort(), () -> SIGNING_SECRET);
    }

    private static Webhook webhook(int port, Supplier<String> secret) {
        URI url = URI.create("http://127.0.0.1:" + port + "/hooks/" + URL_SECRET + "?token=" + URL_SECRET);
        return new Webhook("pager", url, secret, InstantSource.fixed(NOW));
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    @Nested
    class Sending {

        @ParameterizedTest
        @ValueSource(ints = {200, 202, 204})
        void rollBack_whenAccepted_isDone(int status) throws Exception {
            answer = status(status);

            assertThat(webhook().rollBack(CONTEXT))
                    .isEqualTo(Done.done("http://127.0.0.1 accepted the webhook with " + status));
        }

        @Test
        void rollBack_sendsTheDocumentAndItsHeaders() throws Exception {
            webhook().rollBack(CONTEXT);

            assertThat(received).singleElement().satisfies(request -> {
                assertThat(request.method()).isEqualTo("POST");
                assertThat(request.uri()).hasToString("/hooks/" + URL_SECRET + "?token=" + URL_SECRET);
                assertThat(request.header("Content-Type")).isEqualTo("application/json");
                assertThat(request.header("Idempotency-Key")).isEqualTo("rollout-7/step-1");
                assertThat(request.header("X-Rollback4j-Timestamp")).isEqualTo("1769860800");
                assertThat(new String(request.body(), UTF_8))
                        .isEqualTo("{\"event\":\"rollback\",\"rollout\":\"rollout-7\","
                                + "\"idempotencyKey\":\"rollout-7/step-1\",\"component\":\"checkout\","
                                + "\"stable\":\"1.4.2\",\"candidate\":\"1.5.0@c0ffee\",\"reason\":\"error rate\","
                                + "\"time\":\"2026-01-31T12:00:00.250Z\"}");
                // printf '%s' "1769860800.$body" | openssl dgst -sha256 -hmac 's1gning-secret-ü'
                assertThat(request.header("X-Rollback4j-Signature"))
                        .isEqualTo("sha256=4be85184ee54e5b4a4691b985c66bec3483f0b56392590170308ed9b46b1baef");
            });
        }

        @Test
        void rollBack_withHostileText_sendsItEscapedAndSigned() throws Exception {
            String reason = "\"},{\\ \b\t\n\r\u0000\u001f\u007f </script> \u2028\u2029 üß漢 😀 \ud83d \ude00 \u0001";

            webhook().rollBack(WaysBackTest.context(reason, Duration.ofSeconds(20)));

            assertThat(received).singleElement().satisfies(request -> {
                assertThat(new String(request.body(), UTF_8))
                        .contains("\"reason\":\"\\\"},{\\\\ \\u0008\\u0009\\u000a\\u000d\\u0000\\u001f\u007f </script>"
                                + " \\u2028\\u2029 üß漢 😀 \uFFFD \uFFFD \\u0001\",\"time\":");
                assertThat(request.header("X-Rollback4j-Signature")).isEqualTo(signature(request));
            });
        }

        @Test
        void rollBack_again_sendsTheSameKeyAndAsksForTheSecretAgain() throws Exception {
            List<String> secrets = new CopyOnWriteArrayList<>(List.of("first", "second"));
            Webhook webhook = webhook(server.getAddress().getPort(), () -> secrets.remove(0));

            webhook.rollBack(CONTEXT);
            webhook.rollBack(CONTEXT);

            assertThat(received)
                    .extracting(request -> request.header("Idempotency-Key"))
                    .containsExactly("rollout-7/step-1", "rollout-7/step-1");
            assertThat(received)
                    .extracting(request -> request.header("X-Rollback4j-Signature"))
                    .doesNotHaveDuplicates();
        }

        private String signature(Received request) throws Exception {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SIGNING_SECRET.getBytes(UTF_8), "HmacSHA256"));
            mac.update((request.header("X-Rollback4j-Timestamp") + ".").getBytes(UTF_8));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(request.body()));
        }
    }

    @Nested
    class Failing {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "400 | ', repeating it is not likely to help'",
                    "404 | ', repeating it is not likely to help'",
                    "408 | ''",
                    "429 | ''",
                    "500 | ''",
                    "503 | ''",
                })
        void rollBack_whenRefused_namesTheStatusAndWhetherToRepeat(int status, String meaning) {
            answer = status(status);

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> webhook().rollBack(CONTEXT))
                    .withMessage("http://127.0.0.1 answered " + status + meaning);
            assertThat(received).hasSize(1);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "120 | ', asks to wait for 120 s'",
                    "Sat, 31 Jan 2026 12:05:00 GMT | ', asks to wait until 2026-01-31T12:05:00Z'",
                    "soon, url-s3cret | ''",
                })
        void rollBack_whenAskedToWait_namesHowLong(String retryAfter, String meaning) {
            answer = exchange -> {
                exchange.getResponseHeaders().set("Retry-After", retryAfter);
                status(503).handle(exchange);
            };

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> webhook().rollBack(CONTEXT))
                    .withMessage("http://127.0.0.1 answered 503" + meaning);
        }

        @ParameterizedTest
        @ValueSource(ints = {301, 302, 303, 307, 308})
        void rollBack_whenRedirected_doesNotFollow(int status) {
            answer = exchange -> {
                exchange.getResponseHeaders().set("Location", "/elsewhere");
                status(status).handle(exchange);
            };

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> webhook().rollBack(CONTEXT))
                    .withMessage("http://127.0.0.1 answered " + status + ", a redirect, which is not followed");
            assertThat(received).hasSize(1);
        }

        @Test
        void rollBack_whenTheServerIsSilent_endsAtTheDeadline() {
            answer = this::waitForTheEnd;

            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> webhook().rollBack(HURRIED))
                    .withMessage("http://127.0.0.1 did not answer within PT0.2S");
        }

        @Test
        @Timeout(10)
        void rollBack_whenTheAnswerDoesNotEnd_endsAtTheDeadline() {
            answer = exchange -> {
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write('x');
                exchange.getResponseBody().flush();
                waitForTheEnd(exchange);
            };

            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> webhook().rollBack(HURRIED));
        }

        @Test
        void rollBack_whenTheAnswerIsHuge_readsTheBeginningOnly() throws Exception {
            CompletableFuture<String> endOfAnswer = new CompletableFuture<>();
            answer = exchange -> {
                exchange.sendResponseHeaders(200, 0);
                try (OutputStream body = exchange.getResponseBody()) {
                    while (end.getCount() > 0) {
                        body.write(new byte[8192]);
                    }
                } catch (IOException closed) {
                    endOfAnswer.complete("closed by the client");
                }
            };

            assertThat(webhook().rollBack(CONTEXT).detail()).endsWith("with 200");
            assertThat(endOfAnswer.get(20, TimeUnit.SECONDS)).isEqualTo("closed by the client");
        }

        @Test
        void rollBack_whenTheConnectionIsCut_failsAndDoesNotRepeatByItself() {
            answer = HttpExchange::close;

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> webhook().rollBack(CONTEXT))
                    .withMessageStartingWith("http://127.0.0.1 gave no answer: ");
            assertThat(received).hasSize(1);
        }

        @Test
        void rollBack_whenNobodyListens_fails() throws Exception {
            Webhook webhook = webhook(closedPort(), () -> SIGNING_SECRET);

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> webhook.rollBack(CONTEXT))
                    .withMessageStartingWith("http://127.0.0.1 gave no answer: ConnectException");
        }

        @Test
        void rollBack_whenInterrupted_endsAtOnce() {
            Thread caller = Thread.currentThread();
            answer = exchange -> {
                caller.interrupt();
                waitForTheEnd(exchange);
            };

            assertThatExceptionOfType(InterruptedException.class)
                    .isThrownBy(() -> webhook().rollBack(CONTEXT));
        }

        @Test
        void rollBack_withoutASecret_sendsNothing() {
            assertThatIllegalStateException()
                    .isThrownBy(() ->
                            webhook(server.getAddress().getPort(), () -> " ").rollBack(CONTEXT))
                    .withMessage("the signing secret of webhook pager is empty");
            assertThatIllegalStateException()
                    .isThrownBy(() -> webhook(server.getAddress().getPort(), () -> {
                                throw new IllegalArgumentException("vault token " + SIGNING_SECRET);
                            })
                            .rollBack(CONTEXT))
                    .withMessage("the signing secret of webhook pager could not be read: IllegalArgumentException")
                    .withNoCause();
            assertThat(received).isEmpty();
        }

        private void waitForTheEnd(HttpExchange exchange) {
            try (exchange) {
                end.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Nested
    class Checking {

        @ParameterizedTest
        @ValueSource(ints = {200, 404, 405, 500})
        void check_whenAnythingAnswers_passesAndPostsNothing(int status) throws Exception {
            answer = status(status);

            assertThat(webhook().check(CONTEXT))
                    .isEqualTo(Check.Result.pass(
                            "http://127.0.0.1 answers, with " + status + " to OPTIONS; nothing was posted"));
            assertThat(received).singleElement().satisfies(request -> {
                assertThat(request.method()).isEqualTo("OPTIONS");
                assertThat(request.headers()).doesNotContainKeys("X-rollback4j-signature", "Idempotency-key");
            });
        }

        @Test
        void check_whenNobodyListens_fails() throws Exception {
            Check.Result result = webhook(closedPort(), () -> SIGNING_SECRET).check(CONTEXT);

            assertThat(result.passed()).isFalse();
            assertThat(result.detail()).startsWith("http://127.0.0.1 gave no answer: ConnectException");
        }

        @Test
        void check_whenTheServerIsSilent_fails() throws Exception {
            answer = exchange -> {};

            assertThat(webhook().check(HURRIED))
                    .isEqualTo(Check.Result.fail("http://127.0.0.1 did not answer within PT0.2S"));
        }

        @Test
        void check_withoutASecret_failsAndConnectsToNothing() throws Exception {
            assertThat(webhook(server.getAddress().getPort(), () -> "").check(CONTEXT))
                    .isEqualTo(Check.Result.fail("the signing secret of webhook pager is empty"));
            assertThat(received).isEmpty();
        }
    }

    @Nested
    class KeepingSecrets {

        @Test
        void webhook_whateverHappens_showsNeitherSecretNorPath() throws Exception {
            StringWriter shown = new StringWriter();
            PrintWriter lines = new PrintWriter(shown, true);
            lines.println(webhook().description());
            lines.println(webhook());
            lines.println(webhook().rollBack(CONTEXT));
            lines.println(webhook().check(CONTEXT));
            for (HttpHandler each : List.of(status(404), status(500), echo(302), echo(503), HttpExchange::close)) {
                answer = each;
                fail(webhook(), CONTEXT, lines);
            }
            answer = exchange -> {};
            fail(webhook(), HURRIED, lines);
            fail(webhook(closedPort(), () -> SIGNING_SECRET), CONTEXT, lines);
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                CompletableFuture<Void> echoed = CompletableFuture.runAsync(() -> echoOnce(socket), threads);
                fail(webhook(socket.getLocalPort(), () -> SIGNING_SECRET), CONTEXT, lines);
                echoed.get(20, TimeUnit.SECONDS);
            }
            log.list.forEach(event -> lines.println(event.getFormattedMessage()));

            assertThat(shown.toString())
                    .contains("http://127.0.0.1")
                    .doesNotContain(URL_SECRET, SIGNING_SECRET, "/hooks", "sha256=");
        }

        private void fail(Webhook webhook, Context context, PrintWriter lines) {
            Throwable failure = catchThrowable(() -> webhook.rollBack(context));
            assertThat(failure).isNotNull();
            failure.printStackTrace(lines);
        }

        /** Sends back where the request went, as servers do. */
        private HttpHandler echo(int status) {
            return exchange -> {
                String target = exchange.getRequestURI().toString();
                exchange.getResponseHeaders().set("Location", target);
                exchange.getResponseHeaders().set("Retry-After", target);
                exchange.sendResponseHeaders(status, target.length());
                exchange.getResponseBody().write(target.getBytes(UTF_8));
                exchange.close();
            };
        }

        /** Answers with the request instead of HTTP. */
        private void echoOnce(ServerSocket socket) {
            try (Socket connection = socket.accept();
                    InputStream in = connection.getInputStream();
                    OutputStream out = connection.getOutputStream()) {
                ByteArrayOutputStream request = new ByteArrayOutputStream();
                for (int next = in.read(); next >= 0; next = next == '}' ? -1 : in.read()) {
                    request.write(next);
                }
                out.write("HTTP/".getBytes(UTF_8));
                request.writeTo(out);
            } catch (IOException closed) {
                throw new UncheckedIOException(closed);
            }
        }
    }

    @Nested
    class Creating {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "https://hooks.example.com/url-s3cret",
                    "HTTPS://hooks.example.com:8443/url-s3cret?x=y",
                    "http://127.0.0.1:8080/",
                    "http://localhost/",
                    "http://LOCALHOST/",
                    "http://[::1]:8080/"
                })
        void create_withAUrlThatIsAllowed_showsSchemeAndHost(URI url) {
            assertThat(WaysBack.webhook("pager", url, () -> SIGNING_SECRET).description())
                    .isEqualTo("pager: posts a signed webhook to " + url.getScheme() + "://" + url.getHost());
        }

        @ParameterizedTest
        @CsvSource({
            "http://hooks.example.com/url-s3cret, (http://hooks.example.com) is not https",
            "http://localhost.example.com/url-s3cret, (http://localhost.example.com) is not https",
            "http://127.0.0.2/url-s3cret, (http://127.0.0.2) is not https",
            "ftp://hooks.example.com/url-s3cret, (ftp://hooks.example.com) is not https",
            "//hooks.example.com/url-s3cret, (not shown) is not https",
            "/url-s3cret, (not shown) has no host",
            "url-s3cret:x, (not shown) has no host",
            "https:///url-s3cret, (not shown) has no host",
            "https://me:url-s3cret@example.com/, (https://example.com) has a user or a password before the host",
            "https://example.com/#url-s3cret, (https://example.com) has a fragment",
            "https://example.com:70000/url-s3cret, (https://example.com) has the port 70000",
        })
        void create_withAUrlThatIsNotAllowed_saysWhyWithoutShowingIt(URI url, String wrong) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> WaysBack.webhook("pager", url, () -> SIGNING_SECRET))
                    .withMessage("url of webhook pager " + wrong + ": https://host[:port]/… is allowed, http only to"
                            + " 127.0.0.1, localhost and [::1]");
        }
    }
}
