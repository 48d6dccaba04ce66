package io.github.rollback4j.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The page, as HTTP serves it and as people see it. */
class RolloutsPageTest {

    private static final Path SHOTS = Path.of("target", "page");

    @TempDir(cleanup = CleanupMode.NEVER)
    private Path folder;

    @Test
    void files_areTypedAndLoadNothingFromElsewhere() throws Exception {
        try (RunningService service = RunningService.start(
                RunningService.Open.class, "--management.endpoints.web.path-mapping.rollouts=ops/rollouts")) {
            HttpResponse<String> page = service.get(null, "/actuator/rolloutspage/page", "text/html");
            assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
            assertThat(page.body())
                    .contains("<meta name=\"rollouts\" content=\"../ops/rollouts\">")
                    .contains("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
                    .doesNotContain("http:", "https:", "style=", "<style", "onclick", "<script>");
            HttpResponse<String> style = service.get(null, "/actuator/rolloutspage/page.css", "text/css,*/*;q=0.1");
            assertThat(style.headers().firstValue("Content-Type")).hasValue("text/css;charset=UTF-8");
            assertThat(style.body()).doesNotContain("url(", "@import");
            HttpResponse<String> script = service.get(null, "/actuator/rolloutspage/page.js", "*/*");
            assertThat(script.headers().firstValue("Content-Type")).hasValue("text/javascript;charset=UTF-8");
            assertThat(script.body()).doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "write(");
            assertThat(service.get(null, "/actuator/rolloutspage/page.map", "*/*")
                            .statusCode())
                    .isEqualTo(404);
            assertThat(service.get(null, "/actuator/rolloutspage/..%2Fpage.js", "*/*")
                            .statusCode())
                    .isIn(400, 404);
        }
    }

    /** Serves calls of which the candidate fails a part, as long as the thread is not interrupted. */
    private static Thread traffic(Rollout rollout, int failsOneIn) {
        Thread thread = new Thread(() -> {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                int call = i;
                try {
                    rollout.call("key-" + call, () -> "stable", () -> {
                        if (failsOneIn > 0 && call % failsOneIn == 0) {
                            throw new IllegalStateException("the candidate is broken");
                        }
                        return "candidate";
                    });
                } catch (IllegalStateException broken) {
                    // What it is about.
                }
                java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void stop(Thread traffic) throws InterruptedException {
        traffic.interrupt();
        traffic.join(5_000);
    }

    @Test
    void rolloutThatRegresses_isWatchedFromItsRampToItsPostMortem() throws Exception {
        Path program = Browser.find();
        if (program == null) {
            System.out.println("SKIPPED: no Chromium on the PATH, so the page is not looked at");
        }
        Assumptions.assumeTrue(program != null);
        try (RunningService service = RunningService.start(
                        RunningService.Open.class,
                        "--rollback4j.rollouts.quotes.strategy.canary.steps[0]=25",
                        "--rollback4j.rollouts.quotes.strategy.canary.steps[1]=50",
                        "--rollback4j.rollouts.quotes.strategy.canary.bake=30m",
                        "--rollback4j.rollouts.quotes.signals[0]=error-rate",
                        "--rollback4j.rollouts.quotes.signals[1]=latency",
                        "--rollback4j.rollouts.prices.stable=7",
                        "--rollback4j.rollouts.prices.candidate=8",
                        "--rollback4j.rollouts.prices.signals[0]=error-rate");
                Browser browser = new Browser(program, folder)) {
            Rollout quotes = service.quotes();
            Awaitility.await().until(() -> quotes.state().phase() == Phase.RUNNING);
            Thread healthy = traffic(quotes, 0);
            browser.look(1280, false);
            browser.open(service.address("/actuator/rolloutspage/page") + "#quotes%3A1.4.2..1.5.0%231");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(browser.text("verdict"))
                            .contains("1.5.0 serves 25 % of the calls", "No signal"));
            assertThat(browser.text("title")).isEqualTo("quotes 1.4.2 to 1.5.0");
            assertThat(browser.text("list")).contains("prices", "7 to 8", "quotes");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(
                                    browser.evaluate("document.querySelectorAll('#chart svg path.curve').length"))
                            .isEqualTo(2));
            assertThat(browser.text("calls")).contains("1.4.2 (stable)", "1.5.0 (candidate)");
            assertThat(browser.text("preflight")).contains("Nothing failed", "not checked");
            assertThat(browser.evaluate("document.getElementById('post-mortem').hidden"))
                    .isEqualTo(true);

            // With the keyboard alone: the forecast.
            browser.evaluate("document.getElementById('forecast-ask').focus()");
            browser.press("Enter", 13);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(browser.text("forecast")).contains("calls a second"));
            browser.screenshot(SHOTS.resolve("running-light.png"));
            browser.look(360, false);
            browser.screenshot(SHOTS.resolve("running-360.png"));
            assertThat((Integer) browser.evaluate("document.documentElement.scrollWidth"))
                    .as("nothing is wider than a phone")
                    .isLessThanOrEqualTo(360);
            browser.look(1280, false);
            stop(healthy);

            Thread broken = traffic(quotes, 4);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(browser.text("verdict")).startsWith("Rolled back"));
            stop(broken);
            assertThat(browser.text("verdict")).contains("all calls go to 1.4.2");
            assertThat(browser.text("timeline")).contains("ROLLBACK, all calls go to stable, signal error-rate");
            assertThat(browser.evaluate("document.getElementById('post-mortem').hidden"))
                    .isEqualTo(false);
            assertThat(browser.evaluate("document.querySelector('#chart desc').textContent"))
                    .asString()
                    .contains("the evidence is error-rate:");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(browser.text("list")).contains("rolled back"));
            browser.screenshot(SHOTS.resolve("rolled-back-light.png"));
            browser.look(1280, true);
            browser.screenshot(SHOTS.resolve("rolled-back-dark.png"));
            browser.look(360, true);
            browser.screenshot(SHOTS.resolve("rolled-back-360-dark.png"));
            browser.look(1280, false);

