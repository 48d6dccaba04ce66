package io.github.rollback4j.spring.actuate;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.report.Document;
import io.github.rollback4j.report.Forecast;
import io.github.rollback4j.report.PostMortem;
import io.github.rollback4j.report.Timeline;
import io.github.rollback4j.reports.HtmlPage;
import io.github.rollback4j.rollout.RemoteRollout;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.spring.NamedRollouts;
import io.github.rollback4j.spring.actuate.RolloutCatalogue.Recorded;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.util.ClassUtils;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/**
 * The actuator endpoint {@code rollouts}: the rollouts of this process, and those that its journal knows of others. Only reads,
 * unless {@code management.endpoint.rollouts.access} is {@code unrestricted}. Over the web alone, since only there somebody is named:
 * who does something is who is logged in, never what the request says. Thread-safe.
 */
@WebEndpoint(id = "rollouts", defaultAccess = Access.READ_ONLY)
public class RolloutsEndpoint {

    private static final List<String> PARTS =
            List.of("evidence", "timeline", "forecast", "post-mortem", "post-mortem.html");
    private static final MimeType JSON = MimeTypeUtils.APPLICATION_JSON;
    private static final MimeType MARKDOWN = new MimeType("text", "markdown", StandardCharsets.UTF_8);
    private static final MimeType HTML = new MimeType("text", "html", StandardCharsets.UTF_8);
    private static final int LONGEST_REASON = 2000;
    private static final long LONGEST_WAIT_SECONDS = 15;
    private static final boolean HAS_REPORTS =
            ClassUtils.isPresent("io.github.rollback4j.reports.HtmlPage", RolloutsEndpoint.class.getClassLoader());

    private final RolloutCatalogue catalogue;

    /** A forecast takes a processor for a second or two: one at a time. */
    private final ReentrantLock forecasting = new ReentrantLock();

    /** Creates the endpoint. */
    public RolloutsEndpoint(Rollouts rollouts, NamedRollouts named) {
        this.catalogue = new RolloutCatalogue(rollouts, named);
    }

    /** Returns all rollouts, those of this process first. Where the journal cannot be read: those alone, and why. */
    @ReadOperation
    public Object all() {
        List<RolloutViews.Summary> all = new ArrayList<>();
        for (Rollout rollout : catalogue.live()) {
            all.add(RolloutViews.summary(rollout, catalogue.name(rollout), rollout.status()));
        }
        try {
            catalogue.recorded().forEach(recorded -> all.add(RolloutViews.summary(recorded)));
        } catch (RollbackException unread) {
            return new RolloutViews.All(all, unread.getMessage());
        }
        return new RolloutViews.All(all, null);
    }

    /**
     * Returns where a rollout stands.
     *
     * @param id its id, or its name in the configuration
     */
    @ReadOperation
    public WebEndpointResponse<Object> one(@Selector String id) {
        return answered(() -> {
            Rollout live = catalogue.live(id);
            if (live != null) {
                return found(RolloutViews.one(live, catalogue.name(live), HAS_REPORTS));
            }
            Recorded recorded = catalogue.recorded(id);
            return recorded == null ? unknown(id) : found(RolloutViews.one(recorded, HAS_REPORTS));
        });
    }

    /**
     * Returns a part of what is known of a rollout.
     *
     * @param id its id, or its name in the configuration
     * @param part {@code evidence}, {@code timeline}, {@code forecast} (takes a second or two), {@code post-mortem} (Markdown) or
     *     {@code post-mortem.html} (where the module {@code rollback4j-reports} is there)
     * @param callsPerSecond of a forecast; else what the rollout has seen so far
     * @param failureRate of stable, of a forecast; else what the rollout has seen so far
     */
    @ReadOperation(produces = {"application/json", "text/markdown", "text/html"})
    @SuppressWarnings("deprecation") // Of the two annotations Boot 3 knows only the older.
    public WebEndpointResponse<Object> part(
            @Selector String id,
            @Selector String part,
            @org.springframework.lang.Nullable @Nullable Double callsPerSecond,
            @org.springframework.lang.Nullable @Nullable Double failureRate) {
        if (!PARTS.contains(part)) {
            return refused(404, "'" + part + "' is no part of what is known of a rollout", PARTS);
        }
        return answered(() -> {
            Rollout live = catalogue.live(id);
            if (part.equals("forecast")) {
                return live == null
                        ? refused(
                                404,
                                "rollout '" + id + "' is not live in this process, which a forecast needs",
                                names())
                        : forecast(live, callsPerSecond, failureRate);
            }
            if (live != null && part.equals("evidence")) {
                return found(RolloutViews.evidence(live));
            }
            Recorded recorded = live == null ? catalogue.recorded(id) : null;
            if (live == null && recorded == null) {
                return unknown(id);
            }
            if (recorded != null && part.equals("evidence")) {
                return found(RolloutViews.evidence(recorded));
            }
            List<Journal.Entry> entries = recorded == null
                    ? catalogue
                            .rollouts()
                            .journal()
                            .read(Objects.requireNonNull(live).id())
                    : recorded.entries();
            if (part.equals("timeline")) {
                return found(RolloutViews.told(live == null ? id : live.id(), Timeline.of(entries)));
            }
            PostMortem draft = live == null ? PostMortem.of(entries) : PostMortem.of(entries, live);
            return part.equals("post-mortem")
                    ? new WebEndpointResponse<>(draft.markdown(), 200, MARKDOWN)
                    : html(draft.document());
        });
    }

    private WebEndpointResponse<Object> html(Document document) {
        return HAS_REPORTS
                ? new WebEndpointResponse<>(Html.of(document), 200, HTML)
                : refused(
                        404,
                        "the post-mortem as HTML needs the module rollback4j-reports, which is not there",
                        List.of("post-mortem"));
    }

