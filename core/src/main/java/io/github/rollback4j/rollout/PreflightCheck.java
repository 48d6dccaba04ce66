package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Gate;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.Preflight.Item;
import io.github.rollback4j.plan.Preflight.Outcome;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks at everything that a rollback needs, before the start or in a drill, and changes nothing. What is foreign runs beside each
 * other, a few at a time, each on a lane of its own and with a deadline: what hangs fails alone.
 */
final class PreflightCheck {

    static final String DRILL = "drill";

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int MOST_AT_A_TIME = 4;
    private static final String PREVIOUS_RELEASE = "previous-release";
    private static final String KNOWN_GOOD = "known-good";
    private static final String RESTORE_POINT = "restore-point";
    private static final Set<String> ALWAYS_SHOWN = Set.of(PREVIOUS_RELEASE, KNOWN_GOOD, RESTORE_POINT);

    /** What looking at something came to. */
    private record Finding(Outcome outcome, String detail) {

        static Finding of(Check.Result result) {
            return new Finding(result.passed() ? Outcome.PASSED : Outcome.FAILED, result.detail());
        }

        static Finding passed(String detail) {
            return new Finding(Outcome.PASSED, detail);
        }

        static Finding failed(String detail) {
            return new Finding(Outcome.FAILED, detail);
        }

        static Finding notChecked(String detail) {
            return new Finding(Outcome.NOT_CHECKED, detail);
        }
    }

    /**
     * One thing to look at.
     *
     * @param known what it comes to, where that is clear without looking
     */
    private record Part(
            String name,
            Lane lane,
            Duration deadline,
            Callable<Finding> look,
            @Nullable Finding known) {}

    private final RollbackPlan plan;
    private final String id;
    private final Surroundings surroundings;
    private final List<Part> parts = new ArrayList<>();

    private PreflightCheck(RollbackPlan plan, String id, Surroundings surroundings) {
        this.plan = plan;
        this.id = id;
        this.surroundings = surroundings;
    }

    /** Prepares what is looked at before a rollout starts. */
    static PreflightCheck beforeStart(
            RollbackPlan plan, String id, Surroundings surroundings, @Nullable Deployment deployment) {
        PreflightCheck check = new PreflightCheck(plan, id, surroundings);
        if (deployment != null) {
            check.addIfKnown("stable-capacity", deployment::checkCapacity);
            check.addIfKnown("baseline", deployment::checkBaseline);
        }
        check.addWays();
        check.addGates();
        plan.strategy()
                .verifications()
                .forEach((name, verification) -> check.add("verification " + name, verification));
        check.addDemanded(PREVIOUS_RELEASE, "nobody has said how to look whether stable can still be obtained");
        Check knownGood = plan.demands().checks().get(KNOWN_GOOD);
        if (knownGood == null) {
            check.add(KNOWN_GOOD, DEADLINE, check::knownGood);
        } else {
            check.add(KNOWN_GOOD, knownGood);
        }
        check.addDemanded(RESTORE_POINT, "nobody has said how to look whether there is one");
        check.addOtherDemanded();
        check.add("roles", check.roles());
        check.addNotifiers();
        check.addMeters();
        check.addTouched();
        if (!plan.requiredBy().isEmpty()) {
            check.add(
                    "required-by",
                    Finding.notChecked(String.join(", ", plan.requiredBy())
                            + " need the candidate once they are released, and must go back before it"));
        }
        check.add("detection", DEADLINE, check::detection);
        check.add(DRILL, DEADLINE, check::lastDrill);
        return check;
    }

