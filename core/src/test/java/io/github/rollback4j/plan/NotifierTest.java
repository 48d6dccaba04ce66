package io.github.rollback4j.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Communication.Severity;
import io.github.rollback4j.plan.Notifier.Message;
import io.github.rollback4j.strategy.Check;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(30)
class NotifierTest {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private static Message message(Severity severity, String subject, String text) {
        return new Message(
                "checkout:1.4.2..1.5.0#1/on-call/rollback/1",
                "checkout:1.4.2..1.5.0#1",
                "on-call",
                Occasion.ROLLBACK,
                severity,
                subject,
                text,
                NOON,
                NOON.plusSeconds(300),
                true);
    }

    @Nested
    class ToTheLog {

        private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
        private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.rollback4j.plan.Notifier.ops");

        @BeforeEach
        void start() {
            lines.start();
            logger.addAppender(lines);
            logger.setLevel(Level.INFO);
        }

        @AfterEach
        void stop() {
            logger.detachAppender(lines);
            logger.setLevel(null);
        }

        @ParameterizedTest
        @CsvSource({"INFO, INFO", "WARNING, WARN", "CRITICAL, ERROR"})
        void send_eachSeverity_hasItsLevel(Severity severity, String level) throws Exception {
            Notifier.log("ops").send(message(severity, "checkout is back", "All is well.\n\nAsk: on-call\r\n"));

            assertThat(lines.list).singleElement().satisfies(line -> {
                assertThat(line.getLevel()).isEqualTo(Level.toLevel(level));
                assertThat(line.getFormattedMessage())
                        .isEqualTo("to on-call, rollback: checkout is back. All is well. / Ask: on-call"
                                + " (checkout:1.4.2..1.5.0#1/on-call/rollback/1)");
            });
        }

        @Test
        void send_hostileText_isOneLineThatHidesNothing() throws Exception {
            Notifier.log("ops")
                    .send(message(
                            Severity.WARNING,
                            "a\u001b[31m\u0000\u009bb\n2030-01-01 ERROR forged",
                            "x\u202Egnp\u202C {} %n ${jndi:x} <b>\u2028y\u0085z\u200B" + "long ".repeat(1000)));

            assertThat(lines.list)
                    .singleElement()
                    .satisfies(line -> assertThat(line.getFormattedMessage())
                            .startsWith(
                                    "to on-call, rollback: a [31m b / 2030-01-01 ERROR forged. x gnp  {} %n ${jndi:x} <b> /"
                                            + " y / z long long")
                            .doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]"));
        }

        @Test
        void check_loggerThatWritesNothing_fails() throws Exception {
            assertThat(Notifier.log("ops").check())
                    .isEqualTo(Check.Result.pass("the logger io.github.rollback4j.plan.Notifier.ops writes"));
            logger.setLevel(Level.WARN);
            assertThat(Notifier.log("ops").check().detail()).endsWith("ops writes, but for INFO");
            logger.setLevel(Level.ERROR);
            assertThat(Notifier.log("ops").check().detail()).endsWith("ops writes ERROR alone");
            logger.setLevel(Level.OFF);
            assertThat(Notifier.log("ops").check())
                    .isEqualTo(Check.Result.fail("the logger io.github.rollback4j.plan.Notifier.ops writes nothing: its"
                            + " level must be ERROR or below"));
        }

