package io.github.rollback4j.samples.checkout;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.traffic.Subject;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where operators begin a rollout, and see how far it is. A service of one's own keeps this from its customers. */
@RestController
class RolloutController {

    private final Quotes quotes;
    private volatile @Nullable Rollout latest;

    RolloutController(Quotes quotes) {
        this.quotes = quotes;
    }

    /** Serves all customers by one release, without a rollout. */
    @PostMapping("/serve")
    void serve(@RequestParam String version) {
        quotes.serve(version);
    }

    /** Begins a rollout, or goes on with it. */
    @PostMapping("/rollout")
    Rollout.Status rollOut(@RequestBody Course course) {
        Rollout rollout = quotes.rollOut(course);
        latest = rollout;
        return rollout.status();
    }

    /** Says where the latest rollout stands. */
    @GetMapping("/rollout")
    Rollout.Status status() {
        return latest().status();
    }

    /** Answers the support: which of the first so many customers have got the candidate? As {@link BitSet#toLongArray}. */
    @GetMapping("/rollout/exposed")
    long[] exposed(@RequestParam int customers) {
        Rollout rollout = latest();
        BitSet exposed = new BitSet();
        for (int customer = 1; customer <= customers; customer++) {
            exposed.set(customer, rollout.affected(Subject.of(customer)).exposed());
        }
        return exposed.toLongArray();
    }

    private Rollout latest() {
        Rollout rollout = latest;
        if (rollout == null) {
            throw new RollbackException("no rollout was begun in this process");
        }
        return rollout;
    }

    @ExceptionHandler
    ProblemDetail refused(RollbackException refused) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, String.valueOf(refused.getMessage()));
    }
}