    /** Prepares what is looked at in a drill: what a rollback does, and whom it tells. */
    static PreflightCheck ofDrill(RollbackPlan plan, String id, Surroundings surroundings) {
        PreflightCheck check = new PreflightCheck(plan, id, surroundings);
        check.addWays();
        check.addGates();
        plan.strategy()
                .verifications()
                .forEach((name, verification) -> check.add("verification " + name, verification));
        RollbackPlan.Verification afterwards = plan.verification();
        if (afterwards != null) {
            afterwards.checks().forEach((name, verification) -> check.add("afterwards " + name, verification));
        }
        plan.demands().checks().forEach((name, demanded) -> check.add(demandName(name), demanded));
        check.addNotifiers();
        return check;
    }

    void forEachLane(Consumer<Lane> action) {
        parts.forEach(part -> action.accept(part.lane));
    }

    private void add(String name, Check check) {
        add(name, DEADLINE, () -> {
            Check.Result result = check.run();
            return result == null ? Finding.failed("it returned nothing") : Finding.of(result);
        });
    }

    /** Adds what the rollout can do without. */
    private void addIfKnown(String name, Check check) {
        add(name, DEADLINE, () -> {
            Check.Result result = check.run();
            return result.passed() ? Finding.passed(result.detail()) : Finding.notChecked(result.detail());
        });
    }

    private void add(String name, Duration deadline, Callable<Finding> look) {
        parts.add(new Part(name, new Lane(surroundings.pool(), surroundings.ticker(), true), deadline, look, null));
    }

    private void add(String name, Finding known) {
        parts.add(new Part(
                name, new Lane(surroundings.pool(), surroundings.ticker(), true), DEADLINE, () -> known, known));
    }

    // ---- The parts.

    private void addWays() {
        for (RollbackPlan.Step step : plan.steps()) {
            for (RollbackStrategy way : step.ways()) {
                RollbackStrategy.Context context = new RollbackStrategy.Context(
                        id, id + "/" + way.name(), plan.stable(), plan.candidate(), "check", step.deadline());
                add("way back " + way.name(), () -> way.check(context));
            }
        }
    }

    private void addGates() {
        for (RollbackPlan.Step step : plan.steps()) {
            for (Gate gate : step.gates()) {
                String before = step.name();
                add("gate " + gate.name() + " before " + before, DEADLINE, () -> {
                    Gate.Result result = gate.look(new Gate.Question(
                            id,
                            plan.stable(),
                            plan.candidate(),
                            before,
                            true,
                            surroundings.clock().instant()));
                    if (result == null) {
                        return Finding.failed("it said nothing");
                    }
                    return switch (result.verdict()) {
                        case OPEN -> Finding.passed(result.detail());
                        case ASK -> Finding.passed("a person will be asked: " + result.detail());
                        case WAIT -> Finding.failed("it is not open yet: " + result.detail());
                        case BLOCKED -> Finding.failed("it is blocked: " + result.detail());
                    };
                });
            }
        }
    }

    private static String demandName(String name) {
        return ALWAYS_SHOWN.contains(name) ? name : "check " + name;
    }

    private void addDemanded(String name, String unless) {
        Check demanded = plan.demands().checks().get(name);
        if (demanded == null) {
            add(name, Finding.notChecked(unless + ": beforeStart(\"" + name + "\", check) does"));
        } else {
            add(name, demanded);
        }
    }

    private void addOtherDemanded() {
        plan.demands().checks().forEach((name, demanded) -> {
            if (!ALWAYS_SHOWN.contains(name)) {
                add(demandName(name), demanded);
            }
        });
    }

    private void addNotifiers() {
        Map<String, Notifier> channels = new LinkedHashMap<>();
        for (Communication.Group group : plan.communication().groups()) {
            group.channels().forEach(channel -> channels.putIfAbsent(channel.name(), channel));
        }
        channels.forEach((name, channel) -> add("notifier " + name, channel::check));
    }

