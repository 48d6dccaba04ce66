package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.signal.LimitSignal;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Signals from what a Spring Boot service has already. */
class RolloutSignalsTest {

    private static final Logger LOG = LoggerFactory.getLogger("com.example.Prices");

    private final ApplicationContextRunner service = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(RolloutSignalsAutoConfiguration.class, Rollback4jAutoConfiguration.class))
            .withPropertyValues(
                    "rollback4j.store.type=memory",
                    "rollback4j.rollouts.quotes.stable=1.4.2",
                    "rollback4j.rollouts.quotes.candidate=1.5.0");

    private static LimitSignal only(NamedRollouts rollouts) {
        RollbackPlan plan = rollouts.plan("quotes");
        assertThat(plan.signals()).hasSize(1);
        return (LimitSignal) plan.signals().get(0);
    }

    private static String told(Throwable failure) {
        return new RolloutConfigurationFailureAnalyzer().analyze(failure).getDescription();
    }

    @Test
    void meter_isFoundByNameAndTags() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        AtomicInteger waiting = meters.gauge(
                "pool.waiting",
                java.util.List.of(io.micrometer.core.instrument.Tag.of("pool", "main")),
                new AtomicInteger(3));
        ApplicationContextRunner watching = service.withPropertyValues(
                "rollback4j.rollouts.quotes.signals[0].meter.name=waiting",
                "rollback4j.rollouts.quotes.signals[0].meter.meter=pool.waiting",
                "rollback4j.rollouts.quotes.signals[0].meter.tags[0]=pool=main",
                "rollback4j.rollouts.quotes.signals[0].meter.during=30s");
        watching.withBean(MeterRegistry.class, () -> meters)
                .withPropertyValues("rollback4j.rollouts.quotes.signals[0].meter.not-above=5")
                .run(context -> {
                    LimitSignal signal = only(context.getBean(NamedRollouts.class));
                    assertThat(signal.description())
                            .isEqualTo(
                                    "waiting: meter pool.waiting {pool=main} not above 5.0, read every PT1S, judged over 3"
                                            + " readings and PT30S");
                    assertThat(signal.probe().read()).isEqualTo(3);
                    waiting.set(7);
                    assertThat(signal.probe().read()).isEqualTo(7);
                });
        watching.withPropertyValues("rollback4j.rollouts.quotes.signals[0].meter.not-above=5")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("rollback4j.rollouts.quotes.signals[0].meter.meter")
                        .contains("a service with one MeterRegistry bean"));
        watching.withBean(MeterRegistry.class, () -> meters)
                .run(context ->
                        assertThat(told(context.getStartupFailure())).contains("one of not-above and not-below"));
    }

    @SuppressWarnings("unchecked")
    private static <T> T indicator(Class<T> type, AtomicReference<String> status) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            Object builder =
                    HealthTypes.of("Health").getMethod("status", String.class).invoke(null, status.get());
            return builder.getClass().getMethod("build").invoke(builder);
        });
    }

    private static <T> ApplicationContextRunner withIndicator(
            ApplicationContextRunner service, Class<T> type, AtomicReference<String> status) {
        return service.withBean("stockHealthIndicator", type, () -> indicator(type, status));
    }

    @Test
    void health_isAskedByTheNameOfTheEndpoint() {
        AtomicReference<String> status = new AtomicReference<>("UP");
        ApplicationContextRunner watching = withIndicator(service, HealthTypes.of("HealthIndicator"), status)
                .withPropertyValues("rollback4j.rollouts.quotes.signals[0].health.name=stock-up");
        watching.withPropertyValues("rollback4j.rollouts.quotes.signals[0].health.indicator=stock")
                .run(context -> {
                    LimitSignal signal = only(context.getBean(NamedRollouts.class));
                    assertThat(signal.probe().read()).isEqualTo(1);
                    status.set("OUT_OF_SERVICE");
                    assertThat(signal.probe().read()).isZero();
                    status.set("UNKNOWN");
                    assertThat(signal.probe().read()).isNaN();
                });
        watching.withPropertyValues("rollback4j.rollouts.quotes.signals[0].health.indicator=stok")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("rollback4j.rollouts.quotes.signals[0].health.indicator")
                        .contains("one of stock"));
    }

    @Test
    void circuitBreaker_isReadOnceItIsThere() {
        CircuitBreakerRegistry breakers = CircuitBreakerRegistry.ofDefaults();
        service.withBean(CircuitBreakerRegistry.class, () -> breakers)
                .withPropertyValues(
                        "rollback4j.rollouts.quotes.signals[0].circuit-breaker.name=payments",
                        "rollback4j.rollouts.quotes.signals[0].circuit-breaker.breaker=payment")
                .run(context -> {
                    LimitSignal signal = only(context.getBean(NamedRollouts.class));
                    assertThat(signal.probe().read()).isNaN();
                    breakers.circuitBreaker("payment");
                    assertThat(signal.probe().read()).isZero();
                    breakers.circuitBreaker("payment").transitionToOpenState();
                    assertThat(signal.probe().read()).isEqualTo(1);
                });
    }

    @Test
    void loggedErrors_areCounted_asAskedFor() {
        service.withPropertyValues(
                        "rollback4j.rollouts.quotes.signals[0].logged-errors.name=errors",
                        "rollback4j.rollouts.quotes.signals[0].logged-errors.not-above=2",
                        "rollback4j.rollouts.quotes.signals[0].logged-errors.loggers[0]=com.example",
                        "rollback4j.rollouts.quotes.signals[0].logged-errors.mdc=release=1.5.0")
                .run(context -> {
                    LimitSignal signal = only(context.getBean(NamedRollouts.class));
                    MDC.put("release", "1.5.0");
                    LOG.error("one that counts");
                    LOG.warn("no error");
                    LoggerFactory.getLogger("org.example.Other").error("of another logger");
                    MDC.remove("release");
                    LOG.error("of no release");
                    assertThat(signal.probe().read()).isEqualTo(1);
                });
        assertThat(((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME))
                        .getAppender("rollback4j-errors"))
                .isNull();
    }

    @Test
    void loggedErrors_areForgottenInTime() {
        AtomicLong nanos = new AtomicLong(Duration.ofDays(3).toNanos());
        LoggedErrors errors = new LoggedErrors(nanos::get);
        LoggedErrors.Count count = errors.count(event -> true, Duration.ofMinutes(1));
        ILoggingEvent event = new ch.qos.logback.classic.spi.LoggingEvent(
                "", (ch.qos.logback.classic.Logger) LOG, ch.qos.logback.classic.Level.ERROR, "bad", null, null);
        errors.append(event);
        nanos.addAndGet(Duration.ofSeconds(30).toNanos());
        errors.append(event);
        assertThat(count.lately()).isEqualTo(2);
        nanos.addAndGet(Duration.ofSeconds(31).toNanos());
        assertThat(count.lately()).isEqualTo(1);
        nanos.addAndGet(Duration.ofDays(400).toNanos());
        assertThat(count.lately()).isZero();
    }
}