    /** Kept apart, since the module may not be there. */
    private static final class Html {

        private Html() {}

        static String of(Document document) {
            return HtmlPage.of(document).html();
        }
    }

    private WebEndpointResponse<Object> forecast(
            Rollout live, @Nullable Double callsPerSecond, @Nullable Double failureRate) throws InterruptedException {
        Forecast.Traffic traffic;
        try {
            traffic = callsPerSecond == null && failureRate == null
                    ? Forecast.Traffic.seenIn(live.status())
                    : Forecast.Traffic.of(
                            callsPerSecond == null ? Double.NaN : callsPerSecond,
                            failureRate == null ? Double.NaN : failureRate);
        } catch (IllegalArgumentException notAllowed) {
            return refused(
                    400,
                    String.valueOf(notAllowed.getMessage()),
                    List.of("callsPerSecond and failureRate, or neither"));
        }
        if (!forecasting.tryLock(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
            return refused(503, "another forecast is being made: try again", List.of());
        }
        try {
            return found(RolloutViews.foreseen(live.id(), Forecast.of(live.plan(), traffic)));
        } finally {
            forecasting.unlock();
        }
    }

    /**
     * Does something with a rollout, or asks whoever leads it. Only where {@code management.endpoint.rollouts.access} is {@code
     * unrestricted}, and for somebody who is logged in.
     *
     * @param id its id, or its name in the configuration
     * @param action {@code pause}, {@code stop-traffic}, {@code resume}, {@code promote}, {@code rollback}, {@code approve}, {@code
     *     dismiss}, {@code all-to-stable} or {@code readmit}
     * @param reason why, for the journal, up to 2,000 characters; no secret. {@code resume}, {@code promote} and {@code approve} need
     *     none
     */
    @WriteOperation
    @SuppressWarnings("deprecation") // Of the two annotations Boot 3 knows only the older.
    public WebEndpointResponse<Object> act(
            SecurityContext user,
            @Selector String id,
            String action,
            @org.springframework.lang.Nullable @Nullable String reason) {
        String by = LoggedIn.name(user);
        if (by == null) {
            return new WebEndpointResponse<>(LoggedIn.NOBODY, 403, JSON);
        }
        OperatorAction wanted = OperatorAction.of(action);
        if (wanted == null) {
            return refused(400, "action '" + action + "' is not allowed", OperatorAction.words());
        }
        String why = reason == null ? "" : reason.strip();
        if (why.length() > LONGEST_REASON || (wanted.needsReason() && why.isEmpty())) {
            return refused(
                    400,
                    "reason " + (why.isEmpty() ? "is missing: " + action + " needs one" : "is too long"),
                    List.of("1 to " + LONGEST_REASON + " characters"));
        }
        return answered(() -> {
            Rollout live = catalogue.live(id);
            if (live != null) {
                return done(live, wanted, by, why);
            }
            return catalogue.recorded(id) == null ? unknown(id) : asked(id, wanted, by, why);
        });
    }

    private WebEndpointResponse<Object> done(Rollout live, OperatorAction action, String by, String reason) {
        Rollouts rollouts = catalogue.rollouts();
        switch (action) {
            case PAUSE -> live.pause(by, reason);
            case STOP_TRAFFIC -> live.pauseAndStopTraffic(by, reason);
            case RESUME -> live.resume(by);
            case PROMOTE -> live.promote(by);
            case ROLLBACK -> live.rollBack(by, reason);
            case APPROVE -> live.approve(by);
            case DISMISS -> live.dismiss(by, reason);
            case ALL_TO_STABLE, READMIT -> {
                if (rollouts.journal().fleet() != null) {
                    // Each instance obeys what is in the journal; a control of this process would hold here alone.
                    return asked(live.id(), action, by, reason);
                }
                String component = live.plan().stable().component();
                if (action == OperatorAction.READMIT) {
                    rollouts.readmit(component, by, reason);
                } else {
                    rollouts.allToStable(component, by, reason);
                }
            }
        }
        String phase = live.state().phase().name();
        return found(new RolloutViews.Done(live.id(), action.word(), by, "done", phase, null));
    }

    private WebEndpointResponse<Object> asked(String id, OperatorAction action, String by, String reason) {
        RemoteRollout remote = RemoteRollout.read(catalogue.rollouts().journal(), id);
        long request = remote.ask(action.asked(), "", by, reason);
        return new WebEndpointResponse<>(
                new RolloutViews.Done(
                        id, action.word(), by, "asked", remote.state().phase().name(), request),
                202,
                JSON);
    }

    // ---- Answers.

    private interface Answer {
        WebEndpointResponse<Object> get() throws InterruptedException;
    }

    private static WebEndpointResponse<Object> answered(Answer answer) {
        try {
            return answer.get();
        } catch (RollbackException notNow) {
            return refused(409, String.valueOf(notNow.getMessage()), List.of());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return refused(503, "the service stops", List.of());
        }
    }

    private static WebEndpointResponse<Object> found(Object body) {
        return new WebEndpointResponse<>(body, 200, JSON);
    }

    private WebEndpointResponse<Object> unknown(String id) {
        return refused(404, "rollout '" + id + "' is not known", names());
    }

    private List<String> names() {
        return catalogue.live().stream()
                .map(rollout -> {
                    String name = catalogue.name(rollout);
                    return name == null ? rollout.id() : name;
                })
                .toList();
    }

    private static WebEndpointResponse<Object> refused(int status, String message, List<String> allowed) {
        return new WebEndpointResponse<>(new RolloutViews.Refused(message, allowed), status, JSON);
    }
}
