package io.github.rollback4j.cli;

import static io.github.rollback4j.signal.Signals.errorRate;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.planfile.PlanFile;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.traffic.Arm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line beside a service, over a store in a file. */
class MainTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";

    @TempDir
    private Path folder;

    private final List<String> keys = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private HttpServer target;

    @BeforeEach
    void serve() throws IOException {
        target = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        target.createContext("/", exchange -> {
            if (exchange.getRequestMethod().equals("POST")) {
                keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        target.start();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        target.stop(0);
    }

    private Path store() {
        return folder.resolve("rollouts");
    }

    private Path planFile() throws IOException {
        return Files.writeString(
                folder.resolve("plan.yaml"), """
                component: checkout
                stable: {version: 1.4.2}
                candidate: {version: 1.5.0}
                strategy:
                  canary: {steps: [10], bake: 10m, then: hold}
                signals:
                  - error-rate: {}
                steps:
                  - run: {webhook: {name: deploy, url: "http://127.0.0.1:%d/", secret: "s3cret-of-the-hook"}}
                """.formatted(target.getAddress().getPort()));
    }

    private Rollout service(RollbackPlan plan) {
        JdbcStore store = JdbcStore.inFile(store()).build();
        Rollouts rollouts = Rollouts.builder()
                .journal(store)
                .host("service")
                .pollInterval(Duration.ofMillis(50))
                .build();
        open.add(0, store);
        open.add(0, rollouts);
        return rollouts.start(plan);
    }

    private int run(String... words) {
        out.reset();
        err.reset();
        return Main.run(
                words,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("ROLLBACK4J_STORE", store().toString(), "USER", "ann")::get);
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(10_000_000);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Nested
    class BesideAService {

        @Test
        void status_tellsWhereItStands() throws IOException {
            service(PlanFile.read(planFile()));
            assertThat(run("status")).isEqualTo(Main.DONE);
            assertThat(said()).contains(ID + "  RUNNING step 1");
        }

        @Test
        void rollback_isDoneByTheService_andAwaitTells() throws IOException {
            Rollout rollout = service(PlanFile.read(planFile()));
            assertThat(run("rollback", ID, "--reason", "wrong prices"))
                    .as(said())
                    .isEqualTo(Main.DONE);
            await(() -> rollout.state().phase() == Phase.ROLLED_BACK);
            assertThat(keys).containsExactly(ID + "/deploy");
            assertThat(run("await", ID, "--timeout", "5s", "--poll", "1s")).isEqualTo(Main.NOT_DONE);
            assertThat(said()).contains("by ann: wrong prices");
        }

        @Test
        void await_release_meansTheNewestRolloutToIt() throws IOException {
            Rollout rollout = service(PlanFile.read(planFile()));
            rollout.rollBack("ann", "wrong prices");
            await(() -> rollout.state().phase() == Phase.ROLLED_BACK);
            String release = ID.replaceAll(":.*\\.\\.(.*)#.*", ":$1");
            assertThat(run("await", release, "--timeout", "5s", "--poll", "1s"))
                    .as(said())
                    .isEqualTo(Main.NOT_DONE);
            assertThat(run("await", release + "1", "--timeout", "1s", "--poll", "1s"))
                    .isEqualTo(Main.TIMED_OUT);
            assertThat(said()).contains("There is no rollout " + release + "1");
        }

        @Test
        void pauseAndResume_areDoneByTheService() throws IOException {
            Rollout rollout = service(PlanFile.read(planFile()));
            assertThat(run("pause", ID, "--reason", "looking")).isEqualTo(Main.DONE);
            assertThat(rollout.state().phase()).isEqualTo(Phase.PAUSED);
            assertThat(run("resume", ID)).isEqualTo(Main.DONE);
            assertThat(run("resume", ID)).isEqualTo(Main.NOT_DONE);
            assertThat(said()).contains("Not done: ");
        }

        @Test
        @Tag("R-13")
        void allToStable_reachesTheService_untilReadmit() throws IOException {
            Rollout rollout = service(PlanFile.read(planFile()));
            long key = 0;
            while (rollout.route(key) != Arm.CANDIDATE) {
                key++;
            }
            long exposed = key;
            assertThat(run("all-to-stable", "--component", "checkout", "--reason", "sure is sure"))
                    .isEqualTo(Main.DONE);
            await(() -> rollout.route(exposed) == Arm.STABLE);
            assertThat(rollout.status().allToStable()).isTrue();
            assertThat(run("status", ID)).isEqualTo(Main.DONE);
            assertThat(said()).contains("all calls to stable");
            assertThat(run("readmit", ID, "--reason", "over")).isEqualTo(Main.DONE);
            await(() -> rollout.route(exposed) == Arm.CANDIDATE);
            assertThat(rollout.status().allToStable()).isFalse();
        }
    }

    @Nested
    class WithoutTheService {

        @Test
        @Tag("R-4")
        void finish_theProcessIsGone_takesTheStepsBackThatAreLeft() throws Exception {
            Path plan = planFile();
            Rollout rollout = service(PlanFile.read(plan));
            target.stop(0);
            rollout.rollBack("ann", "wrong prices");
            await(() -> rollout.state().phase() == Phase.ROLLING_BACK);
            for (AutoCloseable each : open) {
                each.close();
            }
            open.clear();
            int port = target.getAddress().getPort();
            target = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
            target.createContext("/", exchange -> {
                keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            target.start();

            assertThat(run("finish", ID, "--plan", plan.toString(), "--timeout", "60s"))
                    .as(said())
                    .isEqualTo(Main.DONE);
            assertThat(keys).contains(ID + "/deploy");
            assertThat(run("status", ID)).isEqualTo(Main.DONE);
            assertThat(said()).contains("ROLLED_BACK").doesNotContain("s3cret");
            assertThat(run("post-mortem", ID, "--html", folder.resolve("p.html").toString()))
                    .isEqualTo(Main.DONE);
            assertThat(folder.resolve("p.html"))
                    .content()
                    .contains("<html", "wrong prices")
                    .doesNotContain("s3cret");
        }

        @Test
        void finish_aRolloutThatRuns_isRefused() throws Exception {
            Path plan = planFile();
            service(PlanFile.read(plan));
            assertThat(run("finish", ID, "--plan", plan.toString())).isEqualTo(Main.NOT_DONE);
            assertThat(said()).contains("there is nothing to finish");
        }

        @Test
        void finish_withAnotherPlan_isRefused() throws Exception {
            Path plan = planFile();
            service(PlanFile.read(plan)).rollBack("ann", "wrong prices");
            Files.writeString(plan, Files.readString(plan).replace("1.5.0", "1.6.0"));
            assertThat(run("finish", ID, "--plan", plan.toString())).isEqualTo(Main.WRONG);
            assertThat(said()).contains("checkout:1.4.2..1.6.0#");
        }

        @Test
        void pause_nobodyLeads_saysSo() throws Exception {
            service(PlanFile.read(planFile()));
            for (AutoCloseable each : open) {
                each.close();
            }
            open.clear();
            assertThat(run("pause", ID, "--reason", "looking", "--timeout", "1s"))
                    .isEqualTo(Main.TIMED_OUT);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "frobnicate | command 'frobnicate' is unknown",
                "pause | pause needs the id of a rollout",
                "pause x | is not in the journal",
                "pause x --reason | option --reason has no value",
                "pause x --because y | option --because is unknown",
                "pause x --reason a --reason b | option --reason is given twice",
                "status a b | 'b' is too much for status",
                "await x --timeout soon | option --timeout is 'soon': 30s, 10m, 2h or PT10M is allowed",
                "await x --timeout -PT1S | more than 0 is allowed",
                "finish x | is not in the journal",
                "check | check needs the file of a plan",
                "check nowhere.yaml | nowhere.yaml",
                "all-to-stable --reason y | needs the id of a rollout, or --component",
            })
    void run_wrongWords_saysWhatIsAllowed(String words, String what) {
        assertThat(run(words.strip().split(" "))).isNotEqualTo(Main.DONE);
        assertThat(said()).contains(what).doesNotContain("Exception");
    }

    @Test
    void run_plans_areCheckedAndPrinted() throws IOException {
        String plan = planFile().toString();
        assertThat(run("check", plan)).isEqualTo(Main.DONE);
        assertThat(said()).contains("step deploy").doesNotContain("s3cret");
        assertThat(run("runbook", plan)).isEqualTo(Main.DONE);
        assertThat(said()).contains("deploy").doesNotContain("s3cret");
        assertThat(run("criteria", plan)).isEqualTo(Main.DONE);
        assertThat(run("schema")).isEqualTo(Main.DONE);
        assertThat(said()).startsWith("{").contains("$schema");
        assertThat(run("help")).isEqualTo(Main.DONE);
        assertThat(Arguments.OPTIONS).allMatch(option -> said().contains("--" + option));
    }

    @Test
    void rollouts_ofPlansInCode_canBeLookedAt() {
        service(RollbackPlan.from(Release.of("checkout", "1.4.2"))
                .to(Release.of("checkout", "1.5.0"))
                .watch(errorRate())
                .build());
        assertThat(Arrays.asList(run("timeline", ID), run("history"))).containsOnly(Main.DONE);
    }
}
