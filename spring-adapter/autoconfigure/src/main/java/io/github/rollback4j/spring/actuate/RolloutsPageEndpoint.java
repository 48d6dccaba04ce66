package io.github.rollback4j.spring.actuate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.util.MimeType;

/**
 * The actuator endpoint {@code rolloutspage}: a page that shows what the endpoint {@code rollouts} says, at {@code
 * rolloutspage/page}. Loads nothing from elsewhere, and writes nothing. Thread-safe.
 */
@WebEndpoint(id = "rolloutspage")
public class RolloutsPageEndpoint {

    private static final Map<String, MimeType> FILES = Map.of(
            "page", new MimeType("text", "html", StandardCharsets.UTF_8),
            "page.css", new MimeType("text", "css", StandardCharsets.UTF_8),
            "page.js", new MimeType("text", "javascript", StandardCharsets.UTF_8));

    private final String page;

    /**
     * Creates the endpoint.
     *
     * @param rolloutsPath of the endpoint {@code rollouts}, below the one of all endpoints
     * @param pagePath of this endpoint, likewise
     */
    public RolloutsPageEndpoint(String rolloutsPath, String pagePath) {
        long up = pagePath.chars().filter(letter -> letter == '/').count() + 1;
        this.page = read("page.html").replace("{rollouts}", escaped("../".repeat((int) up) + rolloutsPath));
    }

    /** Returns a file of the page. */
    @ReadOperation(produces = {"text/html", "text/css", "text/javascript"})
    public @Nullable WebEndpointResponse<String> file(@Selector String name) {
        MimeType type = FILES.get(name);
        return type == null ? null : new WebEndpointResponse<>(name.equals("page") ? page : read(name), 200, type);
    }

    private static String escaped(String path) {
        return path.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
    }

    private static String read(String name) {
        try (InputStream in = RolloutsPageEndpoint.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException("the library's own " + name + " cannot be read", broken);
        }
    }
}
