package io.github.rollback4j.signal;

import static io.github.rollback4j.signal.ComparedTraffic.MILLIS;
import static io.github.rollback4j.signal.ComparedTraffic.SECONDS;
import static io.github.rollback4j.signal.Signals.conversion;
import static io.github.rollback4j.signal.Signals.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.evidence.Evidence;
import io.github.rollback4j.signal.Assessment.Verdict;
import io.github.rollback4j.traffic.Arm;
import io.github.rollback4j.traffic.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BusinessMetricTest {

    private static final double LN10 = Math.log(10);

    private static final BusinessMetric ORDER =
            conversion("order").within(Duration.ofNanos(ComparedTraffic.LONG_WINDOW));

    private static final BusinessMetric REVENUE = value("revenue")
            .notBelowStableTimes(ComparedTraffic.VALUE_TIMES)
            .within(Duration.ofNanos(ComparedTraffic.WINDOW));

    @Nested
    class Weighing {

        @ParameterizedTest
        @ValueSource(longs = {11, 12, 13, 14})
        void weigh_randomTraffic_isWhatAPlainLogOfAllCallsSays(long seed) {
            ComparedTraffic traffic = new ComparedTraffic(seed, 1, 1, seed % 2 == 0 ? 1 : .3);
            FailureSignal.Weighing orders = ORDER.weigh(traffic.router.tally(), .01);
            FailureSignal.Weighing revenue = REVENUE.weigh(traffic.router.tally(), .05);
            int looks = 0;
            int weighed = 0;
            for (double share : new double[] {.1, .25, 0, .25, .5, .3, 1, .6}) {
                traffic.expose(share);
                for (int i = 0; i < 900; i++) {
                    traffic.somethingHappens();
                    if (traffic.random.nextInt(110) == 0) {
                        traffic.read();
                        double ofOrders = traffic.conversion(Evidence.lowerRate(.95, 0));
                        double ofRevenue = traffic.value();
                        assertSame(traffic, orders, ofOrders, .01);
                        assertSame(traffic, revenue, ofRevenue, .05);
                        looks++;
                        weighed += ofOrders > Double.NEGATIVE_INFINITY && ofRevenue > Double.NEGATIVE_INFINITY ? 1 : 0;
                    }
                }
            }
            assertThat(traffic.leftOut).isLessThan(25);
            assertThat(looks).isGreaterThan(50);
            assertThat(weighed).isGreaterThan(20);
            if (seed % 2 == 1) {
                assertThat(orders.weigh(traffic.nanos))
                        .as("it converts a third")
                        .isTrue();
                assertThat(revenue.weigh(traffic.nanos))
                        .as("it is worth a third")
                        .isTrue();
            } else {
                assertThat(orders.weigh(traffic.nanos)).isFalse();
                assertThat(revenue.weigh(traffic.nanos)).isFalse();
            }
        }

        private void assertSame(
                ComparedTraffic traffic, FailureSignal.Weighing weighing, double expected, double rate) {
            boolean regressed = weighing.weigh(traffic.nanos);
            double log10 = Double.isInfinite(expected) ? 0 : expected / LN10;
            assertThat(weighing.log10Evidence())
                    .as("evidence after %d ms", traffic.nanos / MILLIS)
                    .isCloseTo(log10, within(1e-9 + 1e-11 * Math.abs(log10)));
            assertThat(regressed).isEqualTo(expected >= -Math.log(rate));
            assertThat(weighing.assessment().log10Evidence()).isEqualTo(weighing.log10Evidence());
        }

        @Test
        @Tag("R-5")
        void weigh_windowNotOver_isNoData() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing orders = ORDER.weigh(traffic.router.tally(), .01);
            FailureSignal.Weighing revenue = REVENUE.weigh(traffic.router.tally(), .01);
            call(traffic, Arm.STABLE, 100, 100);
            call(traffic, Arm.CANDIDATE, 100, 0);
            traffic.pass(19_000).read();

            assertThat(orders.weigh(traffic.nanos)).isFalse();
            assertThat(orders.log10Evidence()).isZero();
            assertThat(orders.assessment().verdict()).isEqualTo(Verdict.NO_DATA);
            assertThat(orders.assessment().why()).isEqualTo("the attribution window of PT20S is not over for any call");
            assertThat(revenue.weigh(traffic.nanos)).isFalse();
            assertThat(revenue.assessment().verdict()).isEqualTo(Verdict.NO_DATA);
            assertThat(revenue.assessment().why())
                    .isEqualTo("the attribution window of PT8S is not over for any call, or what is usual is not known"
                            + " yet");
        }

        @Test
        void weigh_candidateConvertsLess_regresses() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing orders = ORDER.weigh(traffic.router.tally(), .01);
            call(traffic, Arm.STABLE, 1000, 400);
            call(traffic, Arm.CANDIDATE, 1000, 250);
            traffic.pass(22_000).read();

            assertThat(orders.weigh(traffic.nanos)).isTrue();
            Assessment found = orders.assessment();
            assertThat(found.verdict()).isEqualTo(Verdict.REGRESSED);
            assertThat(found.signal()).isEqualTo("order");
            assertThat(found.details().tolerated())
                    .isEqualTo("a candidate whose calls convert 0.95 times as often as stable's");
            assertThat(found.log10Threshold()).isCloseTo(2, within(1e-12));
            long stable = converted(found.why(), "of stable's calls 400 of ([0-9,]+) converted.*");
            long candidate = converted(found.why(), ".*of the candidate's 250 of ([0-9,]+); evidence 10\\^.*");
            assertThat(stable).isGreaterThanOrEqualTo(1000);
            assertThat(candidate).isGreaterThanOrEqualTo(1000);
            assertThat(found.why()).endsWith(" of 10^2.00 needed");
        }

        private long converted(String why, String pattern) {
            return Long.parseLong(why.replaceAll(pattern, "$1").replace(",", ""));
        }

        @Test
        void weigh_candidateConvertsMore_isInconclusive() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing orders = ORDER.weigh(traffic.router.tally(), .01);
            call(traffic, Arm.STABLE, 1000, 250);
            call(traffic, Arm.CANDIDATE, 1000, 400);
            traffic.pass(22_000).read();

            assertThat(orders.weigh(traffic.nanos)).isFalse();
            assertThat(orders.assessment().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            assertThat(orders.log10Evidence()).isLessThan(0.1);
        }

        @Test
        void weigh_onlyOneRelease_isNoData() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(1e-9);
            FailureSignal.Weighing orders = ORDER.weigh(traffic.router.tally(), .01);
            call(traffic, Arm.STABLE, 100, 50);
            traffic.pass(22_000).read();
            orders.weigh(traffic.nanos);
            assertThat(orders.assessment().verdict()).isEqualTo(Verdict.NO_DATA);
        }

        @Test
        void weigh_afterTheEvidenceFell_staysAtItsHighest() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing orders = ORDER.weigh(traffic.router.tally(), .01);
            call(traffic, Arm.STABLE, 300, 150);
            call(traffic, Arm.CANDIDATE, 300, 100);
            traffic.pass(22_000).read();
            orders.weigh(traffic.nanos);
            double highest = orders.log10Evidence();
            assertThat(highest).isPositive();

            call(traffic, Arm.CANDIDATE, 300, 300);
            traffic.pass(22_000).read();
            orders.weigh(traffic.nanos);
            assertThat(orders.log10Evidence()).isEqualTo(highest);
        }

        @Test
        void weigh_candidateIsWorthLess_regresses() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing revenue = REVENUE.weigh(traffic.router.tally(), .01);
            worth(traffic, Arm.STABLE, 1100, 1);
            traffic.pass(10_000).read().pass(1_000);
            worth(traffic, Arm.STABLE, 400, 1);
            worth(traffic, Arm.CANDIDATE, 400, .4);
            traffic.pass(10_000).read();

            assertThat(revenue.weigh(traffic.nanos)).isTrue();
            assertThat(revenue.assessment().verdict()).isEqualTo(Verdict.REGRESSED);
            assertThat(revenue.assessment().details().tolerated())
                    .isEqualTo("a candidate whose calls are worth 0.9 times what stable's are");
            assertThat(revenue.assessment().why())
                    .matches(
                            "[0-9,]+ calls of stable and [0-9,]+ of the candidate are compared by their worth; evidence"
                                    + " 10\\^[0-9.]+ of 10\\^2.00 needed");
        }

        @Test
        void weigh_candidateIsWorthTheSame_isInconclusive() {
            ComparedTraffic traffic = new ComparedTraffic(1, 1, 1, 1).expose(.5);
            FailureSignal.Weighing revenue = REVENUE.weigh(traffic.router.tally(), .01);
            worth(traffic, Arm.STABLE, 1100, 1);
            traffic.pass(10_000).read().pass(1_000);
            for (int i = 0; i < 5; i++) {
                worth(traffic, Arm.STABLE, 500, 1);
                worth(traffic, Arm.CANDIDATE, 500, 1);
                traffic.pass(10_000).read();
                assertThat(revenue.weigh(traffic.nanos)).isFalse();
            }
            assertThat(revenue.assessment().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        }

        private void call(ComparedTraffic traffic, Arm arm, int calls, int converted) {
            for (int i = 0; i < calls; i++) {
                long ticket = traffic.enter(arm);
                traffic.router.exitAfter(ticket, 1, Outcome.SUCCESS);
                if (i < converted) {
                    traffic.router.record(ticket, ComparedTraffic.CONVERSION, 1);
                }
            }
        }

        /** Makes keyed calls of this worth: without keys the calls of the other release would be worth nothing. */
        private void worth(ComparedTraffic traffic, Arm arm, int calls, double times) {
            for (int i = 0; i < calls; ) {
                long key = next++;
                if (traffic.router.route(key) == arm) {
                    long ticket = traffic.router.enter(key);
                    traffic.router.exitAfter(ticket, 1, Outcome.SUCCESS);
                    traffic.router.record(ticket, ComparedTraffic.VALUE, times * (1 + i % 100));
                    i++;
                }
            }
        }

        private long next;
    }

    @Nested
    class Settings {

        @Test
        void defaults_areTheDocumentedOnes() {
            assertThat(conversion("order").name()).isEqualTo("order");
            assertThat(conversion("order").weight()).isEqualTo(.2);
            assertThat(conversion("order").isNumeric()).isFalse();
            assertThat(conversion("order").times()).isEqualTo(.95);
            assertThat(conversion("order").window()).isEqualTo(Duration.ofMinutes(5));
            assertThat(conversion("order").description())
                    .isEqualTo("order: conversion not below stable times 0.95, recorded within PT5M");
            assertThat(value("revenue").isNumeric()).isTrue();
            assertThat(value("revenue").description())
                    .isEqualTo("revenue: value not below stable times 0.95, recorded within PT5M");
        }

        @Test
        void eachSetting_keepsTheOthers() {
            BusinessMetric metric = value("revenue")
                    .notBelowStableTimes(.5)
                    .within(Duration.ofDays(7))
                    .notBelowStableTimes(1);
            assertThat(metric.times()).isEqualTo(1);
            assertThat(metric.window()).isEqualTo(Duration.ofDays(7));
            assertThat(metric.isNumeric()).isTrue();
            assertThat(metric.name()).isEqualTo("revenue");
            assertThat(value("revenue").within(Duration.ofSeconds(1)).window()).isEqualTo(Duration.ofNanos(SECONDS));
        }

        @ParameterizedTest
        @Tag("R-12")
        @ValueSource(doubles = {0, -.5, 1.001, Double.NaN})
        void notBelowStableTimes_outsideItsRange_isRefused(double ratio) {
            assertThatThrownBy(() -> conversion("order").notBelowStableTimes(ratio))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("signal order tolerates " + ratio
                            + " times stable's: more than 0 and at most 1 is allowed");
        }

        @ParameterizedTest
        @Tag("R-12")
        @CsvSource({"PT0.999S", "PT0S", "PT-1S", "P7DT0.001S"})
        void within_outsideItsRange_isRefused(Duration window) {
            assertThatThrownBy(() -> conversion("order").within(window))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "signal order has an attribution window of " + window + ": 1 second to 7 days is allowed");
        }

        @Test
        @Tag("R-12")
        void name_notAllowed_isRefused() {
            assertThatThrownBy(() -> conversion("Order value"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("signal name 'Order value' is not allowed");
        }
    }
}
