package io.github.rollback4j.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.rollout.RolloutState.Phase;
import java.net.http.HttpResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A smoke test says that the candidate is bad, over HTTP. */
class RolloutSignalsEndpointTest {

    private static final String SMOKE_TEST = "--rollback4j.rollouts.quotes.signals[1].external.name=smoke-test";
    private static final String UNRESTRICTED = "--management.endpoint.rolloutsignals.access=unrestricted";
    private static final String PATH = "/actuator/rolloutsignals/quotes/smoke-test";
    private static final String BROKEN = "{\"reason\": \"checkout answers 500\"}";

    @Test
    void somebodyWhoIsLoggedIn_raisesIt_andTheCandidateIsTakenBack() throws Exception {
        try (RunningService service =
                RunningService.start(RunningService.ForPrograms.class, SMOKE_TEST, UNRESTRICTED)) {
            assertThat(service.get("ann", "/actuator/rolloutsignals").body())
                    .isEqualTo("{\"quotes\":[\"smoke-test\"]}");
            assertThat(service.post(null, PATH, BROKEN).statusCode()).isEqualTo(401);
            assertThat(service.quotes().state().phase()).isEqualTo(Phase.RUNNING);
            assertThat(service.post("ann", PATH, BROKEN).statusCode()).isEqualTo(200);
            Awaitility.await().until(() -> service.quotes().state().phase() == Phase.ROLLED_BACK);
            assertThat(service.quotes().status().decision()).contains("ann", "checkout answers 500");
        }
    }

    @Test
    void byDefault_nothingIsTaken_andNobodyIsNobody() throws Exception {
        try (RunningService service = RunningService.start(RunningService.ForPrograms.class, SMOKE_TEST)) {
            assertThat(service.post("ann", PATH, BROKEN).statusCode()).isEqualTo(404);
            assertThat(service.quotes().state().phase()).isEqualTo(Phase.RUNNING);
        }
        try (RunningService service = RunningService.start(RunningService.Open.class, SMOKE_TEST, UNRESTRICTED)) {
            assertThat(service.post(null, PATH, BROKEN).statusCode()).isEqualTo(403);
            assertThat(service.quotes().state().phase()).isEqualTo(Phase.RUNNING);
        }
    }

    @Test
    void whatIsWrong_isToldWithWhatIsAllowed() throws Exception {
        try (RunningService service =
                RunningService.start(RunningService.ForPrograms.class, SMOKE_TEST, UNRESTRICTED)) {
            HttpResponse<String> signal = service.post("ann", "/actuator/rolloutsignals/quotes/smoketest", BROKEN);
            assertThat(signal.statusCode()).isEqualTo(400);
            assertThat(signal.body()).contains("signal 'smoketest' cannot be raised", "\"smoke-test\"");
            assertThat(service.post("ann", "/actuator/rolloutsignals/quotas/smoke-test", BROKEN)
                            .statusCode())
                    .isEqualTo(404);
            assertThat(service.post("ann", PATH, "{\"reason\": \" \"}").statusCode())
                    .isEqualTo(400);
            assertThat(service.post("ann", PATH, "{}").statusCode()).isEqualTo(400);
        }
    }
}