            // What is read keeps its place, and the other rollout is a key away.
            browser.evaluate("document.querySelector('#list a[data-rollout^=prices]').focus()");
            browser.press("Enter", 13);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(browser.text("title")).isEqualTo("prices 7 to 8"));
            assertThat(browser.evaluate("document.activeElement.dataset.rollout"))
                    .isEqualTo("prices:7..8#1");
            assertThat(browser.evaluate("document.querySelector('#list a[aria-current]').dataset.rollout"))
                    .isEqualTo("prices:7..8#1");

            browser.evaluate("location.hash = encodeURIComponent('quotes:1.4.2..1.5.0#1')");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> browser.text("title").startsWith("quotes"));
            browser.evaluate("document.querySelector('#post-mortem-links a').click()");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(browser.evaluate("document.title + document.body.innerText"))
                            .asString()
                            .contains("Post-mortem", "1.5.0"));
            browser.screenshot(SHOTS.resolve("post-mortem.png"));
            assertThat(browser.complaints())
                    .filteredOn(complaint -> !complaint.contains("favicon"))
                    .isEmpty();
        }
    }

    @Test
    void whatComesFromOutside_isTextAlone() throws Exception {
        Path program = Browser.find();
        Assumptions.assumeTrue(program != null, "no Chromium on the PATH");
        try (RunningService service = RunningService.start(RunningService.Open.class);
                Browser browser = new Browser(program, folder)) {
            Rollout quotes = service.quotes();
            Awaitility.await().until(() -> quotes.state().phase() == Phase.RUNNING);
            quotes.rollBack("<b>Ann</b>", "<img src=x onerror=\"document.title='hit'\"> <script>alert(1)</script>");
            browser.open(service.address("/actuator/rolloutspage/page"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(browser.text("verdict")).contains("Rolled back", "<img src=x"));
            assertThat(browser.text("timeline")).contains("<b>Ann</b>");
            assertThat(browser.evaluate("document.querySelectorAll('img, main b, body script').length"))
                    .isEqualTo(0);
            assertThat(browser.evaluate("document.title")).isEqualTo("rolled back: quotes 1.5.0");
        }
    }

    @Test
    void serviceThatStops_isSaidToBeGone() throws Exception {
        Path program = Browser.find();
        Assumptions.assumeTrue(program != null, "no Chromium on the PATH");
        try (Browser browser = new Browser(program, folder)) {
            try (RunningService service = RunningService.start(RunningService.Open.class)) {
                browser.open(service.address("/actuator/rolloutspage/page"));
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .ignoreExceptions()
                        .until(() -> browser.text("title").startsWith("quotes"));
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(browser.text("trouble"))
                            .isEqualTo("This is not up to date. The service does not answer."));
        }
    }
}
