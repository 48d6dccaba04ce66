package io.github.rollback4j.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalsTest {

    private static double read(LimitSignal signal) throws Exception {
        return signal.probe().read();
    }

    @Test
    void percentagePoints_ofATenth_isAThousandth() {
        assertThat(Signals.percentagePoints(0.1)).isCloseTo(0.001, within(1e-15));
    }

    @Nested
    class HealthCheck {

        private static double health(Callable<@Nullable Boolean> check) throws Exception {
            return read(Signals.healthCheck("health", check));
        }

        @Test
        void read_trueAndFalse_areOneAndZero() throws Exception {
            assertThat(health(() -> true)).isEqualTo(1);
            assertThat(health(() -> false)).isZero();
        }

        @Test
        void read_throws_isUnhealthy() throws Exception {
            assertThat(health(() -> {
                        throw new IOException("down");
                    }))
                    .isZero();
            assertThat(health(() -> {
                        throw new AssertionError("not what was expected");
                    }))
                    .isZero();
            assertThat(health(() -> {
                        throw new NoClassDefFoundError("gone");
                    }))
                    .isZero();
        }

        @Test
        @Tag("R-5")
        void read_null_isNone() throws Exception {
            assertThat(health(() -> null)).isNaN();
        }

        @Test
        @Tag("R-5")
        void read_interrupted_isNone() throws Exception {
            assertThat(health(() -> {
                        throw new InterruptedException();
                    }))
                    .isNaN();
            assertThat(health(() -> {
                        Thread.currentThread().interrupt();
                        throw new IOException("interrupted");
                    }))
                    .isNaN();
            assertThat(Thread.interrupted()).as("left to the lane").isTrue();
        }

        @Test
        void healthCheck_threeFailuresOverTenSeconds_areARegression() {
            LimitSignal.Watch watch = Signals.healthCheck("health", () -> true).watch();
            assertThat(watch.take(1, 0).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            for (int second = 0; second < 10; second++) {
                assertThat(watch.take(0, second * 1_000_000_000L).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            }
            assertThat(watch.take(0, 10_000_000_000L).verdict()).isEqualTo(Verdict.REGRESSED);
        }
    }

    @Nested
    class Meters {

        private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

        private double value(String meter, String... tags) throws Exception {
            return read(Signals.meter("meter", registry, meter, tags).notAbove(1));
        }

        @Test
        void read_gauge_isItsValue() throws Exception {
            AtomicInteger size = registry.gauge("queue.size", new AtomicInteger(7));
            assertThat(value("queue.size")).isEqualTo(7);
            size.set(8);
            assertThat(value("queue.size")).isEqualTo(8);
        }

        @Test
        void read_counter_isItsCount() throws Exception {
            registry.counter("failures").increment(3);
            assertThat(value("failures")).isEqualTo(3);
        }

        @Test
        void read_timer_isItsFirstMeasurement() throws Exception {
            registry.timer("requests").record(250, TimeUnit.MILLISECONDS);
            registry.timer("requests").record(250, TimeUnit.MILLISECONDS);
            assertThat(value("requests")).as("the number of requests").isEqualTo(2);
        }

        @Test
        void read_tags_pickTheMeter() throws Exception {
            registry.counter("failures", "release", "stable").increment(3);
            registry.counter("failures", "release", "candidate").increment(5);
            assertThat(value("failures", "release", "candidate")).isEqualTo(5);
            assertThat(value("failures", "release", "other")).isNaN();
        }

        @Test
        @Tag("R-5")
        void read_missingOrNaN_isNone() throws Exception {
            registry.gauge("broken", Double.NaN);
            assertThat(value("broken")).isNaN();
            assertThat(value("missing")).isNaN();
        }

        @Test
        void read_registeredLater_isFound() throws Exception {
            LimitSignal late = Signals.meter("meter", registry, "late").notAbove(1);
            assertThat(read(late)).isNaN();
            registry.counter("late").increment();
            assertThat(read(late)).isEqualTo(1);
        }

        @Test
        void meter_tagsChangedLater_areCopied() throws Exception {
            registry.counter("failures", "release", "stable").increment();
            String[] tags = {"release", "stable"};
            LimitSignal signal =
                    Signals.meter("meter", registry, "failures", tags).notAbove(1);
            tags[1] = "candidate";
            assertThat(read(signal)).isEqualTo(1);
        }

        @Test
        void description_tags_areNamed() {
            assertThat(Signals.meter("meter", registry, "failures", "release", "stable")
                            .notAbove(1)
                            .description())
                    .isEqualTo(
                            "meter: meter failures {release=stable} not above 1.0, read every PT1S, judged over 3 readings and PT10S");
        }

        @Test
        @Tag("R-12")
        void meter_oddTags_isRefused() {
            assertThatThrownBy(() -> Signals.meter("queue", registry, "queue.size", "release"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("signal queue has 1 tag parts: pairs of key and value are allowed");
        }
    }

    @Nested
    class Breaker {

        private final CircuitBreaker breaker = CircuitBreaker.ofDefaults("payments");
        private final LimitSignal signal = Signals.circuitBreakerOpen("breaker", breaker);

        @Test
        void read_eachState_isOpenOrNot() throws Exception {
            assertThat(read(signal)).isZero();
            breaker.transitionToOpenState();
            assertThat(read(signal)).isEqualTo(1);
            breaker.transitionToHalfOpenState();
            assertThat(read(signal)).isZero();
            breaker.transitionToForcedOpenState();
            assertThat(read(signal)).isEqualTo(1);
            breaker.transitionToClosedState();
            assertThat(read(signal)).isZero();
        }

        @Test
        void circuitBreakerOpen_staysOpen_isARegression() {
            LimitSignal.Watch watch =
                    signal.forAtLeast(2, Duration.ofSeconds(1)).watch();
            watch.take(1, 0);
            Assessment found = watch.take(1, 1_000_000_000L);
            assertThat(found.verdict()).isEqualTo(Verdict.REGRESSED);
            assertThat(found.why()).contains("circuit breaker payments open");
        }
    }

    @Nested
    class Pushed {

        @Test
        void report_byDefault_isRaisedByOne() {
            assertThat(Signals.report()).isEqualTo(new PushedSignal("report", 1, Duration.ofMinutes(30)));
            assertThat(Signals.external("smoke-test").agreedBy(2, Duration.ofHours(1)))
                    .isEqualTo(new PushedSignal("smoke-test", 2, Duration.ofHours(1)));
        }

        @Test
        void description_eachSetting_changesIt() {
            assertThat(Signals.report().description())
                    .isEqualTo("report: raised by 1 within PT30M")
                    .isNotEqualTo(
                            Signals.report().agreedBy(2, Duration.ofMinutes(30)).description())
                    .isNotEqualTo(
                            Signals.report().agreedBy(1, Duration.ofMinutes(31)).description());
        }

        @Test
        @Tag("R-12")
        void external_badName_isRefused() {
            assertThatThrownBy(() -> Signals.external("Smoke Test"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("signal name 'Smoke Test' is not allowed: 1 to 63 lower-case letters");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, -1, 1_001})
        @Tag("R-12")
        void agreedBy_count_isRefused(int count) {
            assertThatThrownBy(() -> Signals.report().agreedBy(count, Duration.ofHours(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("signal report needs " + count + " reporters: 1 to 1000 are allowed");
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT0S", "-PT1S", "P200000D"})
        @Tag("R-12")
        void agreedBy_time_isRefused(Duration time) {
            assertThatThrownBy(() -> Signals.report().agreedBy(2, time))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("signal report has within " + time + ": more than 0 and at most 60 days is allowed");
        }
    }
}
