package io.github.rollback4j.planfile;

import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.plan.RollbackPlan.Touched;
import io.github.rollback4j.planfile.PartReader.NamedCheck;
import io.github.rollback4j.planfile.Read.Values;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Audience;
import io.github.rollback4j.traffic.OutcomeRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes a plan of what was read of a file, once it has noted what only shows when several places are seen together. */
final class PlanAssembly {

    private final Problems problems;
    private final Read root;
    private final Values values;
    private final @Nullable Release givenStable;
    private final @Nullable Release givenCandidate;

    PlanAssembly(Problems problems, Read root, @Nullable Release givenStable, @Nullable Release givenCandidate) {
        this.problems = problems;
        this.root = root;
        this.values = root.fields();
        this.givenStable = givenStable;
        this.givenCandidate = givenCandidate;
    }

    /** Makes the plan; null where there are problems, which are noted. */
    @Nullable
    RollbackPlan plan() {
        RollbackPlan.Builder builder = builder();
        RolloutStrategy strategy = strategy();
        checkSignals();
        List<List<RollbackPlan.Step>> stages = stages();
        checkGates();
        checkTouched();
        List<Communication.Group> groups = groups();
        CallRules calls = new CallRules(problems, values);
        Audience audience = calls.audience();
        OutcomeRules outcomes = calls.outcomes();
        for (Read checks : checkLists()) {
            checkUnique("check", checks.items(), read -> ((NamedCheck) read.value()).name());
        }
        if (builder == null || !problems.none()) {
            return null;
        }
        if (strategy != null) {
            builder.strategy(strategy);
        }
        stages.forEach(stage ->
                builder.thenRun(stage.get(0), stage.subList(1, stage.size()).toArray(RollbackPlan.Step[]::new)));
        builder.audience(audience).outcomes(outcomes);
        attempt(root, () -> builder.communication(groups.isEmpty() ? Communication.NONE : new Communication(groups)));
        watch(builder);
        fillIn(builder);
        if (!problems.none()) {
            return null;
        }
        try {
            return builder.build();
        } catch (RuntimeException contradiction) {
            String message = message(contradiction);
            Read at = values.read(message.startsWith("strategy") ? "strategy" : "signals");
            problem(at == null ? root : at, message);
            return null;
        }
    }

    // ---- What is wrong.

    private void problem(Read at, String message) {
        problems.add(at.line(), at.column(), at.path(), message);
    }

    /** Notes a problem of a key of the whole file, which is not there, or is there and could not be read. */
    private void problem(Read at, String key, String message) {
        problems.add(at.line(), at.column(), key, message);
    }

    /** Returns what was made, or null and a problem: values that single options allow, and their part does not. */
    private <T> @Nullable T attempt(Read at, Supplier<T> making) {
        try {
            return making.get();
        } catch (RuntimeException refused) {
            problem(at, message(refused));
            return null;
        }
    }

    private static String message(RuntimeException thrown) {
        return thrown instanceof IllegalArgumentException
                ? Problems.oneLine(String.valueOf(thrown.getMessage()))
                : thrown.getClass().getName();
    }

    private void checkUnique(String what, Collection<Read> reads, Function<Read, String> name) {
        Map<String, Read> before = new HashMap<>();
        for (Read read : reads) {
            String its = attempt(read, () -> name.apply(read));
            Read other = its == null ? null : before.putIfAbsent(its, read);
            if (other != null) {
                problem(
                        read,
                        what + " " + Problems.clipped(String.valueOf(its)) + " is there twice, before " + other.place()
                                + ": each name once is allowed");
            }
        }
    }

    // ---- Releases.

    private RollbackPlan.@Nullable Builder builder() {
        Release stable = release("stable", givenStable);
        Release candidate = release("candidate", givenCandidate);
        Read component = values.read("component");
        if (component != null && givenStable != null && !component.value().equals(givenStable.component())) {
            problem(
                    component,
                    component.shown() + " is not allowed: " + givenStable.component()
                            + ", of which the application names a release, is");
        }
        if (stable == null || candidate == null) {
            return null;
        }
        Read at = values.read("candidate");
        return attempt(at == null ? root : at, () -> RollbackPlan.from(stable).to(candidate));
    }

    private @Nullable Release release(String name, @Nullable Release given) {
        Read written = values.read(name);
        Read component = values.read("component");
        if (given != null) {
            if (values.isWritten(name)) {
                problem(
                        written == null ? root : written,
                        name,
                        "is in the file, and the application names " + given + ": one of both is allowed");
            }
            return given;
        }
        if (!values.isWritten(name)) {
            problem(root, name, "is missing: a mapping with version is needed, or the application names the release");
            return null;
        }
        if (written == null || component == null || !written.fields().has("version")) {
            return null;
        }
        Map<String, String> attributes = new TreeMap<>();
        written.fields().named("attributes").forEach((key, read) -> attributes.put(key, (String) read.value()));
        return attempt(
                written,
                () -> new Release(
                        (String) component.value(), written.fields().text("version"), new TreeMap<>(attributes)));
    }

