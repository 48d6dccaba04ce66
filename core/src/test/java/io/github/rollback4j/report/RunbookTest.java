package io.github.rollback4j.report;

import static io.github.rollback4j.plan.RollbackPlan.Step.of;
import static io.github.rollback4j.signal.Signals.circuitBreakerOpen;
import static io.github.rollback4j.signal.Signals.conversion;
import static io.github.rollback4j.signal.Signals.errorRate;
import static io.github.rollback4j.signal.Signals.external;
import static io.github.rollback4j.signal.Signals.healthCheck;
import static io.github.rollback4j.signal.Signals.latency;
import static io.github.rollback4j.signal.Signals.meter;
import static io.github.rollback4j.signal.Signals.percentagePoints;
import static io.github.rollback4j.signal.Signals.report;
import static io.github.rollback4j.signal.Signals.shadowMismatch;
import static io.github.rollback4j.signal.Signals.value;
import static io.github.rollback4j.strategy.RolloutStrategy.blueGreen;
import static io.github.rollback4j.strategy.RolloutStrategy.canary;
import static io.github.rollback4j.strategy.RolloutStrategy.featureFlag;
import static io.github.rollback4j.strategy.RolloutStrategy.shadow;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.Preflight.Item;
import io.github.rollback4j.plan.Preflight.Outcome;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Touched.Kind;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy.Otherwise;
import io.github.rollback4j.strategy.WaysBack;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RunbookTest {

    private static RollbackPlan.Builder plan() {
        return RollbackPlan.from(Release.of("checkout", "1.4.2"))
                .to(Release.of("checkout", "1.5.0"))
                .watch(errorRate());
    }

    private static Notifier notifier(String name) {
        return new Notifier() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String description() {
                return "channel " + name;
            }

            @Override
            public Check.Result check() {
                return Check.Result.pass("");
            }

            @Override
            public void send(Message message) {}
        };
    }

    /** Uses all that a plan can have. */
    private static RollbackPlan everything() {
        return RollbackPlan.from(Release.of("checkout", "1.4.2"))
                .to(Release.of("checkout", "1.5.0").with(Release.LINK, "https://example.com/1.5.0"))
                .strategy(shadow(10)
                        .then(canary(5, 25).bake(Duration.ofMinutes(10)).byEvidence())
                        .thenPromote()
                        .rollbackWindow(Duration.ofHours(2))
                        .within(Duration.ofHours(6), Otherwise.ROLL_BACK))
                .watch(errorRate().notAboveStableBy(percentagePoints(.1)))
                .watch(latency().quantile(.99))
                .watch(conversion("ordered").within(Duration.ofMinutes(3)))
                .watch(value("revenue"))
                .watch(shadowMismatch())
                .watch(meter("queue", new SimpleMeterRegistry(), "queue.size").notAbove(1_000))
                .watch(healthCheck("payment", () -> true))
                .watch(circuitBreakerOpen("warehouse", CircuitBreaker.ofDefaults("warehouse")))
                .watch(report().agreedBy(2, Duration.ofMinutes(10)))
                .watch(external("smoke-test"))
                .falseRollbackRate(.02)
                .thenRun(
                        of(WaysBack.flagOff("new-prices", new AtomicBoolean())),
                        of(WaysBack.manual("purge-cache", "Purge the cache.")))
                .thenRun(of(WaysBack.webhook("deploy", URI.create("https://ci.example.com/hooks/s3cr3t"), () -> "hush"))
                        .orElse(WaysBack.command(
                                "deploy-by-script", List.of("/opt/deploy", "1.4.2"), Map.of("T", "hush2")))
                        .within(Duration.ofMinutes(5))
                        .attempts(2)
                        .pause(Duration.ofSeconds(10))
                        .behind(Gate.approval("database", "the database team"))
                        .behind(Gate.freeze(
                                "freeze",
                                Instant.parse("2030-01-04T00:00:00Z"),
                                Instant.parse("2030-01-06T00:00:00Z"),
                                "weekend"))
                        .patience(Duration.ofMinutes(7))
                        .repeatedWhenUncertain())
                .verifyWithin(Duration.ofMinutes(4))
                .verify("smoke", () -> Check.Result.pass(""))
                .criteria(new RollbackPlan.Criteria("3", "Product Owner", "Release Manager", "carts"))
                .touches(Kind.CACHE, "price-cache", "PriceCacheTest")
                .touches(Kind.TOPIC, "orders", "")
                .requiredBy("invoicing", "loyalty")
                .beforeStart("restore-point", () -> Check.Result.pass(""))
                .drilledWithin(Duration.ofDays(30))
                .expectedTraffic(200, .002)
                .nothingUnchecked()
                .communication(new Communication(List.of(
                        Communication.Group.of("on-call", "On-call engineer", notifier("pager"))
                                .orBy(notifier("mail"))
                                .acknowledgedWithin(Duration.ofMinutes(5), "team"),
                        Communication.Group.of("team", "The team", notifier("chat"))
                                .on(Communication.Occasion.ROLLBACK)
                                .after(Duration.ofMinutes(2)),
                        Communication.Group.of("product", "Product Owner", notifier("chat2"))
                                .approvedBy("Release Manager")
                                .updatesEvery(Duration.ofMinutes(15)))))
                .build();
    }

    @Nested
    class ForTheNight {

        @Test
        void runbook_ofAFullPlan_saysAllOfIt() {
            String runbook = Runbook.of(everything()).markdown();

            assertThat(runbook)
                    .startsWith("# checkout 1.4.2 to 1.5.0\n\nRunbook · acts by itself\n")
                    .contains("## Take it back now", "rollout.rollBack(\"you\", \"what you saw\");")
                    .contains("`all-to-stable:checkout`", "`ROLLBACK4J_CONTROL=all-to-stable`", "`automation-off`")
                    .contains(
                            "| **error-rate** | Calls that fail |",
                            "| **queue** | The meter queue.size (queue) | up to 1,000 |")
                    .contains("at most 1 of 50 rollouts")
                    .contains("| shadow 10 % | 0 %, and beside 10 % unseen |")
                    .contains("A step may end earlier, not before 1 minute, once it is shown that at most 0.05 %")
                    .contains(
                            "can still be taken back for 2 hours. If that takes longer than 6 hours, it is taken back.")
                    .contains("### 1. new-prices\n", "### 2. purge-cache (beside no. 1)", "### 3. deploy\n")
                    .contains("- **Or else:** runs /opt/deploy 1.4.2")
                    .contains("- **Behind gate database:** the database team must approve. Where it asks a person:"
                            + " `rollout.acknowledge(\"database\", \"you\", \"what you did\")`")
                    .contains("- **A gate may take:** 7 minutes to open")
                    .contains("- **Tries:** up to 2, 5 minutes each, 10 seconds between the first two")
                    .contains("- **If nobody knows whether it was done:** it is done again")
                    .contains("`rollout.acknowledge(\"deploy\", \"you\", \"what you did\")`")
                    .contains("Looked at within 4 minutes", "and these pass: smoke")
                    .contains("- Cache price-cache: the previous version reads", "PriceCacheTest")
                    .contains("- Topic orders: nobody has shown")
                    .contains("Take back first what needs the candidate: invoicing, loyalty")
                    .contains("| on-call | On-call engineer |", "channel pager, else channel mail")
                    .contains("acknowledged within 5 minutes, else team is told")
                    .contains("approved by Release Manager before it is sent", "at once, then every 15 minutes")
                    .contains("after 2 minutes")
                    .contains("a drill must have passed within 30 days", "nothing may be unchecked", "restore-point")
                    .contains("<https://example.com/1.5.0>")
                    .contains(everything().hash());
        }

        @Test
        @Tag("R-10")
        void pages_haveNoSecret() {
            RollbackPlan plan = everything();

            assertThat(Runbook.of(plan).markdown() + Runbook.criteriaSheet(plan).markdown())
                    .contains("https&#58;//ci.example.com")
                    .doesNotContain("s3cr3t", "hush");
        }

        @ParameterizedTest
        @EnumSource(Mode.class)
        void whoActs_isThePlansMode(Mode mode) {
            String runbook = Runbook.of(plan().mode(mode).build()).markdown();

            assertThat(runbook.contains("rollout.approve")).isEqualTo(mode != Mode.ACT);
            assertThat(runbook.contains("rollout.dismiss")).isEqualTo(mode != Mode.ACT);
        }

        @Test
        void plan_withNothingMore_saysSo() {
            assertThat(Runbook.of(plan().build()).markdown())
                    .contains("None: the plan has no step beyond the calls.")
                    .contains("The plan does not look. Look yourself")
                    .contains("The plan tells nobody")
                    .contains("Data that may be lost by going back: not stated.");
        }

        @Test
        void releases_ofOneVersion_areToldApartByTheirCommits() {
            RollbackPlan plan = RollbackPlan.from(
                            Release.of("checkout", "1.5.0").with(Release.COMMIT, "aaa"))
                    .to(Release.of("checkout", "1.5.0").with(Release.COMMIT, "bbb"))
                    .watch(errorRate())
                    .build();

            assertThat(Runbook.of(plan).title()).isEqualTo("checkout 1.5.0@aaa to 1.5.0@bbb");
        }

        @Test
        void target_thatRecognisesItsKey_isSentToAgain() {
            RollbackPlan plan = plan().thenRun(new RollbackStrategy() {
                        @Override
                        public String name() {
                            return "known";
                        }

                        @Override
                        public String description() {
                            return "calls a target that acts once";
                        }

                        @Override
                        public Check.Result check(Context context) {
                            return Check.Result.pass("");
                        }

                        @Override
                        public Done rollBack(Context context) {
                            return Done.done("");
                        }

                        @Override
                        public boolean recognisesKey() {
                            return true;
                        }
                    })
                    .build();

            assertThat(Runbook.of(plan).markdown()).contains("it is sent again: its target acts once for each");
        }
    }

    @Nested
    class ToBeSigned {

        @Test
        void sheet_ofAFullPlan_saysAllOfItPlainly() {
            String sheet = Runbook.criteriaSheet(everything()).markdown();

            assertThat(sheet)
                    .startsWith("# checkout 1.4.2 to 1.5.0\n\nRollback criteria · version 3, to be signed\n")
                    .contains("**Who decides:** the software itself")
                    .contains("none that anybody sees, but a trial run beside 10 of 100 calls")
                    .contains(
                            "| **Calls that fail** | 0.1 in 100 calls more than with today's version; in any case fewer than 3 |")
                    .contains(
                            "| **How long the slowest 1 of 100 calls take** | up to 1.1 times as long as with today's version |")
                    .contains(
                            "| **How many calls lead to the goal (ordered)** | no less than 0.95 times as many as with today's"
                                    + " version | 3 minutes after each call |")
                    .contains("| **What a call is worth (revenue)** |")
                    .contains("up to 0.1 of 100 answers")
                    .contains(
                            "| **The meter queue.size (queue)** | up to 1,000 | beyond that: 3 looks in a row, over 10 seconds |")
                    .contains("| **The health check payment** | that it fails now and then |")
                    .contains("| **The circuit breaker warehouse open (warehouse)** |")
                    .contains("| **Reports of people** | fewer than 2, from different reporters | within 10 minutes |")
                    .contains("| **Alarms of another system (smoke-test)** | none: the first counts | at once |")
                    .contains("taken back by mistake in at most 1 of 50 releases")
                    .contains("fixed limits and reports of people have no such bound")
                    .contains("Expected are 200 calls a second, of which 0.2 in 100 fail today.")
                    .contains("| 5 times as often as today (1 in 100) | about ")
                    .contains("1. **new-prices**: turns the feature flag off")
                    .contains("Before it: the database team must approve")
                    .contains("**Data that may be lost:** carts")
                    .contains("these must go back before it can: invoicing and loyalty")
                    .contains("| Product Owner |  |  |  |", "| Release Manager |  |  |  |")
                    .contains("fingerprint " + everything().hash().substring(0, 12));
        }

        @Test
        void sheet_hasNoWordOfTheCraft() {
            RollbackPlan plan = everything();

            assertThat(Runbook.criteriaSheet(plan).markdown().toLowerCase(Locale.ROOT))
                    .doesNotContain(
                            "e-value",
                            "candidate",
                            "canary",
                            "quantile",
                            "percentile",
                            "regression",
                            "alpha",
                            "sha",
                            "stable",
                            "rollout",
                            "exposure",
                            "baked",
                            "null");
        }

        @Test
        void sheet_withoutTraffic_saysThatItCannotBeSaid() {
            assertThat(Runbook.criteriaSheet(plan().build()).markdown())
                    .contains("This cannot be said: the plan does not state how many calls are expected.")
                    .contains("first 1 of 100 calls, then 5, 25 and 50, each for 10 minutes at least")
                    .contains("| Owner of these criteria |", "| Approver |")
                    .contains("**Data that may be lost:** not stated")
                    .contains("Nothing else is to be done.");
        }

        @Test
        void sheet_thatComparesNothing_promisesNothing() {
            RollbackPlan plan = RollbackPlan.from(Release.of("a", "1"))
                    .to(Release.of("a", "2"))
                    .watch(report())
                    .expectedTraffic(10, 0)
                    .build();

            assertThat(Runbook.criteriaSheet(plan).markdown())
                    .contains("How often a good version is taken back by mistake cannot be said.")
                    .contains("Failing calls are not compared with today's version")
                    .doesNotContain("at most 1 of");
        }

        @Test
        void sheet_ofEachStrategy_saysWhoGetsIt() {
            assertThat(Runbook.criteriaSheet(plan().strategy(blueGreen()).build())
                            .markdown())
                    .contains("**Who gets it:** all calls. Then all; for 1 hour more it can be taken back");
            assertThat(Runbook.criteriaSheet(plan().strategy(featureFlag(20)).build())
                            .markdown())
                    .contains(
                            "20 of 100 calls once a person has switched it on, for 10 minutes at least. Then it stays so");
        }

        @ParameterizedTest
        @EnumSource(Mode.class)
        void sheet_ofEachMode_saysWhoDecides(Mode mode) {
            assertThat(Runbook.criteriaSheet(plan().mode(mode).build()).markdown())
                    .contains(
                            switch (mode) {
                                case ACT -> "the software takes it back.";
                                case RECOMMEND -> "the software asks a person.";
                                case OBSERVE -> "the software writes it down.";
                            });
        }
    }

    @Nested
    class BeforeTheStart {

        private final Preflight preflight = new Preflight(List.of(
                new Item("way back deploy", Outcome.FAILED, "401 | <b>"),
                new Item("drill", Outcome.NOT_CHECKED, "none"),
                new Item("gate database", Outcome.PASSED, "must approve")));

        @Test
        void preflight_thatFailed_saysFirstWhatIsToBeMended() {
            String page = Runbook.preflight(plan().build(), preflight).markdown();

            assertThat(page)
                    .contains("Preflight · not passed", "The rollout may not start: 1 thing is not as it must be")
                    .contains("- [ ] **way back deploy**: 401 &#124; &lt;b&gt;\n")
                    .contains("- **drill**: none\n")
                    .contains("| gate database | passed | must approve |");
            assertThat(page.indexOf("To be mended")).isLessThan(page.indexOf("Nobody can tell"));
        }

        @Test
        void preflight_thatPassed_saysSo() {
            assertThat(Runbook.preflight(plan().build(), new Preflight(List.of()))
                            .markdown())
                    .contains("Preflight · passed", "the rollout may start.")
                    .doesNotContain("To be mended");
        }
    }
}
