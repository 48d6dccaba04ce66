package io.github.rollback4j.campaign;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What the steps act on: counts each post by way and key, and answers look-ups truthfully. Thread-safe. */
final class Target implements AutoCloseable {

    private static final int LONGEST_PAUSE_MILLIS = 60;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(body -> {
        Thread thread = new Thread(body, "target");
        thread.setDaemon(true);
        return thread;
    });
    private final SplittableRandom random;
    private final Map<String, Integer> sends = new HashMap<>();

    /** Keys of which it was truthfully said that nothing had arrived. */
    private final Set<String> saidNotDone = new HashSet<>();

    private final int cutsOneIn;

    /**
     * Starts it.
     *
     * @param cutsOneIn of so many posts one is taken in and not answered; 0 for none
     */
    Target(long seed, int cutsOneIn) throws IOException {
        this.random = new SplittableRandom(seed);
        this.cutsOneIn = cutsOneIn;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static String id(String way, String key) {
        return way + " " + key;
    }

    /** Returns how often a key was posted. */
    synchronized int sends(String way, String key) {
        return sends.getOrDefault(id(way, key), 0);
    }

    /** Says whether a look-up was answered, truthfully, by that nothing had arrived. */
    synchronized boolean isSaidNotDone(String way, String key) {
        return saidNotDone.contains(id(way, key));
    }

    private synchronized int draw(int bound) {
        return random.nextInt(bound);
    }

    private synchronized boolean isKnown(String id) {
        boolean isKnown = sends.containsKey(id);
        if (!isKnown) {
            saidNotDone.add(id);
        }
        return isKnown;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String way = exchange.getRequestURI().getPath().substring(1);
        String query = exchange.getRequestURI().getRawQuery();
        @Nullable String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        int status = 204;
        if (exchange.getRequestMethod().equals("GET") && query != null) {
            status = isKnown(id(way, URLDecoder.decode(query, StandardCharsets.UTF_8))) ? 200 : 404;
        } else if (exchange.getRequestMethod().equals("POST") && key != null) {
            exchange.getRequestBody().readAllBytes();
            pause();
            synchronized (this) {
                sends.merge(id(way, key), 1, Integer::sum);
            }
            pause();
            status = 200;
            if (cutsOneIn > 0 && draw(cutsOneIn) == 0) {
                exchange.close();
                return;
            }
        }
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private void pause() {
        LockSupport.parkNanos(draw(LONGEST_PAUSE_MILLIS) * 1_000_000L);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