    // ---- The way forward.

    private @Nullable RolloutStrategy strategy() {
        RolloutStrategy strategy = null;
        for (Read next : values.items("strategy")) {
            RolloutStrategy before = strategy;
            RolloutStrategy its = (RolloutStrategy) next.value();
            strategy = before == null ? its : attempt(next, () -> before.then(its));
            if (strategy == null) {
                return null;
            }
        }
        for (Read check : values.items("before-exposure")) {
            RolloutStrategy before =
                    strategy == null ? RolloutStrategy.canary(1, 5, 25, 50).thenPromote() : strategy;
            NamedCheck named = (NamedCheck) check.value();
            RolloutStrategy verified = attempt(check, () -> before.verify(named.name(), named.check()));
            strategy = verified == null ? before : verified;
        }
        Read stableServes = values.read("stable-serves");
        if (stableServes != null) {
            RolloutStrategy before =
                    strategy == null ? RolloutStrategy.canary(1, 5, 25, 50).thenPromote() : strategy;
            NamedCheck named = (NamedCheck) stableServes.value();
            strategy = attempt(stableServes, () -> before.stableServes(named.name(), named.check()));
        }
        return strategy;
    }

    private void checkSignals() {
        List<Read> signals = values.items("signals");
        checkUnique("signal", signals, read -> ((FailureSignal) read.value()).name());
        for (Read read : signals) {
            if (read.value() instanceof LimitSignal limit && !limit.hasLimit()) {
                problem(
                        read,
                        "signal " + limit.name()
                                + " has no limit: not-above or not-below below bind, or a limit in the application, is"
                                + " needed");
            }
        }
        Set<String> comparative = new HashSet<>();
        signals.stream()
                .filter(read -> read.value() instanceof FailureSignal.Comparative)
                .forEach(read -> comparative.add(((FailureSignal) read.value()).name()));
        values.named("signal-weights").forEach((name, weight) -> {
            if (!comparative.contains(name)) {
                String nearest = PlanParts.nearest(name, comparative);
                problem(
                        weight,
                        "no comparative signal has this name"
                                + (nearest == null ? "" : ", '" + nearest + "' is the nearest") + ": "
                                + new TreeSet<>(comparative) + " are allowed");
            }
        });
    }

    private void watch(RollbackPlan.Builder builder) {
        Map<String, Read> weights = values.named("signal-weights");
        for (Read read : values.items("signals")) {
            FailureSignal signal = (FailureSignal) read.value();
            Read weight = weights.get(signal.name());
            attempt(
                    read,
                    () -> weight != null && signal instanceof FailureSignal.Comparative comparative
                            ? builder.watch(comparative, (Double) weight.value())
                            : builder.watch(signal));
        }
    }

    private void fillIn(RollbackPlan.Builder builder) {
        with("mode", String.class, word -> builder.mode(Mode.valueOf(constant(word))));
        with("false-rollback-rate", Double.class, builder::falseRollbackRate);
        with("outcome-deadline", Duration.class, builder::outcomeDeadline);
        with("time-stable-one-in", Long.class, calls -> builder.timeStableOneIn(Math.toIntExact(calls)));
        with("failing-keys", Long.class, keys -> builder.failingKeys(Math.toIntExact(keys)));
        with("keys-per-step", Long.class, keys -> builder.keysPerStep(Math.toIntExact(keys)));
        with("mdc-key", String.class, builder::mdcKey);
        if (values.isTrue("idempotent-after-timeout")) {
            builder.idempotentAfterTimeout();
        }
        Values verification = values.fields("verification");
        if (values.has("verification")) {
            Duration within = verification.value("within", Duration.class);
            builder.verifyWithin(within == null ? Duration.ofMinutes(5) : within);
            withChecks(verification, builder::verify);
        }
        Values criteria = values.fields("criteria");
        builder.criteria(new RollbackPlan.Criteria(
                criteria.text("version"),
                criteria.text("owner"),
                criteria.text("approver"),
                criteria.text("tolerated-data-loss")));
        for (Read read : values.items("touches")) {
            Values touched = read.fields();
            attempt(
                    read,
                    () -> builder.touches(
                            Touched.Kind.valueOf(constant(touched.text("kind"))),
                            touched.text("name"),
                            touched.text("shown")));
        }
        with("required-by", List.class, components -> {
            for (Object component : components) {
                builder.requiredBy((String) component);
            }
        });
        beforeStart(builder, values.fields("before-start"));
    }

