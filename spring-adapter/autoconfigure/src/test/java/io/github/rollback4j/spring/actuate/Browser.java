package io.github.rollback4j.spring.actuate;

import com.jayway.jsonpath.JsonPath;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** One page of a headless Chromium, driven by its own protocol. */
final class Browser implements AutoCloseable, WebSocket.Listener {

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger commands = new AtomicInteger();
    private final Map<Integer, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final StringBuilder message = new StringBuilder();

    /** Returns the browser that is there, or null. */
    static @Nullable Path find() {
        String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/bin";
        return Stream.of(path.split(File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    Browser(Path program, Path profile) throws IOException, InterruptedException {
        this.process = new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-background-networking",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--lang=en-GB",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path port = profile.resolve("DevToolsActivePort");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> Files.exists(port) && Files.readAllLines(port).size() > 1);
        HttpClient client = HttpClient.newHttpClient();
        URI list = URI.create("http://127.0.0.1:" + Files.readAllLines(port).get(0) + "/json/list");
        String pages = client.send(HttpRequest.newBuilder(list).build(), BodyHandlers.ofString())
                .body();
        List<String> sockets = JsonPath.read(pages, "$[?(@.type=='page')].webSocketDebuggerUrl");
        this.socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(sockets.get(0)), this)
                .join();
        command("Runtime.enable", Map.of());
        command("Log.enable", Map.of());
        command("Page.enable", Map.of());
    }

    void open(String address) {
        command("Page.navigate", Map.of("url", address));
    }

    /** Sets the size of the window, and whether its user prefers it dark. */
    void look(int width, boolean isDark) {
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 500));
        command(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(Map.of("name", "prefers-color-scheme", "value", isDark ? "dark" : "light"))));
    }

    /** Evaluates an expression, which may be a promise. */
    Object evaluate(String expression) {
        String answer = command(
                "Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (answer.contains("\"exceptionDetails\"")) {
            throw new IllegalStateException(expression + ": " + answer);
        }
        List<Object> values = JsonPath.read(answer, "$..result.value");
        return values.isEmpty() ? "" : values.get(0);
    }

    String text(String id) {
        return String.valueOf(evaluate("document.getElementById('" + id + "').innerText"));
    }

    void press(String key, int code) {
        for (String type : List.of("keyDown", "keyUp")) {
            command(
                    "Input.dispatchKeyEvent",
                    Map.of(
                            "type", type,
                            "key", key,
                            "code", key,
                            "windowsVirtualKeyCode", code,
                            "text", key.equals("Enter") && type.equals("keyDown") ? "\r" : ""));
        }
    }

    void screenshot(Path file) throws IOException {
        String answer = command("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(JsonPath.<String>read(answer, "$.result.data")));
    }

    /** Returns what the browser has complained of: errors, and what the page's policy has kept from being loaded. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    private String command(String method, Map<String, ?> parameters) {
        int id = commands.incrementAndGet();
        CompletableFuture<String> answer = new CompletableFuture<>();
        answers.put(id, answer);
        String text = JsonPath.parse(Map.of("id", id, "method", method, "params", parameters))
                .jsonString();
        socket.sendText(text, true).join();
        return answer.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        message.append(data);
        if (last) {
            take(message.toString());
            message.setLength(0);
        }
        from.request(1);
        return CompletableFuture.completedFuture(null);
    }

    private void take(String text) {
        Map<String, Object> parsed = JsonPath.read(text, "$");
        if (parsed.get("id") instanceof Integer id) {
            CompletableFuture<String> answer = answers.remove(id);
            if (answer != null) {
                answer.complete(text);
            }
        } else if (List.of("Runtime.exceptionThrown", "Log.entryAdded").contains(parsed.get("method"))) {
            complaints.add(text);
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        socket.abort();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(one -> one.onExit().orTimeout(10, TimeUnit.SECONDS).join());
    }
}
