package io.github.rollback4j.spring.actuate;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.spring.NamedRollouts;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Map;

/** What health and info say of the rollouts of this process. Asks nobody, and never blocks. */
final class RolloutsHealth {

    private final RolloutCatalogue catalogue;

    RolloutsHealth(Rollouts rollouts, NamedRollouts named) {
        this.catalogue = new RolloutCatalogue(rollouts, named);
    }

    /** Returns, by the rollout's id, what people must know. */
    Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        for (Rollout rollout : catalogue.live()) {
            Rollout.Status status = rollout.status();
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("phase", status.state().phase().name());
            one.put("share", share(status.share()));
            if (!status.decision().isEmpty()) {
                one.put("decision", status.decision());
            }
            if (status.state().phase() == Phase.NEEDS_HUMAN) {
                one.put("needsHuman", status.needsHuman());
            }
            if (status.awaitsApproval()) {
                one.put("awaitsApproval", true);
            }
            if (status.allToStable()) {
                one.put("allToStable", true);
            }
            details.put(rollout.id(), one);
        }
        return details;
    }

    /** Returns, by the rollout's name or else its id, releases and phase. */
    Map<String, Object> info() {
        Map<String, Object> info = new LinkedHashMap<>();
        for (Rollout rollout : catalogue.live()) {
            String name = catalogue.name(rollout);
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", rollout.id());
            one.put("stable", rollout.plan().stable().identity());
            one.put("candidate", rollout.plan().candidate().identity());
            one.put("phase", rollout.state().phase().name());
            info.put(name == null ? rollout.id() : name, one);
        }
        return info;
    }

    private static Object share(double share) {
        return Double.isFinite(share) ? new BigDecimal(share).round(new MathContext(6)) : "unknown";
    }
}
