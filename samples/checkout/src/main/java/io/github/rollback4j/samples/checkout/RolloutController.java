package io.github.rollback4j.samples.checkout;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.spring.NamedRollouts;
import io.github.rollback4j.traffic.Subject;
import java.util.BitSet;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where the show sees how far the rollout is. A service of one's own has the actuator's endpoint for that. */
@RestController
class RolloutController {

    private final NamedRollouts rollouts;

    RolloutController(NamedRollouts rollouts) {
        this.rollouts = rollouts;
    }

    @GetMapping("/rollout")
    Rollout.Status status() {
        return rollouts.get("quotes").status();
    }

    /** Answers the support: which of the first so many customers have got the candidate? As {@link BitSet#toLongArray}. */
    @GetMapping("/rollout/exposed")
    long[] exposed(@RequestParam int customers) {
        Rollout rollout = rollouts.get("quotes");
        BitSet exposed = new BitSet();
        for (int customer = 1; customer <= customers; customer++) {
            exposed.set(customer, rollout.affected(Subject.of(customer)).exposed());
        }
        return exposed.toLongArray();
    }
}