    private void addMeters() {
        for (FailureSignal signal : plan.signals()) {
            if (signal instanceof LimitSignal limit) {
                Duration deadline = limit.every().compareTo(DEADLINE) < 0 ? limit.every() : DEADLINE;
                add("meter " + limit.name(), deadline, () -> {
                    double reading = limit.probe().read();
                    return Double.isNaN(reading)
                            ? Finding.failed("no data: it reads not a number")
                            : Finding.passed(String.format(Locale.ROOT, "it reads %.6g", reading));
                });
            }
        }
    }

    private void addTouched() {
        if (plan.touched().isEmpty()) {
            add(
                    "touches",
                    Finding.notChecked("nothing declared: the plan does not say what the candidate writes beside the"
                            + " database that stable will read"));
        }
        for (RollbackPlan.Touched touched : plan.touched()) {
            String kind = touched.kind().name().toLowerCase(Locale.ROOT);
            add(
                    "touches " + kind + " " + touched.name(),
                    touched.shown().isBlank()
                            ? Finding.notChecked("it was not shown that stable reads what the candidate writes")
                            : Finding.passed(touched.shown()));
        }
    }

    private Finding roles() {
        RollbackPlan.Criteria criteria = plan.criteria();
        List<Communication.Group> groups = plan.communication().groups();
        boolean isStated = !criteria.equals(RollbackPlan.Criteria.NONE);
        if (!isStated && groups.isEmpty()) {
            return Finding.notChecked("the plan says neither whose criteria these are nor who is told");
        }
        if (isStated && (criteria.owner().isBlank() || criteria.approver().isBlank())) {
            return Finding.failed("the criteria name no " + (criteria.owner().isBlank() ? "owner" : "approver"));
        }
        String people = groups.stream()
                .map(group -> group.name() + " (" + group.role() + ")")
                .collect(Collectors.joining(", "));
        return Finding.passed((isStated
                        ? "owner " + criteria.owner() + ", approver " + criteria.approver()
                        : "whose criteria these are is not stated")
                + (groups.isEmpty() ? "; nobody is told" : "; told are " + people));
    }

    /** Looks what became of the rollout that brought stable. */
    private Finding knownGood() {
        try {
            return knownGood(surroundings.journal());
        } catch (RuntimeException away) {
            return Finding.notChecked("the journal cannot be read: " + Lifecycle.message(away));
        }
    }

    private Finding knownGood(Journal journal) {
        List<String> ids = journal.rolloutIds();
        String stable = plan.stable().toString();
        for (int i = ids.size() - 1; i >= 0; i--) {
            String other = ids.get(i);
            if (!other.equals(id)
                    && isTo(other, plan.stable().component(), plan.stable().identity())) {
                History history = History.of(journal.read(other));
                if (stable.equals(history.plan.get("candidate"))) {
                    return cameBy(other, history.state);
                }
            }
        }
        return Finding.notChecked("the journal knows no rollout that brought " + stable
                + ", and nobody has said how to look:" + " beforeStart(\"" + KNOWN_GOOD + "\", check) does");
    }

    private static boolean isTo(String rolloutId, String component, String identity) {
        int attempt = rolloutId.lastIndexOf('#');
        return attempt > 0
                && rolloutId.startsWith(component + ":")
                && rolloutId.substring(0, attempt).endsWith(".." + identity);
    }

    private static Finding cameBy(String rolloutId, RolloutState ended) {
        if (ended.phase() == Phase.PROMOTED && !ended.windowOpen()) {
            return Finding.passed("rollout " + rolloutId + " promoted it, and its rollback window is over");
        }
        return ended.phase() == Phase.ROLLED_BACK
                        || ended.phase() == Phase.ROLLING_BACK
                        || ended.phase() == Phase.NEEDS_HUMAN
                ? Finding.failed("rollout " + rolloutId + " took it back")
                : Finding.notChecked("rollout " + rolloutId + ", which brings it, is " + ended);
    }

    private Finding detection() {
        Detection.Outlook outlook = Detection.of(plan);
        if (outlook == null) {
            return Finding.notChecked("the traffic is not stated: expectedTraffic(calls, failing) does");
        }
        return outlook.isSeen() ? Finding.passed(outlook.words()) : Finding.failed(outlook.words());
    }