    private void beforeStart(RollbackPlan.Builder builder, Values before) {
        withChecks(before, builder::beforeStart);
        Duration drilled = before.value("drilled-within", Duration.class);
        if (drilled != null) {
            builder.drilledWithin(drilled);
        }
        if (before.has("expected-traffic")) {
            Values traffic = before.fields("expected-traffic");
            Double calls = traffic.value("calls-per-second", Double.class);
            Double failing = traffic.value("failure-rate", Double.class);
            builder.expectedTraffic(calls == null ? Double.NaN : calls, failing == null ? 0 : failing);
        }
        if (before.isTrue("nothing-unchecked")) {
            builder.nothingUnchecked();
        }
    }

    private <T> void with(String name, Class<T> type, Consumer<T> setting) {
        Read read = values.read(name);
        if (read != null) {
            try {
                setting.accept(type.cast(read.value()));
            } catch (IllegalArgumentException refused) {
                String allowed = Layout.ROOT.fields().stream()
                        .filter(field -> field.name().equals(name))
                        .map(field -> field.shape().allowed())
                        .collect(Collectors.joining());
                problem(
                        read,
                        read.value() instanceof List
                                ? message(refused)
                                : read.shown() + " is not allowed: " + allowed + " is");
            }
        }
    }

    private void withChecks(Values of, BiConsumer<String, Check> adding) {
        for (Read read : of.items("checks")) {
            NamedCheck check = (NamedCheck) read.value();
            attempt(read, () -> {
                adding.accept(check.name(), check.check());
                return "";
            });
        }
    }

    private List<Read> checkLists() {
        List<Read> lists = new ArrayList<>();
        for (Read list : Arrays.asList(
                values.read("before-exposure"),
                values.fields("verification").read("checks"),
                values.fields("before-start").read("checks"))) {
            if (list != null) {
                lists.add(list);
            }
        }
        return lists;
    }

