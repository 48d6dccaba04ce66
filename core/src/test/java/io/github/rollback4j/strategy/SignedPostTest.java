package io.github.rollback4j.strategy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the way back by webhook does not use; all else is in {@link WebhookTest}. */
@Timeout(30)
class SignedPostTest {

    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00.250Z");
    private static final Duration WITHIN = Duration.ofSeconds(20);

    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private volatile int status = 200;
    private volatile @Nullable String retryAfter;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            if (retryAfter != null) {
                exchange.getResponseHeaders().set("Retry-After", retryAfter);
            }
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

    private SignedPost post() {
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hooks/url-s3cret");
        return new SignedPost("webhook pager", url, () -> "s1gning-secret");
    }

    @Test
    void send_eachTypeOfValue_isItsJson_inTheGivenOrder() throws Exception {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("b", "text \"with\" quotes");
        document.put("a\n", true);
        document.put("none", null);
        document.put("int", -7);
        document.put("long", 9_000_000_000L);

        assertThat(post().send(document, "key-1", NOW, WITHIN)).isEqualTo(200);
        post().send(Map.of(), "key-2", NOW, WITHIN);

        assertThat(bodies)
                .containsExactly(
                        "{\"b\":\"text \\\"with\\\" quotes\",\"a\\u000a\":true,\"none\":null,\"int\":-7,\"long\":9000000000}",
                        "{}");
    }

    @Test
    void send_anotherType_isRefusedAndNothingIsSent() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> post().send(Map.of("rate", 0.5), "key", NOW, WITHIN))
                .withMessage(
                        "value of 'rate' is a java.lang.Double: a text, a whole number, a boolean or null is allowed");
        assertThat(bodies).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "503, 120, PT2M",
        "429, 0, PT0S",
        "503, 'Sat, 31 Jan 2026 12:05:00 GMT', PT4M59.75S",
        "503, 'Sat, 31 Jan 2026 11:00:00 GMT', PT0S",
        "503, soon, ",
        "500, , ",
        "302, 10, PT10S",
    })
    void send_refused_saysWithWhatAndHowLongToWait(int answered, String header, Duration expected) {
        status = answered;
        retryAfter = header;

        SignedPost.RefusedException refused = catchThrowableOfType(
                SignedPost.RefusedException.class, () -> post().send(Map.of(), "key", NOW, WITHIN));

        assertThat(refused.status()).isEqualTo(answered);
        assertThat(refused.retryAfter()).isEqualTo(expected);
        assertThat(refused).hasMessageStartingWith("http://127.0.0.1 answered " + answered);
    }

    @Test
    @Tag("R-10")
    void toString_showsNoSecret() {
        assertThat(post()).hasToString("webhook pager to http://127.0.0.1");
        assertThat(Collections.singleton(post()).toString()).doesNotContain("s3cret", "s1gning");
    }
}
