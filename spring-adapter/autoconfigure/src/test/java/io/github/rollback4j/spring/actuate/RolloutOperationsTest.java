package io.github.rollback4j.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.metrics.RolloutMetrics;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.spring.HealthTypes;
import io.github.rollback4j.spring.NamedRollouts;
import io.github.rollback4j.spring.Rollback4jAutoConfiguration;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the service has by itself, and what takes it away. */
@ExtendWith(OutputCaptureExtension.class)
class RolloutOperationsTest {

    private final WebApplicationContextRunner service = new WebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    Rollback4jAutoConfiguration.class,
                    RolloutOperationsAutoConfiguration.class,
                    RolloutsEndpointAutoConfiguration.class,
                    RolloutsHealthAutoConfiguration.class))
            .withPropertyValues(
                    "rollback4j.store.type=memory",
                    "rollback4j.rollouts.quotes.stable=1.4.2",
                    "rollback4j.rollouts.quotes.candidate=1.5.0",
                    "rollback4j.rollouts.quotes.signals[0]=error-rate");

    @Test
    void nothingExposed_neitherEndpointNorPage() {
        service.run(context -> assertThat(context)
                .doesNotHaveBean(RolloutsEndpoint.class)
                .doesNotHaveBean(RolloutsPageEndpoint.class)
                .hasSingleBean(RolloutMetrics.class)
                .hasBean("rolloutsHealthIndicator"));
    }

    @Test
    void exposed_oneByOne() {
        service.withPropertyValues("management.endpoints.web.exposure.include=rollouts")
                .run(context -> assertThat(context)
                        .hasSingleBean(RolloutsEndpoint.class)
                        .doesNotHaveBean(RolloutsPageEndpoint.class));
        service.withPropertyValues("management.endpoints.web.exposure.include=rollouts,rolloutspage")
                .run(context -> assertThat(context)
                        .hasSingleBean(RolloutsEndpoint.class)
                        .hasSingleBean(RolloutsPageEndpoint.class));
        service.withPropertyValues(
                        "management.endpoints.web.exposure.include=*", "management.endpoint.rollouts.access=NONE")
                .run(context -> assertThat(context).doesNotHaveBean(RolloutsEndpoint.class));
    }

    @Test
    void withoutActuator_rolloutsWork() {
        service.withClassLoader(
                        new FilteredClassLoader("org.springframework.boot.actuate", "org.springframework.boot.health"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(NamedRollouts.class)
                        .doesNotHaveBean("rolloutsHealthIndicator")
                        .doesNotHaveBean("rolloutsInfoContributor"));
    }

    @Test
    void switchedOff_areNotThere() {
        service.withPropertyValues("management.health.rollouts.enabled=false", "management.info.rollouts.enabled=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(HealthTypes.of("HealthIndicator"))
                        .doesNotHaveBean(InfoContributor.class));
    }

    @Test
    void rolledBack_isNoReasonToTakeAnInstanceOutOfTraffic() {
        service.run(context -> {
            Rollout quotes = context.getBean(NamedRollouts.class).get("quotes");
            quotes.rollBack("Ann", "it is odd");
            Awaitility.await().until(() -> quotes.state().phase() == Phase.ROLLED_BACK);
            assertThat(HealthTypes.health(context.getBean("rolloutsHealthIndicator")))
                    .startsWith("UP")
                    .contains(quotes.id(), "phase=ROLLED_BACK", "it is odd");
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class Hearer {
        final List<RolloutChanged> heard = new CopyOnWriteArrayList<>();

        @EventListener
        void hear(RolloutChanged changed) {
            heard.add(changed);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Hanging {
        private final CountDownLatch never = new CountDownLatch(1);

        @EventListener
        void hang(RolloutChanged changed) throws InterruptedException {
            if (changed.event() instanceof RolloutEvent.Decided) {
                never.await();
            }
        }
    }

    @Test
    void events_areApplicationEvents_andAListenerThatHangsDelaysNoRollback() {
        service.withUserConfiguration(Hearer.class, Hanging.class).run(context -> {
            Rollout quotes = context.getBean(NamedRollouts.class).get("quotes");
            Hearer hearer = context.getBean(Hearer.class);
            Awaitility.await()
                    .until(() ->
                            hearer.heard.stream().anyMatch(changed -> changed.event() instanceof RolloutEvent.Started));
            assertThat(hearer.heard).allMatch(changed -> changed.rollout() == quotes);
            quotes.rollBack("Ann", "it is odd");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(4))
                    .until(() -> quotes.state().phase() == Phase.ROLLED_BACK);
        });
    }

    @Test
    void stableCode_isRemindedOf_untilItIsGone(CapturedOutput output) {
        service.run(context -> {
            Rollouts rollouts = context.getBean(Rollouts.class);
            Rollout quotes = context.getBean(NamedRollouts.class).get("quotes");
            Awaitility.await().until(() -> quotes.state().phase() == Phase.RUNNING);
            reminder(rollouts, 31).remind();
            assertThat(output).doesNotContain("is still there");
            quotes.promote("Ann");
            Awaitility.await()
                    .until(() -> rollouts.journal().read(quotes.id()).stream()
                            .anyMatch(entry -> entry.event().type().equals("promoted")));
            reminder(rollouts, 29).remind();
            assertThat(output).doesNotContain("is still there");
            reminder(rollouts, 31).remind();
            assertThat(output)
                    .contains("quotes:1.4.2..1.5.0#1 was promoted 31 days ago, and the code of quotes 1.4.2 is still");
        });
    }

    @Test
    void stableCode_ofADeployment_isInAnotherProcess(CapturedOutput output) {
        service.withPropertyValues("rollback4j.rollouts.quotes.strategy=deployment")
                .run(context -> {
                    Rollouts rollouts = context.getBean(Rollouts.class);
                    Rollout quotes = context.getBean(NamedRollouts.class).get("quotes");
                    Awaitility.await().until(() -> quotes.state().phase() == Phase.RUNNING);
                    quotes.promote("Ann");
                    Awaitility.await()
                            .until(() -> rollouts.journal().read(quotes.id()).stream()
                                    .anyMatch(entry -> entry.event().type().equals("promoted")));
                    reminder(rollouts, 31).remind();
                    assertThat(output).doesNotContain("is still there");
                });
    }

    @Test
    void stableCode_beforeItsPromotion_isNotRemindedOf() {
        service.withPropertyValues("rollback4j.remind-of-stable-code-after=-1d")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("rollback4j.remind-of-stable-code-after")
                        .hasMessageContaining("PT-24H is not allowed: 0, which is never, or more is"));
    }

    private static StableCodeReminder reminder(Rollouts rollouts, int days) {
        Instant then = Instant.now().plus(Duration.ofDays(days)).plusSeconds(60);
        return new StableCodeReminder(
                rollouts, Duration.ofDays(30), () -> then, Executors.newSingleThreadScheduledExecutor());
    }

    @Test
    void stableCode_atOnceAfterTheStart_orNever(CapturedOutput output) {
        try (RunningService running =
                RunningService.start(RunningService.Protected.class, "--rollback4j.remind-of-stable-code-after=0")) {
            running.quotes().promote("Ann");
        }
        assertThat(output).doesNotContain("is still there");
    }

    @Test
    void meters_areInTheServicesRegistry() {
        try (RunningService running = RunningService.start(RunningService.Protected.class)) {
            var registry = running.context().getBean(io.micrometer.core.instrument.MeterRegistry.class);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(registry.find("rollback4j.share")
                                    .tag("candidate", "1.5.0")
                                    .gauge())
                            .isNotNull());
        }
    }

    @RestController
    static class Slow {
        final CountDownLatch arrived = new CountDownLatch(1);
        final CountDownLatch released = new CountDownLatch(1);
        private final NamedRollouts rollouts;

        Slow(NamedRollouts rollouts) {
            this.rollouts = rollouts;
        }

        @GetMapping("/slow")
        String slow() throws InterruptedException {
            arrived.countDown();
            released.await(20, TimeUnit.SECONDS);
            Rollout quotes = rollouts.get("quotes");
            // Refused once the rollouts are closed.
            quotes.pause("Ann", "while the service drains");
            return quotes.call("key", () -> "served", () -> "served");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import({RunningService.ForPrograms.class, Slow.class})
    @org.springframework.boot.autoconfigure.EnableAutoConfiguration
    static class SlowService {
        @Bean
        String nothingElse() {
            return "";
        }
    }

    @Test
    void shutdown_closesTheRolloutsAfterTheWebServerHasDrained() throws Exception {
        RunningService running = RunningService.start(SlowService.class, "--server.shutdown=graceful");
        Rollout quotes = running.quotes();
        Awaitility.await().until(() -> quotes.state().phase() == Phase.RUNNING);
        Slow slow = running.context().getBean(Slow.class);
        CompletableFuture<HttpResponse<String>> answer = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        answer.complete(running.get("ann", "/slow", "*/*"));
                    } catch (Exception failed) {
                        answer.completeExceptionally(failed);
                    }
                })
                .start();
        assertThat(slow.arrived.await(10, TimeUnit.SECONDS)).isTrue();
        String address = running.address("/slow");
        Thread closing = new Thread(running::close);
        closing.start();
        Awaitility.await().until(() -> isRefused(address));
        slow.released.countDown();
        assertThat(answer.get(10, TimeUnit.SECONDS).body()).isEqualTo("served");
        closing.join(20_000);
        assertThatExceptionOfType(RollbackException.class)
                .isThrownBy(() -> quotes.resume("Ann"))
                .withMessageContaining("closed");
    }

    private static boolean isRefused(String address) throws Exception {
        java.net.URI uri = java.net.URI.create(address);
        try (java.net.Socket socket = new java.net.Socket(uri.getHost(), uri.getPort())) {
            return !socket.isConnected();
        } catch (ConnectException refused) {
            return true;
        }
    }
}