    private static String constant(String word) {
        return word.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    // ---- The way back.

    private List<Read> allSteps() {
        List<Read> steps = new ArrayList<>();
        for (Read item : values.items("steps")) {
            if (item.fields().isWritten("beside")) {
                steps.addAll(item.fields().items("beside"));
            } else {
                steps.add(item);
            }
        }
        return steps;
    }

    private static List<Read> ways(Read step) {
        List<Read> ways = new ArrayList<>();
        Read run = step.fields().read("run");
        ways.addAll(run == null ? List.of() : List.of(run));
        ways.addAll(step.fields().items("or-else"));
        return ways;
    }

    /** Returns a way's name, or null where it throws, which has been noted. */
    private static @Nullable String name(Read way) {
        try {
            return ((RollbackStrategy) way.value()).name();
        } catch (RuntimeException foreign) {
            return null;
        }
    }

    private List<List<RollbackPlan.Step>> stages() {
        List<Read> ways =
                allSteps().stream().flatMap(step -> ways(step).stream()).toList();
        checkUnique("step", ways, read -> ((RollbackStrategy) read.value()).name());
        List<List<RollbackPlan.Step>> stages = new ArrayList<>();
        for (Read item : values.items("steps")) {
            List<RollbackPlan.Step> stage = new ArrayList<>();
            for (Read read : item.fields().isWritten("beside") ? item.fields().items("beside") : List.of(item)) {
                RollbackPlan.Step step = attempt(read, () -> step(read.fields()));
                if (step != null) {
                    stage.add(step);
                }
            }
            stages.add(stage);
        }
        return stages;
    }

    private static RollbackPlan.@Nullable Step step(Values fields) {
        RollbackStrategy run = fields.value("run", RollbackStrategy.class);
        if (run == null) {
            return null;
        }
        RollbackPlan.Step step = RollbackPlan.Step.of(run);
        for (Read next : fields.items("or-else")) {
            step = step.orElse((RollbackStrategy) next.value());
        }
        for (Read gate : fields.items("gates")) {
            step = step.behind((Gate) gate.value());
        }
        Duration deadline = fields.value("deadline", Duration.class);
        step = deadline == null ? step : step.within(deadline);
        Long attempts = fields.value("attempts", Long.class);
        step = attempts == null ? step : step.attempts(Math.toIntExact(attempts));
        Duration pause = fields.value("pause", Duration.class);
        step = pause == null ? step : step.pause(pause);
        Duration patience = fields.value("patience", Duration.class);
        step = patience == null ? step : step.patience(patience);
        return fields.text("when-uncertain").equals("repeat") ? step.repeatedWhenUncertain() : step;
    }

    private void checkGates() {
        Set<String> steps = new HashSet<>();
        List<Read> gates = new ArrayList<>();
        for (Read step : allSteps()) {
            for (Read way : ways(step)) {
                String name = name(way);
                steps.addAll(name == null ? List.of() : List.of(name));
            }
            gates.addAll(step.fields().items("gates"));
        }
        Map<String, Read> byName = new HashMap<>();
        for (Read read : gates) {
            Gate gate = (Gate) read.value();
            String name = attempt(read, gate::name);
            if (name == null) {
                continue;
            }
            Read before = byName.putIfAbsent(name, read);
            if (before != null && !before.value().equals(gate)) {
                problem(
                        read,
                        "gate " + Problems.clipped(name) + " is another one " + before.place()
                                + ": the same everywhere, or another name, is allowed");
            }
            if (before == null && steps.contains(name)) {
                problem(
                        read,
                        "gate " + Problems.clipped(name)
                                + " has the name of a step: another name is allowed, since both can be acknowledged");
            }
        }
    }

    private void checkTouched() {
        checkUnique(
                "touched",
                values.items("touches"),
                read -> read.fields().text("kind") + " " + read.fields().text("name"));
    }

    // ---- People.

    private List<Communication.Group> groups() {
        List<Read> reads = values.fields("communication").items("groups");
        Map<String, Read> byName = new LinkedHashMap<>();
        List<Read> names = new ArrayList<>();
        for (Read read : reads) {
            Read name = read.fields().read("name");
            if (name != null) {
                names.add(name);
                byName.putIfAbsent((String) name.value(), read);
            }
        }
        checkUnique("group", names, read -> (String) read.value());
        checkEscalation(byName);
        List<Communication.Group> groups = new ArrayList<>();
        for (Read read : reads) {
            Communication.Group group = attempt(read, () -> group(read.fields()));
            if (group != null) {
                groups.add(group);
            }
        }
        return groups;
    }

    private void checkEscalation(Map<String, Read> byName) {
        Set<String> inKnownCircle = new HashSet<>();
        byName.forEach((name, group) -> {
            Read to = group.fields().read("escalate-to");
            if (to == null) {
                return;
            }
            if (!byName.containsKey((String) to.value())) {
                String nearest = PlanParts.nearest((String) to.value(), byName.keySet());
                problem(
                        to,
                        to.shown() + " is not allowed: the name of a group, " + String.join(", ", byName.keySet())
                                + ", is" + (nearest == null ? "" : "; '" + nearest + "' is the nearest"));
            }
            List<String> chain = circle(name, byName);
            if (!chain.isEmpty() && inKnownCircle.add(name)) {
                inKnownCircle.addAll(chain);
                problem(to, "goes in a circle, " + String.join(" to ", chain) + ": a chain that ends is allowed");
            }
        });
    }

    /** Returns the names from a group back to itself; none where its chain ends, or turns into a circle without it. */
    private static List<String> circle(String name, Map<String, Read> byName) {
        List<String> chain = new ArrayList<>(List.of(name));
        Set<String> seen = new HashSet<>();
        Read at = byName.get(name);
        while (at != null) {
            String next = at.fields().text("escalate-to");
            if (next.equals(name)) {
                chain.add(name);
                return chain;
            }
            if (!seen.add(next)) {
                return List.of();
            }
            chain.add(next);
            at = byName.get(next);
        }
        return List.of();
    }

    private static Communication.@Nullable Group group(Values fields) {
        List<Read> channels = fields.items("channels");
        if (channels.isEmpty() || !fields.has("name") || !fields.has("role")) {
            return null;
        }
        Communication.Group group = Communication.Group.of(fields.text("name"), fields.text("role"), (Notifier)
                channels.get(0).value());
        for (Read fallback : channels.subList(1, channels.size())) {
            group = group.orBy((Notifier) fallback.value());
        }
        List<Communication.Occasion> occasions = fields.items("occasions").stream()
                .map(read -> Communication.Occasion.valueOf(constant((String) read.value())))
                .toList();
        if (!occasions.isEmpty()) {
            group = group.on(
                    occasions.get(0), occasions.subList(1, occasions.size()).toArray(Communication.Occasion[]::new));
        }
        Duration after = fields.value("after", Duration.class);
        group = after == null ? group : group.after(after);
        Duration updates = fields.value("updates-every", Duration.class);
        group = updates == null ? group : group.updatesEvery(updates);
        Duration within = fields.value("acknowledge-within", Duration.class);
        group = within == null ? group : group.acknowledgedWithin(within, fields.text("escalate-to"));
        return group.saying(fields.text("template")).approvedBy(fields.text("approver"));
    }
}