        @Test
        void description_isOneLine_andEqualNotifiersAreEqual() {
            assertThat(Notifier.log("ops").description()).isEqualTo("ops: writes to the log");
            assertThat(Notifier.log("ops"))
                    .hasToString("ops: writes to the log")
                    .isEqualTo(Notifier.log("ops"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "Ops", "a b", "a\nb"})
    void name_notAllowed_isRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Notifier.log(name))
                .withMessageContaining("1 to 63 lower-case letters, digits and hyphens are");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Notifier.webhook(name, URI.create("https://example.com/"), () -> "s"));
    }

    @Nested
    class ByWebhook {

        private static final String SIGNING_SECRET = "s1gning-secret-ü";
        private static final String URL_SECRET = "url-s3cret";

        private record Received(String method, com.sun.net.httpserver.Headers headers, byte[] body) {}

        private final List<Received> received = new CopyOnWriteArrayList<>();
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private HttpServer server;
        private volatile int status = 204;
        private volatile @Nullable String retryAfter;

        @BeforeEach
        void start() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                received.add(new Received(
                        exchange.getRequestMethod(),
                        exchange.getRequestHeaders(),
                        exchange.getRequestBody().readAllBytes()));
                if (retryAfter != null) {
                    exchange.getResponseHeaders().set("Retry-After", retryAfter);
                }
                exchange.getResponseHeaders()
                        .set("Location", exchange.getRequestURI().toString());
                exchange.sendResponseHeaders(status, -1);
                exchange.close();
            });
            server.start();
        }

        @AfterEach
        void stop() {
            server.stop(0);
            threads.shutdownNow();
        }

        private Notifier notifier(int port, Supplier<String> secret) {
            URI url = URI.create("http://127.0.0.1:" + port + "/hooks/" + URL_SECRET + "?token=" + URL_SECRET);
            return new WebhookNotifier("pager", url, secret, InstantSource.fixed(NOON));
        }

        private Notifier notifier() {
            return notifier(server.getAddress().getPort(), () -> SIGNING_SECRET);
        }

        @Test
        void send_postsAllOfTheMessage_signed() throws Exception {
            notifier().send(message(Severity.CRITICAL, "checkout \"1.5.0\"", "is taken\nback"));

            assertThat(received).singleElement().satisfies(request -> {
                assertThat(request.method()).isEqualTo("POST");
                assertThat(request.headers().getFirst("Idempotency-Key"))
                        .isEqualTo("checkout:1.4.2..1.5.0#1/on-call/rollback/1");
                assertThat(request.headers().getFirst("X-Rollback4j-Timestamp")).isEqualTo("1893499200");
                assertThat(request.headers().getFirst("X-Rollback4j-Signature")).isEqualTo(signature(request));
                assertThat(new String(request.body(), UTF_8))
                        .isEqualTo("{\"event\":\"message\","
                                + "\"deliveryId\":\"checkout:1.4.2..1.5.0#1/on-call/rollback/1\","
                                + "\"rollout\":\"checkout:1.4.2..1.5.0#1\",\"group\":\"on-call\","
                                + "\"occasion\":\"rollback\",\"severity\":\"critical\","
                                + "\"subject\":\"checkout \\\"1.5.0\\\"\",\"text\":\"is taken\\u000aback\","
                                + "\"time\":\"2030-01-01T12:00:00Z\",\"nextUpdate\":\"2030-01-01T12:05:00Z\","
                                + "\"asksAcknowledgement\":true}");
            });
        }

        @Test
        void send_noNextUpdate_isNull() throws Exception {
            notifier().send(new Message("id", "r", "g", Occasion.PROMOTED, Severity.INFO, "s", "t", NOON, null, false));

            assertThat(new String(received.get(0).body(), UTF_8))
                    .contains("\"severity\":\"info\"")
                    .endsWith("\"nextUpdate\":null,\"asksAcknowledgement\":false}");
        }

        private String signature(Received request) throws Exception {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SIGNING_SECRET.getBytes(UTF_8), "HmacSHA256"));
            mac.update((request.headers().getFirst("X-Rollback4j-Timestamp") + ".").getBytes(UTF_8));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(request.body()));
        }

        @Test
        void send_refused_saysWhyAndWhenToTryAgain() {
            status = 503;
            retryAfter = "7";

            Notifier.NotSentException refused = catchThrowableOfType(
                    Notifier.NotSentException.class, () -> notifier().send(message(Severity.INFO, "s", "t")));

            assertThat(refused).hasMessage("http://127.0.0.1 answered 503, asks to wait for 7 s");
            assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(7));
        }

        @Test
        void send_withoutASecret_sendsNothing() {
            assertThatIllegalStateException()
                    .isThrownBy(() ->
                            notifier(server.getAddress().getPort(), () -> "").send(message(Severity.INFO, "s", "t")))
                    .withMessage("the signing secret of webhook pager is empty");
            assertThat(received).isEmpty();
        }

        @Test
        void check_postsNothing() throws Exception {
            assertThat(notifier().check())
                    .isEqualTo(Check.Result.pass("http://127.0.0.1 answers, with 204 to OPTIONS; nothing was posted"));
            assertThat(received).extracting(Received::method).containsExactly("OPTIONS");
        }

        @Test
        @Tag("R-10")
        void webhook_whateverHappens_showsNeitherSecretNorPath() throws Exception {
            StringWriter shown = new StringWriter();
            PrintWriter lines = new PrintWriter(shown, true);
            lines.println(notifier().description());
            lines.println(notifier());
            lines.println(notifier().check());
            for (int each : new int[] {302, 404, 500}) {
                status = each;
                retryAfter = URL_SECRET;
                fail(notifier(), lines);
            }
            int closed;
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                closed = socket.getLocalPort();
            }
            fail(notifier(closed, () -> SIGNING_SECRET), lines);
            fail(
                    notifier(closed, () -> {
                        throw new IllegalStateException("vault token " + SIGNING_SECRET);
                    }),
                    lines);

            assertThat(shown.toString())
                    .contains("http://127.0.0.1")
                    .doesNotContain(URL_SECRET, SIGNING_SECRET, "/hooks", "sha256=");
        }

        private void fail(Notifier notifier, PrintWriter lines) {
            Throwable failure = catchThrowable(() -> notifier.send(message(Severity.INFO, "s", "t")));
            assertThat(failure).isNotNull();
            failure.printStackTrace(lines);
        }

        @Test
        @Tag("R-10")
        void create_urlThatIsNotAllowed_isRefusedWithoutShowingIt() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Notifier.webhook(
                            "pager", URI.create("http://hooks.example.com/" + URL_SECRET), () -> SIGNING_SECRET))
                    .withMessage(
                            "url of webhook pager (http://hooks.example.com) is not https: https://host[:port]/… is"
                                    + " allowed, http only to 127.0.0.1, localhost and [::1]");
        }
    }

    @Nested
    class InAFile {

        private final PlanParts parts = PlanParts.load();

        @Test
        void create_log_isWhatJavaHas() {
            assertThat(parts.create(Notifier.class, "log", Map.of("name", "ops")))
                    .isEqualTo(Notifier.log("ops"));
            assertThat(parts.create(Notifier.class, "log", Map.of()).name()).isEqualTo("log");
        }

        @Test
        @Tag("R-10")
        void create_webhook_showsNoSecret() {
            Notifier notifier = parts.create(
                    Notifier.class, "webhook", Map.of("url", "https://hooks.example.com/T0/B0", "secret", "s3cr3t"));

            assertThat(notifier.name()).isEqualTo("webhook");
            assertThat(notifier).hasToString("webhook: posts a signed webhook to https://hooks.example.com");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> parts.create(
                            Notifier.class, "webhook", Map.of("url", "http://example.com/T0/B0", "secret", "s3cr3t")))
                    .withMessageContaining("notifier webhook")
                    .withMessageContaining("is not https")
                    .satisfies(refused -> assertThat(refused.toString()).doesNotContain("T0", "s3cr3t"));
        }

        @Test
        void names_ofCore_areSorted() {
            assertThat(parts.names(PlanPartProvider.Kind.NOTIFIER)).containsExactly("log", "webhook");
            assertThat(PlanPartProvider.Kind.NOTIFIER).hasToString("notifier");
        }
    }
}
