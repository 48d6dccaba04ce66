package io.github.rollback4j.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import io.github.rollback4j.plan.Notifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class WebhookNotifierTest extends NotifierContract {

    private final List<String> received = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            if (exchange.getRequestMethod().equals("POST")) {
                received.add(body);
            }
            exchange.sendResponseHeaders(202, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static Notifier to(int port) {
        return Notifier.webhook(
                "pager", URI.create("http://127.0.0.1:" + port + "/url-s3cret"), () -> "s1gning-s3cret");
    }

    @Override
    protected Notifier notifier() {
        return to(server.getAddress().getPort());
    }

    @Override
    protected Notifier brokenNotifier() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return to(socket.getLocalPort());
        }
    }

    @Override
    protected List<String> received() {
        return received;
    }

    @Override
    protected List<String> secrets() {
        return List.of("url-s3cret", "s1gning-s3cret");
    }
}
