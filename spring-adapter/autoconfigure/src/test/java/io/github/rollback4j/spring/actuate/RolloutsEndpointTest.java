package io.github.rollback4j.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Signals;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The endpoint over HTTP, as people and programs meet it. */
class RolloutsEndpointTest {

    private static final String QUOTES = "/actuator/rollouts/quotes";
    private static final String UNRESTRICTED = "--management.endpoint.rollouts.access=unrestricted";

    private static <T> T at(HttpResponse<String> answer, String path) {
        return JsonPath.read(answer.body(), path);
    }

    private static void serve(Rollout rollout, int calls) {
        for (int i = 0; i < calls; i++) {
            rollout.call("key-" + i, () -> "stable", () -> "candidate");
        }
    }

    @Nested
    class Protected {

        @Test
        void anonymous_getsNothing() throws Exception {
            try (RunningService service = RunningService.start(RunningService.Protected.class)) {
                for (String path : List.of(
                        "/actuator/rollouts",
                        QUOTES,
                        QUOTES + "/post-mortem",
                        "/actuator/rolloutspage/page",
                        "/actuator/rolloutspage/page.js")) {
                    assertThat(service.get(null, path, "*/*").statusCode())
                            .as(path)
                            .isEqualTo(401);
                }
                assertThat(service.post(null, QUOTES, "{\"action\":\"promote\"}")
                                .statusCode())
                        .isIn(401, 403);
                assertThat(service.quotes().state().phase()).isNotEqualTo(Phase.PROMOTED);
            }
        }

        @Test
        void writing_isNotThereByDefault() throws Exception {
            try (RunningService service = RunningService.start(RunningService.ForPrograms.class)) {
                assertThat(service.post("ann", QUOTES, "{\"action\":\"promote\"}")
                                .statusCode())
                        .isEqualTo(405);
                assertThat(service.quotes().state().phase()).isNotEqualTo(Phase.PROMOTED);
            }
        }

        @Test
        void notExposed_isNotThere() throws Exception {
            try (RunningService service = RunningService.start(
                    RunningService.ForPrograms.class, "--management.endpoints.web.exposure.include=health")) {
                assertThat(service.get("ann", "/actuator/rollouts").statusCode())
                        .isEqualTo(404);
                assertThat(service.get("ann", "/actuator/rolloutspage/page", "*/*")
                                .statusCode())
                        .isEqualTo(404);
                assertThat(service.context().getBeanNamesForType(RolloutsEndpoint.class))
                        .isEmpty();
            }
        }
    }