    private Finding lastDrill() {
        Duration within = plan.demands().drillWithin();
        Instant ended = null;
        String failure = "";
        String drill = "";
        try {
            Journal journal = surroundings.journal();
            List<String> ids = journal.rolloutIds();
            for (int i = ids.size() - 1; i >= 0 && ended == null; i--) {
                if (ids.get(i).startsWith(Drill.prefix(plan))) {
                    drill = ids.get(i);
                    List<Journal.Entry> entries = journal.read(drill);
                    ended = Drill.end(entries, plan.stepsHash());
                    failure = Drill.failure(entries);
                }
            }
        } catch (RuntimeException away) {
            String why = "the journal cannot be read: " + Lifecycle.message(away);
            return within == null ? Finding.notChecked(why) : Finding.failed(why);
        }
        String known;
        if (ended == null) {
            known = "the journal knows no drill of these steps";
        } else if (!failure.isEmpty()) {
            known = drill + " failed: " + failure;
        } else {
            Duration ago = Duration.between(ended, surroundings.clock().instant());
            known = drill + " passed at " + ended;
            if (within == null || ago.compareTo(within) <= 0) {
                return Finding.passed(known);
            }
        }
        return within == null
                ? Finding.notChecked(known)
                : Finding.failed(
                        known + "; the plan wants one that passed within " + within + ": rollouts.drill(plan, by)");
    }

    // ---- Looking.

    /**
     * Looks at everything once. Only queues: the lanes are to be pumped.
     *
     * @param pointless why signals could never fire
     * @param then told all that was found, not under the rollout's lock
     */
    void run(List<Item> pointless, Consumer<Preflight> then) {
        new Round(pointless, then).goOn();
    }

    /** One look at everything. */
    private final class Round {
        private final List<Item> pointless;
        private final Consumer<Preflight> then;
        private final @Nullable Item[] found = new Item[parts.size()];
        private int next;
        private int underWay;
        private boolean isTold;

        Round(List<Item> pointless, Consumer<Preflight> then) {
            this.pointless = pointless;
            this.then = then;
        }

        /** Queues what comes next, and returns the lanes on which it is. */
        List<Lane> goOn() {
            List<Lane> queued = new ArrayList<>();
            boolean isOver;
            synchronized (this) {
                while (underWay < MOST_AT_A_TIME && next < parts.size()) {
                    int index = next++;
                    Part part = parts.get(index);
                    if (part.known == null) {
                        underWay++;
                        part.lane.add(part.deadline, part.look, (finding, thrown) -> ended(index, finding, thrown));
                        queued.add(part.lane);
                    } else {
                        found[index] = item(part, part.known);
                    }
                }
                isOver = underWay == 0 && !isTold;
                isTold |= isOver;
            }
            if (isOver) {
                then.accept(all());
            }
            return queued;
        }

        private void ended(int index, @Nullable Finding finding, @Nullable Throwable thrown) {
            Finding known = finding != null
                    ? finding
                    : Finding.failed(thrown == null ? "it returned nothing" : Lifecycle.message(thrown));
            synchronized (this) {
                found[index] = item(parts.get(index), known);
                underWay--;
            }
            goOn().forEach(Lane::pump);
        }

        private static Item item(Part part, Finding finding) {
            return new Item(part.name, finding.outcome, finding.detail);
        }

        private Preflight all() {
            List<Item> items = new ArrayList<>();
            for (Item item : Arrays.asList(found)) {
                if (item != null) {
                    items.add(item);
                    if (item.name().equals("detection")) {
                        items.addAll(pointless);
                    }
                }
            }
            Preflight preflight = new Preflight(items);
            return plan.demands().nothingUnchecked() ? preflight.withNothingUnchecked() : preflight;
        }
    }
}
