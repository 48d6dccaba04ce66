package io.github.rollback4j.spring;

import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.signal.Signals;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;

/** A limit on any of the service's meters. */
record MeterPart(ObjectProvider<MeterRegistry> registries) implements PlanPartProvider {

    private static final String METER = "meter";
    private static final String TAGS = "tags";
    private static final String NOT_ABOVE = "not-above";
    private static final String NOT_BELOW = "not-below";
    private static final String PER_SECOND = "per-second";

    @Override
    public Kind kind() {
        return Kind.SIGNAL;
    }

    @Override
    public String name() {
        return METER;
    }

    @Override
    public String description() {
        return "Watches one of the service's Micrometer meters: the candidate is taken back when it stays beyond a limit.";
    }

    @Override
    public List<Option> options() {
        return List.of(
                LimitOptions.name(),
                Option.required(METER, Type.TEXT, "The meter's name, for example hikaricp.connections.pending.")
                        .atLeast(1)
                        .atMost(500),
                Option.optional(TAGS, Type.LIST_OF_TEXTS, "Tags that the meter must have, each written as key=value."),
                Option.optional(NOT_ABOVE, Type.NUMBER, "Tolerates values up to this one."),
                Option.optional(NOT_BELOW, Type.NUMBER, "Tolerates values down to this one."),
                Option.withDefault(
                        PER_SECOND,
                        Type.YES_NO,
                        "false",
                        "Whether the increase per second is looked at instead of the value; for counters."),
                LimitOptions.readings("3"),
                LimitOptions.during("10s"),
                LimitOptions.every());
    }

    @Override
    public Object create(Options values) {
        MeterRegistry registry = registries.getIfUnique();
        if (registry == null) {
            throw values.refused(
                    METER,
                    "a meter in a service with one MeterRegistry bean (spring-boot-starter-actuator brings one)");
        }
        String[] tags = values.has(TAGS)
                ? values.texts(TAGS).stream()
                        .flatMap(tag -> List.of(keyAndValue(values, tag)).stream())
                        .toArray(String[]::new)
                : new String[0];
        LimitSignal signal = Signals.meter(values.text(LimitOptions.NAME), registry, values.text(METER), tags);
        if (values.has(NOT_ABOVE) == values.has(NOT_BELOW)) {
            throw values.refused(NOT_ABOVE, "one of " + NOT_ABOVE + " and " + NOT_BELOW);
        }
        signal = values.has(NOT_ABOVE)
                ? signal.notAbove(values.number(NOT_ABOVE))
                : signal.notBelow(values.number(NOT_BELOW));
        return LimitOptions.judged(values.yesNo(PER_SECOND) ? signal.perSecond() : signal, values);
    }

    private static String[] keyAndValue(Options values, String tag) {
        int equals = tag.indexOf('=');
        if (equals < 1) {
            throw values.refused(TAGS, "tags written as key=value");
        }
        return new String[] {tag.substring(0, equals), tag.substring(equals + 1)};
    }
}
