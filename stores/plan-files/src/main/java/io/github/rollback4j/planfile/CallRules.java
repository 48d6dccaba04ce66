package io.github.rollback4j.planfile;

import io.github.rollback4j.planfile.Read.Values;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.OutcomeRules;
import io.github.rollback4j.traffic.Subject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Makes the rules for single calls of what was read of a file: who gets which release, and what counts as a failure. */
final class CallRules {

    private final Problems problems;
    private final Values values;

    CallRules(Problems problems, Values values) {
        this.problems = problems;
        this.values = values;
    }

    /** Returns who is decided for by the coin. */
    Audience audience() {
        Values fields = values.fields("audience");
        Audience bound = fields.value(Layout.BIND, Audience.class);
        Audience audience = bound == null ? Audience.everyone() : bound;
        Object[] stable = keys(fields.items("stable-for"));
        audience = stable.length == 0 ? audience : audience.stableFor(stable);
        for (Read rule : fields.items("stable-when")) {
            audience = audience.stableWhen(name(rule.fields()), test(rule.fields()));
        }
        Object[] candidate = keys(fields.items("candidate-for"));
        audience = candidate.length == 0 ? audience : audience.candidateFor(candidate);
        for (Read rule : fields.items("candidate-when")) {
            audience = audience.candidateWhen(name(rule.fields()), test(rule.fields()));
        }
        for (Read rule : fields.items("only")) {
            audience = audience.only(name(rule.fields()), test(rule.fields()));
        }
        for (Read read : fields.items("hold-back")) {
            Double percent = read.fields().value("percent", Double.class);
            if (percent != null) {
                // 7 percent are 0.07, and not what 7.0 / 100 may come to.
                double share = BigDecimal.valueOf(percent).movePointLeft(2).doubleValue();
                audience = audience.holdBack(read.fields().text("name"), share);
            }
        }
        return audience;
    }

    private static Object[] keys(List<Read> reads) {
        return reads.stream().map(Read::value).toArray();
    }

    private static List<?> is(Values rule) {
        List<?> values = rule.value("is", List.class);
        return values == null ? List.of() : values;
    }

    private static String name(Values rule) {
        StringBuilder name = new StringBuilder(rule.text("attribute"));
        String between = " is ";
        for (Object value : is(rule)) {
            name.append(between).append(value);
            between = " or ";
        }
        return name.toString();
    }

    private static Predicate<Subject> test(Values rule) {
        String attribute = rule.text("attribute");
        Set<Object> is = new HashSet<>(is(rule));
        return subject -> {
            String value = subject.attributes().get(attribute);
            return value != null && is.contains(value);
        };
    }

    /** Returns what counts as a failure; classes that are not there are noted. */
    OutcomeRules outcomes() {
        Values fields = values.fields("outcomes");
        OutcomeRules bound = fields.value(Layout.BIND, OutcomeRules.class);
        OutcomeRules rules = bound == null ? OutcomeRules.defaults() : bound;
        for (Class<? extends Throwable> type : exceptions(fields.items("ignore"))) {
            rules = rules.ignore(type);
        }
        for (Class<? extends Throwable> type : exceptions(fields.items("fail-only-on"))) {
            rules = rules.failOnlyOn(type.getName(), type::isInstance);
        }
        for (Class<? extends Throwable> type : exceptions(fields.items("cancelled-on"))) {
            rules = rules.cancelledOn(type);
        }
        for (Class<? extends Throwable> type : exceptions(fields.items("timeout-on"))) {
            rules = rules.timeoutOn(type);
        }
        return rules;
    }

    private List<Class<? extends Throwable>> exceptions(List<Read> names) {
        List<Class<? extends Throwable>> types = new ArrayList<>();
        for (Read name : names) {
            try {
                ClassLoader loader = Thread.currentThread().getContextClassLoader();
                // Found, and not initialised: nothing of it runs.
                types.add(Class.forName(
                                (String) name.value(),
                                false,
                                loader == null ? CallRules.class.getClassLoader() : loader)
                        .asSubclass(Throwable.class));
            } catch (ClassNotFoundException | LinkageError missing) {
                problem(name, "there is no class " + Problems.clipped((String) name.value()) + ": one is needed");
            } catch (ClassCastException other) {
                problem(name, Problems.clipped((String) name.value()) + " is no exception: a Throwable is needed");
            }
        }
        return types;
    }

    private void problem(Read at, String message) {
        problems.add(at.line(), at.column(), at.path(), message);
    }
}
