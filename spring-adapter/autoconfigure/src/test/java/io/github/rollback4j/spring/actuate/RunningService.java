package io.github.rollback4j.spring.actuate;

import static org.springframework.security.config.Customizer.withDefaults;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.spring.NamedRollouts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** A service with a web server, the actuator and Spring Security, to which one talks as anybody does. */
final class RunningService implements AutoCloseable {

    private static final String[] BASE = {
        "--server.port=0",
        "--spring.main.banner-mode=off",
        "--spring.security.user.name=ann",
        "--spring.security.user.password=only-for-tests",
        "--management.endpoints.web.exposure.include=*",
        "--management.endpoint.health.show-details=always",
        "--management.info.env.enabled=false",
        "--rollback4j.rollouts.quotes.stable=1.4.2",
        "--rollback4j.rollouts.quotes.candidate=1.5.0",
        "--rollback4j.rollouts.quotes.strategy.canary.steps[0]=50",
        "--rollback4j.rollouts.quotes.strategy.canary.bake=30m",
        "--rollback4j.rollouts.quotes.signals[0]=error-rate",
    };

    /** As a service protects itself without a line of its own: everything needs a login. */
    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Protected {}

    /** As a service that lets programs write: without a session there is nothing that could be forged. */
    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class ForPrograms {
        @Bean
        SecurityFilterChain everything(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(all -> all.anyRequest().authenticated())
                    .httpBasic(withDefaults())
                    .csrf(csrf -> csrf.disable())
                    .build();
        }
    }

    /** As a service that nobody protects. */
    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Open {
        @Bean
        SecurityFilterChain nothing(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(all -> all.anyRequest().permitAll())
                    .csrf(csrf -> csrf.disable())
                    .build();
        }
    }

    private final ConfigurableApplicationContext context;
    private final HttpClient client = HttpClient.newHttpClient();

    private RunningService(ConfigurableApplicationContext context) {
        this.context = context;
    }

    static RunningService start(Class<?> application, String... arguments) {
        List<String> all = new ArrayList<>(List.of(BASE));
        // A property that is given twice would have both values.
        for (String argument : arguments) {
            all.removeIf(other -> other.startsWith(argument.substring(0, argument.indexOf('=') + 1)));
        }
        all.add("--spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        all.addAll(List.of(arguments));
        return new RunningService(SpringApplication.run(application, all.toArray(String[]::new)));
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    Rollout quotes() {
        return context.getBean(NamedRollouts.class).get("quotes");
    }

    String address(String path) {
        return "http://localhost:" + context.getEnvironment().getProperty("local.server.port") + path;
    }

    HttpResponse<String> get(@Nullable String user, String path, String accept)
            throws IOException, InterruptedException {
        return client.send(
                request(user, path).header("Accept", accept).GET().build(),
                BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    HttpResponse<String> get(String user, String path) throws IOException, InterruptedException {
        return get(user, path, "application/json");
    }

    HttpResponse<String> getFrom(String port, @Nullable String user, String path)
            throws IOException, InterruptedException {
        return client.send(
                request(user, URI.create("http://localhost:" + port + path))
                        .GET()
                        .build(),
                BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    HttpResponse<String> post(@Nullable String user, String path, String json)
            throws IOException, InterruptedException {
        return client.send(
                request(user, path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(json))
                        .build(),
                BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private HttpRequest.Builder request(@Nullable String user, String path) {
        return request(user, URI.create(address(path)));
    }

    private static HttpRequest.Builder request(@Nullable String user, URI address) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        if (user != null) {
            String login =
                    Base64.getEncoder().encodeToString((user + ":only-for-tests").getBytes(StandardCharsets.UTF_8));
            request.header("Authorization", "Basic " + login);
        }
        return request;
    }

    @Override
    public void close() {
        context.close();
    }
}
