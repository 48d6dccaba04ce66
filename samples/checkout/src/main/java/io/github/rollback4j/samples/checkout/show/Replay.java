package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.samples.checkout.Warehouse;
import io.github.rollback4j.samples.checkout.traffic.Arrivals;
import io.github.rollback4j.samples.checkout.traffic.Customers;
import io.github.rollback4j.samples.checkout.traffic.Request;
import java.time.Duration;
import java.util.BitSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The calls that the candidate would have gone on to serve, had nobody taken it back: the same requests from the same
 * customers with the same carts, the same customers on the candidate, the same failures of the warehouse.
 *
 * @param arrivals begins the requests anew
 * @param customers and their carts
 * @param warehouse behind both releases
 * @param exposed customers who got the candidate
 * @param from when the step began in which it was taken back, since the first customer came
 */
record Replay(Supplier<Arrivals> arrivals, Customers customers, Warehouse warehouse, BitSet exposed, Duration from) {

    /** Returns the calls, in their order, without end. */
    Stream<CandidateCall> calls() {
        return Stream.generate(arrivals.get()::next)
                .dropWhile(request -> request.at().compareTo(from) < 0)
                .filter(request -> exposed.get(request.customer()))
                .map(this::call);
    }

    private CandidateCall call(Request request) {
        boolean hit = customers.isHitByDefect(request.customer());
        return new CandidateCall(
                request.at().minus(from), request.customer(), hit, hit || warehouse.fails(request.id()));
    }
}
