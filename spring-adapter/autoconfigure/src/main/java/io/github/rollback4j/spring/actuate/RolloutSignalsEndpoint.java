package io.github.rollback4j.spring.actuate;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.PushedSignal;
import io.github.rollback4j.spring.NamedRollouts;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * The actuator endpoint {@code rolloutsignals}: where a smoke test or an alert says that the candidate is bad. Apart from {@code
 * rollouts}, so that whoever may say so may do nothing else. Takes reports only where {@code
 * management.endpoint.rolloutsignals.access} is {@code unrestricted}, and from somebody who is logged in. Thread-safe.
 */
@WebEndpoint(id = "rolloutsignals", defaultAccess = Access.READ_ONLY)
public class RolloutSignalsEndpoint {

    private static final int LONGEST_REASON = 2000;

    private final RolloutCatalogue catalogue;

    /** Creates the endpoint. */
    public RolloutSignalsEndpoint(Rollouts rollouts, NamedRollouts named) {
        this.catalogue = new RolloutCatalogue(rollouts, named);
    }

    /** Returns which signals can be raised, by the rollout's name or else its id. */
    @ReadOperation
    public Map<String, List<String>> raisable() {
        Map<String, List<String>> raisable = new TreeMap<>();
        for (Rollout rollout : catalogue.live()) {
            String name = catalogue.name(rollout);
            raisable.put(name == null ? rollout.id() : name, signals(rollout));
        }
        return raisable;
    }

    private static List<String> signals(Rollout rollout) {
        return rollout.plan().signals().stream()
                .filter(PushedSignal.class::isInstance)
                .map(signal -> signal.name())
                .toList();
    }

    /**
     * Raises a signal of a rollout of this process; its other instances hear of it through the store.
     *
     * @param id the rollout's id, or its name in the configuration
     * @param signal the signal's name in the plan
     * @param reason what was seen, for the journal, 1 to 2,000 characters; no secret
     */
    @WriteOperation
    public WebEndpointResponse<Object> raise(
            SecurityContext user, @Selector String id, @Selector String signal, String reason) {
        String by = LoggedIn.name(user);
        if (by == null) {
            return new WebEndpointResponse<>(LoggedIn.NOBODY, 403);
        }
        Rollout rollout = catalogue.live(id);
        if (rollout == null) {
            return refused(
                    404,
                    "rollout '" + id + "' is not live in this process",
                    List.copyOf(raisable().keySet()));
        }
        List<String> known = signals(rollout);
        if (!known.contains(signal)) {
            return refused(400, "signal '" + signal + "' cannot be raised", known);
        }
        String what = reason.strip();
        if (what.isEmpty() || what.length() > LONGEST_REASON) {
            return refused(
                    400,
                    "reason is " + (what.isEmpty() ? "missing" : "too long"),
                    List.of("1 to " + LONGEST_REASON + " characters"));
        }
        rollout.raise(signal, by, what);
        return new WebEndpointResponse<>(
                new RolloutViews.Done(
                        rollout.id(),
                        signal,
                        by,
                        "raised",
                        rollout.state().phase().name(),
                        null),
                200);
    }

    private static WebEndpointResponse<Object> refused(int status, String message, List<String> allowed) {
        return new WebEndpointResponse<>(new RolloutViews.Refused(message, allowed), status);
    }
}