    @Test
    void reading_saysWhereARolloutStands() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class)) {
            Rollout quotes = service.quotes();
            Awaitility.await().until(() -> quotes.state().phase() == Phase.RUNNING);
            serve(quotes, 200);
            Awaitility.await().until(() -> quotes.status().totals().stableCalls() > 0);

            HttpResponse<String> all = service.get("ann", "/actuator/rollouts");
            assertThat(all.statusCode()).isEqualTo(200);
            assertThat(RolloutsEndpointTest.<String>at(all, "$.rollouts[0].id")).isEqualTo("quotes:1.4.2..1.5.0#1");
            assertThat(RolloutsEndpointTest.<String>at(all, "$.rollouts[0].name"))
                    .isEqualTo("quotes");

            HttpResponse<String> one = service.get("ann", QUOTES);
            assertThat(RolloutsEndpointTest.<String>at(one, "$.rollout.phase")).isEqualTo("RUNNING");
            assertThat(RolloutsEndpointTest.<Double>at(one, "$.rollout.share")).isEqualTo(.5);
            assertThat(RolloutsEndpointTest.<String>at(one, "$.mode")).isEqualTo("ACT");
            int stable = at(one, "$.calls[0].calls");
            int candidate = at(one, "$.calls[1].calls");
            assertThat(stable + candidate).isEqualTo(200);
            assertThat(RolloutsEndpointTest.<List<String>>at(one, "$.actions[*].name"))
                    .containsExactly("pause", "stop-traffic", "promote", "rollback", "all-to-stable");
            assertThat(RolloutsEndpointTest.<Boolean>at(one, "$.preflight.passed"))
                    .isTrue();

            assertThat(service.get("ann", "/actuator/rollouts/quotes:1.4.2..1.5.0%231")
                            .body())
                    .isNotEmpty();
            HttpResponse<String> evidence = service.get("ann", QUOTES + "/evidence");
            assertThat(RolloutsEndpointTest.<String>at(evidence, "$.assessments[0].signal"))
                    .isEqualTo("error-rate");
            assertThat(RolloutsEndpointTest.<Double>at(evidence, "$.curve.log10Threshold"))
                    .isPositive();
            assertThat(evidence.body()).doesNotContain("NaN");
            assertThat(RolloutsEndpointTest.<List<String>>at(
                            service.get("ann", QUOTES + "/timeline"), "$.lines[*].type"))
                    .contains("planned", "started", "exposed");
        }
    }

    @Test
    void id_isTakenAsItIs_alsoWithItsNumberSign() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class)) {
            HttpResponse<String> one = service.get("ann", "/actuator/rollouts/quotes:1.4.2..1.5.0%231");
            assertThat(one.statusCode()).isEqualTo(200);
            assertThat(RolloutsEndpointTest.<String>at(one, "$.rollout.name")).isEqualTo("quotes");
            HttpResponse<String> unknown = service.get("ann", "/actuator/rollouts/qotes");
            assertThat(unknown.statusCode()).isEqualTo(404);
            assertThat(RolloutsEndpointTest.<List<String>>at(unknown, "$.allowed"))
                    .containsExactly("quotes");
            HttpResponse<String> part = service.get("ann", QUOTES + "/evidense");
            assertThat(part.statusCode()).isEqualTo(404);
            assertThat(RolloutsEndpointTest.<List<String>>at(part, "$.allowed")).contains("evidence");
        }
    }

    @Test
    void postMortem_isMarkdown_andAPage() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class)) {
            service.quotes().rollBack("Ann", "it is <odd>");
            Awaitility.await().until(() -> service.quotes().state().phase() == Phase.ROLLED_BACK);
            HttpResponse<String> markdown = service.get("ann", QUOTES + "/post-mortem", "*/*");
            assertThat(markdown.headers().firstValue("Content-Type")).hasValue("text/markdown;charset=UTF-8");
            assertThat(markdown.body()).startsWith("#").contains("1.5.0");
            HttpResponse<String> html = service.get("ann", QUOTES + "/post-mortem.html", "text/html");
            assertThat(html.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
            assertThat(html.body()).contains("<!DOCTYPE html>").doesNotContain("<odd>");
        }
    }

    @Test
    void forecast_isOfTheTrafficThatIsAsked() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class)) {
            HttpResponse<String> seen = service.get("ann", QUOTES + "/forecast");
            assertThat(seen.statusCode()).isEqualTo(400);
            assertThat(seen.body()).contains("has seen no call of stable yet");
            HttpResponse<String> asked = service.get("ann", QUOTES + "/forecast?callsPerSecond=100&failureRate=0.01");
            assertThat(RolloutsEndpointTest.<Double>at(asked, "$.callsPerSecond"))
                    .isEqualTo(100);
            assertThat(RolloutsEndpointTest.<List<Object>>at(asked, "$.rows")).isNotEmpty();
            assertThat(service.get("ann", QUOTES + "/forecast?callsPerSecond=lots&failureRate=0.01")
                            .statusCode())
                    .isEqualTo(400);
            assertThat(service.get("ann", QUOTES + "/forecast?callsPerSecond=-1&failureRate=0.01")
                            .body())
                    .contains("callsPerSecond -1.0 is not allowed");
        }
    }

    @Test
    void writing_isJournalledWithTheUser_whateverTheRequestSays() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class, UNRESTRICTED)) {
            Rollout quotes = service.quotes();
            Awaitility.await().until(() -> quotes.state().phase() == Phase.RUNNING);
            HttpResponse<String> paused = service.post(
                    "ann", QUOTES, "{\"action\":\"pause\",\"reason\":\"lunch\",\"by\":\"bob\",\"user\":\"bob\"}");
            assertThat(paused.statusCode()).isEqualTo(200);
            assertThat(RolloutsEndpointTest.<String>at(paused, "$.by")).isEqualTo("ann");
            Awaitility.await().until(() -> quotes.state().phase() == Phase.PAUSED);
            assertThat(service.post("ann", QUOTES, "{\"action\":\"resume\"}").statusCode())
                    .isEqualTo(200);
            assertThat(service.post("ann", QUOTES, "{\"action\":\"rollback\",\"reason\":\"it is odd\"}")
                            .statusCode())
                    .isEqualTo(200);
            Awaitility.await().until(() -> quotes.state().phase() == Phase.ROLLED_BACK);
            List<Journal.Entry> entries =
                    service.context().getBean(Journal.class).read(quotes.id());
            assertThat(entries)
                    .filteredOn(entry -> List.of("paused", "resumed", "decided")
                            .contains(entry.event().type()))
                    .extracting(entry -> entry.event().data().get("by"))
                    .containsExactly("ann", "ann", "ann");
            HttpResponse<String> late = service.post("ann", QUOTES, "{\"action\":\"promote\"}");
            assertThat(late.statusCode()).isEqualTo(409);
            assertThat(late.body()).contains("PROMOTE is not possible in that state");
        }
    }

    @Test
    void badInput_isToldWhatIsAllowed() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class, UNRESTRICTED)) {
            HttpResponse<String> action = service.post("ann", QUOTES, "{\"action\":\"explode\"}");
            assertThat(action.statusCode()).isEqualTo(400);
            assertThat(RolloutsEndpointTest.<List<String>>at(action, "$.allowed"))
                    .contains("pause", "rollback");
            assertThat(service.post("ann", QUOTES, "{\"action\":\"rollback\"}").statusCode())
                    .isEqualTo(400);
            assertThat(service.post("ann", QUOTES, "{\"action\":\"rollback\",\"reason\":\" \"}")
                            .body())
                    .contains("reason is missing: rollback needs one");
            assertThat(service.post("ann", QUOTES, "{\"action\":\"pause\",\"reason\":\"" + "x".repeat(2001) + "\"}")
                            .body())
                    .contains("too long");
            assertThat(service.post("ann", QUOTES, "{}").statusCode()).isEqualTo(400);
            assertThat(service.post("ann", "/actuator/rollouts/qotes", "{\"action\":\"promote\"}")
                            .statusCode())
                    .isEqualTo(404);
            assertThat(service.quotes().state().phase()).isIn(Phase.PLANNED, Phase.RUNNING);
        }
    }

    @Test
    void nobodyLoggedIn_writesNothing() throws Exception {
        try (RunningService service = RunningService.start(RunningService.Open.class, UNRESTRICTED)) {
            HttpResponse<String> answer = service.post(null, QUOTES, "{\"action\":\"promote\"}");
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("nobody is logged in");
            assertThat(service.quotes().state().phase()).isNotEqualTo(Phase.PROMOTED);
        }
    }

    @Test
    void allToStable_holdsUntilItIsLifted() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class, UNRESTRICTED)) {
            Rollout quotes = service.quotes();
            Awaitility.await().until(() -> quotes.state().phase() == Phase.RUNNING);
            HttpResponse<String> asked =
                    service.post("ann", QUOTES, "{\"action\":\"all-to-stable\",\"reason\":\"fire drill\"}");
            assertThat(asked.statusCode()).isEqualTo(202);
            Awaitility.await().until(() -> quotes.status().allToStable());
            service.post("ann", QUOTES, "{\"action\":\"readmit\",\"reason\":\"over\"}");
            Awaitility.await().until(() -> !quotes.status().allToStable());
        }
    }

    @Test
    void journalsOfBaselines_areNoRollouts() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class)) {
            Journal.Event baseline =
                    Journal.Event.of("baseline-kept", Instant.now(), Duration.ZERO, Map.of("release", "quotes 1.4.2"));
            service.context().getBean(Journal.class).append("serving:quotes:1.4.2", 0, 0, baseline);
            assertThat(service.get("ann", "/actuator/rollouts").body())
                    .contains("quotes:1.4.2..1.5.0#1")
                    .doesNotContain("serving:");
        }
    }

    @Test
    void rolloutsOfOthers_areShown_andAskedThroughTheJournal() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class, UNRESTRICTED);
                Rollouts elsewhere = Rollouts.builder()
                        .journal(service.context().getBean(Journal.class))
                        .host("elsewhere-1")
                        .build()) {
            Rollout prices = elsewhere.start(RollbackPlan.from(Release.of("prices", "1"))
                    .to(Release.of("prices", "2"))
                    .watch(Signals.errorRate())
                    .build());
            Awaitility.await().until(() -> prices.state().phase() == Phase.RUNNING);
            Awaitility.await()
                    .until(() -> service.get("ann", "/actuator/rollouts").body().contains("prices:1..2#1"));
            HttpResponse<String> one = service.get("ann", "/actuator/rollouts/prices:1..2%231");
            assertThat(RolloutsEndpointTest.<Boolean>at(one, "$.rollout.here")).isFalse();
            assertThat(RolloutsEndpointTest.<String>at(one, "$.rollout.component"))
                    .isEqualTo("prices");
            assertThat(RolloutsEndpointTest.<String>at(one, "$.rollout.candidate"))
                    .isEqualTo("2");
            assertThat(service.get("ann", "/actuator/rollouts/prices:1..2%231/forecast")
                            .statusCode())
                    .isEqualTo(404);
            HttpResponse<String> asked = service.post(
                    "ann", "/actuator/rollouts/prices:1..2%231", "{\"action\":\"rollback\",\"reason\":\"it is odd\"}");
            assertThat(asked.statusCode()).isEqualTo(202);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> prices.state().phase() == Phase.ROLLED_BACK);
            assertThat(prices.status().decision()).contains("it is odd");
        }
    }

    @Test
    void nextAttempt_isFoundByTheSameName() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class)) {
            Rollout first = service.quotes();
            first.rollBack("Ann", "it is odd");
            Awaitility.await().until(() -> first.state().phase() == Phase.ROLLED_BACK);
            service.context().getBean(Rollouts.class).retry(first.plan(), "Ann", "it is mended");
            HttpResponse<String> one = service.get("ann", QUOTES);
            assertThat(RolloutsEndpointTest.<String>at(one, "$.rollout.id")).isEqualTo("quotes:1.4.2..1.5.0#2");
            HttpResponse<String> before = service.get("ann", "/actuator/rollouts/quotes:1.4.2..1.5.0%231");
            assertThat(RolloutsEndpointTest.<Boolean>at(before, "$.rollout.here"))
                    .isFalse();
            assertThat(RolloutsEndpointTest.<String>at(before, "$.rollout.phase"))
                    .isEqualTo("ROLLED_BACK");
        }
    }

    @Test
    void healthAndInfo_sayWhatPeopleMustKnow() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class)) {
            HttpResponse<String> health = service.get("ann", "/actuator/health");
            assertThat(RolloutsEndpointTest.<String>at(health, "$.components.rollouts.status"))
                    .isEqualTo("UP");
            assertThat(RolloutsEndpointTest.<Object>at(
                            health, "$.components.rollouts.details['quotes:1.4.2..1.5.0#1'].phase"))
                    .isNotNull();
            HttpResponse<String> info = service.get("ann", "/actuator/info");
            assertThat(RolloutsEndpointTest.<String>at(info, "$.rollouts.quotes.candidate"))
                    .isEqualTo("1.5.0");
        }
    }

    @Test
    void managementPort_hasEndpointAndPage() throws Exception {
        try (RunningService service =
                RunningService.start(RunningService.ForPrograms.class, "--management.server.port=0")) {
            String port = service.context().getEnvironment().getProperty("local.management.port");
            assertThat(service.get("ann", "/actuator/rollouts").statusCode()).isEqualTo(404);
            assertThat(port)
                    .isNotNull()
                    .isNotEqualTo(service.context().getEnvironment().getProperty("local.server.port"));
            assertThat(service.getFrom(port, "ann", "/actuator/rollouts").body())
                    .contains("quotes");
            assertThat(service.getFrom(port, "ann", "/actuator/rolloutspage/page")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(service.getFrom(port, null, "/actuator/rolloutspage/page")
                            .statusCode())
                    .isEqualTo(401);
        }
    }
}
