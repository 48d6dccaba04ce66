package io.github.rollback4j.samples.checkout.show;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Stands for the team's pipeline, which deploys the release before when a webhook asks for it: once for each key. */
final class Pipeline implements AutoCloseable {

    private static final String PATH = "/deploy-previous";

    private final HttpServer server;
    private final String secret;
    private final Map<String, Integer> requestsByKey = new LinkedHashMap<>();
    private final AtomicReference<Runnable> beforeNextAnswer = new AtomicReference<>(() -> {});

    private Pipeline(HttpServer server, String secret) {
        this.server = server;
        this.secret = secret;
    }

    /** Opens a pipeline on a free port of the loopback interface. */
    static Pipeline open(String secret) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Pipeline pipeline = new Pipeline(server, secret);
        server.createContext(PATH, pipeline::receive);
        server.start();
        return pipeline;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + PATH);
    }

    /** Has something happen once, when the next request is carried out and before it is answered. */
    void beforeNextAnswer(Runnable what) {
        beforeNextAnswer.set(what);
    }

    /** Returns how many times it has deployed: once for each key. */
    synchronized int deployments() {
        return requestsByKey.size();
    }

    /** Returns how many requests to deploy there were. */
    synchronized int requests() {
        return requestsByKey.values().stream().mapToInt(count -> count).sum();
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(answer(exchange), -1);
        }
    }

    private int answer(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            return 204;
        }
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (!isSigned(exchange, body)) {
            return 401;
        }
        synchronized (this) {
            requestsByKey.merge(header(exchange, "Idempotency-Key"), 1, Integer::sum);
        }
        beforeNextAnswer.getAndSet(() -> {}).run();
        return 202;
    }

    private boolean isSigned(HttpExchange exchange, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update((header(exchange, "X-Rollback4j-Timestamp") + ".").getBytes(StandardCharsets.UTF_8));
            String expected = "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
            return MessageDigest.isEqual(
                    expected.getBytes(StandardCharsets.UTF_8),
                    header(exchange, "X-Rollback4j-Signature").getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has HmacSHA256", impossible);
        }
    }

    private static String header(HttpExchange exchange, String name) {
        return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst(name), "");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
