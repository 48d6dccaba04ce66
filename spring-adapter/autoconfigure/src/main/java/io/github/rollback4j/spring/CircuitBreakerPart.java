package io.github.rollback4j.spring;

import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.signal.Signals;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;

/** One of the service's Resilience4j circuit breakers. */
record CircuitBreakerPart(ObjectProvider<CircuitBreakerRegistry> registries) implements PlanPartProvider {

    private static final String BREAKER = "breaker";

    @Override
    public Kind kind() {
        return Kind.SIGNAL;
    }

    @Override
    public String name() {
        return "circuit-breaker";
    }

    @Override
    public String description() {
        return "Watches a Resilience4j circuit breaker that guards the candidate: it is taken back when the breaker stays open.";
    }

    @Override
    public List<Option> options() {
        return List.of(
                LimitOptions.name(),
                Option.required(BREAKER, Type.TEXT, "The breaker's name. Until it is there, nothing is known of it."),
                LimitOptions.readings("3"),
                LimitOptions.during("10s"),
                LimitOptions.every());
    }

    @Override
    public Object create(Options values) {
        CircuitBreakerRegistry registry = registries.getIfUnique();
        if (registry == null) {
            throw values.refused(BREAKER, "a breaker in a service with one CircuitBreakerRegistry bean");
        }
        String breaker = values.text(BREAKER);
        return LimitOptions.judged(
                Signals.reading(
                                values.text(LimitOptions.NAME),
                                () -> registry.find(breaker)
                                        .map(found -> switch (found.getState()) {
                                            case OPEN, FORCED_OPEN -> 1.0;
                                            default -> 0.0;
                                        })
                                        .orElse(Double.NaN))
                        .notAbove(0),
                values);
    }
}
