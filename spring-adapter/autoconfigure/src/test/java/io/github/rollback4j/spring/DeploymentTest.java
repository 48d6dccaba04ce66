package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.traffic.Tally;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A service that is the candidate itself, with real HTTP. */
class DeploymentTest {

    /** Of a lease that was got after all others here. */
    private static final long LATER_TOKEN = 1_000;

    private static final AtomicBoolean STABLE_SERVES = new AtomicBoolean(true);

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Service {
        @Bean
        BuildProperties build(Environment environment) {
            Properties build = new Properties();
            build.setProperty("version", environment.getRequiredProperty("built"));
            return new BuildProperties(build);
        }

        @Bean
        Check podsReady() {
            return () -> STABLE_SERVES.get() ? Check.Result.pass("3 of 3") : Check.Result.fail("0 of 3");
        }

        @Bean
        Answers answers() {
            return new Answers();
        }
    }

    @RestController
    static class Answers {
        @GetMapping("/api/answer")
        ResponseEntity<String> answer(@RequestParam int status) {
            return ResponseEntity.status(status).body("");
        }

        @GetMapping("/api/throw")
        String fail() {
            throw new IllegalStateException("a bug");
        }

        @GetMapping("/static/picture")
        ResponseEntity<String> picture() {
            return ResponseEntity.status(HttpStatus.INTERNAL_SERVER_ERROR).body("");
        }
    }

    @TempDir
    private Path folder;

    private final List<ConfigurableApplicationContext> services = new ArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void stopAll() {
        STABLE_SERVES.set(true);
        services.forEach(ConfigurableApplicationContext::close);
    }

    private ConfigurableApplicationContext start(String version, String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "--built=" + version,
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--spring.main.banner-mode=off",
                "--spring.security.user.name=ann",
                "--spring.security.user.password=only-for-tests",
                "--management.endpoint.health.probes.enabled=true",
                "--rollback4j.store.type=file",
                "--rollback4j.store.file=" + folder.resolve("rollouts"),
                "--rollback4j.tick-interval=50ms",
                "--rollback4j.http.include=/api/**",
                "--rollback4j.rollouts.checkout.strategy.deployment.drain=0s",
                "--rollback4j.rollouts.checkout.stable-serves=pods-ready",
                "--rollback4j.rollouts.checkout.signals[0]=error-rate"));
        settings.addAll(Arrays.asList(more));
        ConfigurableApplicationContext service = SpringApplication.run(Service.class, settings.toArray(String[]::new));
        services.add(service);
        return service;
    }

    private int ask(ConfigurableApplicationContext service, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(
                        "http://127.0.0.1:" + service.getEnvironment().getProperty("local.server.port") + path))
                .header(
                        "Authorization",
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString("ann:only-for-tests".getBytes(StandardCharsets.UTF_8)))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    @Test
    void requests_areCountedByTheirStatus_whereTheirPathCounts() throws Exception {
        ConfigurableApplicationContext service = start("1.5.0", "--rollback4j.rollouts.checkout.stable=1.4.2");
        Rollout rollout = service.getBean(NamedRollouts.class).get("checkout");
        assertThat(rollout.plan().candidate().version()).isEqualTo("1.5.0");
        for (String path : List.of(
                "/api/answer?status=200",
                "/api/answer?status=404",
                "/api/answer?status=503",
                "/api/throw",
                "/static/picture",
                "/actuator/health")) {
            ask(service, path);
        }
        Awaitility.await().untilAsserted(() -> {
            Tally.Totals totals = rollout.status().totals();
            assertThat(totals.candidateCalls() + totals.candidateApart()).isEqualTo(4);
            assertThat(totals.candidateFailures() + totals.candidateApartFailures())
                    .isEqualTo(2);
            assertThat(totals.stableCalls() + totals.stableApart()).isZero();
        });
    }

    @Test
    @Tag("R-14")
    void rollback_refusesTraffic_whileStableServes_andTakesItAgainWhereItDoesNot() throws Exception {
        ConfigurableApplicationContext service = start("1.5.0", "--rollback4j.rollouts.checkout.stable=1.4.2");
        assertThat(ask(service, "/actuator/health/readiness")).isEqualTo(200);
        service.getBean(NamedRollouts.class).get("checkout").rollBack("Ann", "wrong prices");
        awaitReadiness(service, 503);
        assertThat(ask(service, "/api/answer?status=200"))
                .as("what comes all the same is answered")
                .isEqualTo(200);
        STABLE_SERVES.set(false);
        awaitReadiness(service, 200);
    }

    private void awaitReadiness(ConfigurableApplicationContext service, int status) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(ask(service, "/actuator/health/readiness")).isEqualTo(status));
    }

    @Test
    void firstRelease_serves_andIsStableForTheNext() throws Exception {
        ConfigurableApplicationContext first = start("1.4.2");
        assertThat(first.getBean(NamedRollouts.class).names()).isEmpty();
        assertThat(ask(first, "/api/answer?status=200")).isEqualTo(200);
        first.close();
        keepBaseline("serving:checkout:1.4.2");
        ConfigurableApplicationContext next = start("1.5.0");
        Rollout rollout = next.getBean(NamedRollouts.class).get("checkout");
        assertThat(rollout.plan().stable().version()).isEqualTo("1.4.2");
        assertThat(next.getBean(Rollouts.class).all()).containsExactly(rollout);
        ConfigurableApplicationContext same = start("1.4.2");
        assertThat(same.getBean(NamedRollouts.class).names()).isEmpty();
    }

    /** As an hour of serving leaves it behind. */
    private void keepBaseline(String id) {
        try (JdbcStore store = JdbcStore.inFile(folder.resolve("rollouts")).build()) {
            long sequence = store.read(id).stream()
                    .mapToLong(Journal.Entry::sequence)
                    .max()
                    .orElse(0);
            store.append(
                    id,
                    sequence,
                    LATER_TOKEN,
                    Journal.Event.of(
                            "baseline-kept",
                            Instant.now(),
                            Duration.ZERO,
                            Map.of("release", "checkout 1.4.2", "count", "0", "highRate", "NaN", "windows", "")));
        }
    }
}
