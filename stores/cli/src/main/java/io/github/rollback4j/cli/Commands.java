package io.github.rollback4j.cli;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.planfile.PlanFile;
import io.github.rollback4j.planfile.PlanSchema;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.report.PostMortem;
import io.github.rollback4j.report.Runbook;
import io.github.rollback4j.report.Timeline;
import io.github.rollback4j.report.TrackRecord;
import io.github.rollback4j.reports.HtmlPage;
import io.github.rollback4j.rollout.RemoteRollout;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the command line can do. Each method returns the exit code. */
final class Commands {

    /** What the journal of a drill begins with, and that of what a release did while it was stable. */
    private static final Set<String> OTHERS = Set.of("drill-began", "baseline-kept");

    /** Says that the rollout's leader, or its state, did not let something be done. */
    static final class NotDone extends RollbackException {
        private static final long serialVersionUID = 1;

        NotDone(String message) {
            super(message);
        }
    }

    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(30);
    private static final Duration LONGEST_WAIT = Duration.ofHours(2);
    private static final Duration POLL = Duration.ofMillis(500);

    /** Commands that ask the leader for something, with what it is called there. */
    private static final Map<String, String> ASKED = Map.of(
            "pause", "pause",
            "stop-traffic", "pause-and-stop-traffic",
            "resume", "resume",
            "promote", "promote",
            "rollback", "roll-back",
            "approve", "approve",
            "dismiss", "dismiss",
            "acknowledge", "acknowledge",
            "try-again", "try-again");

    private static final List<String> WITHOUT_REASON = List.of("resume", "promote", "approve", "try-again");

    private final Arguments arguments;
    private final PrintStream out;

    Commands(Arguments arguments, PrintStream out) {
        this.arguments = arguments;
        this.out = out;
    }

    int run() throws InterruptedException {
        String command = arguments.command();
        return switch (command) {
            case "check", "runbook", "criteria" -> withPlan(command);
            case "schema" -> schema();
            case "migrations" -> new MigrationCommand(arguments, out).run();
            case "status", "history", "timeline", "post-mortem", "await", "finish", "all-to-stable", "readmit" ->
                withStore();
            default -> {
                if (!ASKED.containsKey(command)) {
                    throw new IllegalArgumentException("command '" + command + "' is unknown: see rollback4j help");
                }
                yield withStore();
            }
        };
    }

    // ---- Plans, without a store.

    private int withPlan(String command) {
        arguments.requireNoMore(1);
        RollbackPlan plan = plan(Path.of(arguments.operand(0, "the file of a plan")));
        switch (command) {
            case "check" -> {
                out.println("The plan can be read. Its hash is " + plan.hash() + ". It says:");
                plan.describe().forEach((part, value) -> out.println("  " + part + ": " + value));
            }
            case "runbook" -> out.print(Runbook.of(plan).markdown());
            default -> out.print(Runbook.criteriaSheet(plan).markdown());
        }
        return Main.DONE;
    }

    private int schema() {
        arguments.requireNoMore(0);
        out.print(PlanSchema.of(PlanParts.load()));
        return Main.DONE;
    }

    private RollbackPlan plan(Path file) {
        PlanFile.Reader reader = PlanFile.reader().environment(arguments.environment());
        String stable = arguments.option("stable");
        String candidate = arguments.option("candidate");
        if (stable == null && candidate == null) {
            return reader.read(file);
        }
        if (stable == null || candidate == null) {
            throw new IllegalArgumentException(
                    "options --stable and --candidate belong together: both or neither are allowed");
        }
        String component = arguments.option("component");
        if (component == null) {
            throw new IllegalArgumentException(
                    "option --component is missing: the component of --stable and --candidate is needed");
        }
        return reader.with(Release.of(component, stable), Release.of(component, candidate))
                .read(file);
    }

    // ---- Rollouts, through the store.

    private int withStore() throws InterruptedException {
        try (JdbcStore store = Store.open(arguments)) {
            return switch (arguments.command()) {
                case "status" -> status(store);
                case "history" -> history(store);
                case "timeline" -> timeline(store);
                case "post-mortem" -> postMortem(store);
                case "await" -> await(store);
                case "finish" -> finish(store);
                case "all-to-stable", "readmit" -> allToStable(store);
                default -> ask(store);
            };
        }
    }

    private RemoteRollout rollout(Journal store) {
        return RemoteRollout.read(store, id(store));
    }

    /** Returns the id of the rollout that is meant: the newest to it, where a release is named. */
    private String id(Journal store) {
        String named = arguments.operand(0, "the id of a rollout, or the release that it leads to");
        List<String> ids = named.contains("..") ? List.of() : store.rolloutIds();
        return ids.stream().filter(id -> leadsTo(named, id)).reduce(named, (before, newer) -> newer);
    }

    /** A pipeline knows which release it has deployed, as {@code checkout:1.5.0}, and not which one was before. */
    private static boolean leadsTo(String release, String id) {
        int colon = id.indexOf(':');
        int from = id.indexOf("..");
        int attempt = id.lastIndexOf('#');
        if (colon < 0 || from < colon || attempt < from) {
            return false;
        }
        String candidate = id.substring(0, colon + 1) + id.substring(from + 2, attempt);
        return candidate.equals(release) || candidate.startsWith(release + "@");
    }

    private static List<String> rollouts(Journal store) {
        return store.rolloutIds().stream()
                .filter(id -> store.read(id).stream()
                        .limit(1)
                        .noneMatch(entry -> OTHERS.contains(entry.event().type())))
                .toList();
    }

    private int status(Journal store) {
        arguments.requireNoMore(1);
        List<String> ids = arguments.operands().isEmpty() ? rollouts(store) : arguments.operands();
        for (String id : ids) {
            RemoteRollout rollout = RemoteRollout.read(store, id);
            out.println(id + "  " + rollout.state() + (rollout.isAllToStable() ? ", all calls to stable" : ""));
            line("decision", rollout.decision());
            line("people are needed", rollout.needsHuman());
            if (!rollout.unanswered().isEmpty()) {
                line("not answered yet", rollout.unanswered().size() + " requests");
            }
        }
        if (ids.isEmpty()) {
            out.println("There are no rollouts in this store.");
        }
        return Main.DONE;
    }

    private void line(String name, String value) {
        if (!value.isEmpty()) {
            out.println("  " + name + ": " + value);
        }
    }

    private int history(Journal store) {
        arguments.requireNoMore(0);
        out.print(TrackRecord.of(store).markdown());
        return Main.DONE;
    }

    private int timeline(Journal store) {
        arguments.requireNoMore(1);
        out.print(Timeline.of(rollout(store).entries()).markdown());
        return Main.DONE;
    }

    private int postMortem(Journal store) {
        arguments.requireNoMore(1);
        PostMortem draft = PostMortem.of(rollout(store).entries());
        Path html = arguments.path("html");
        if (html == null) {
            out.print(draft.markdown());
            return Main.DONE;
        }
        try {
            Files.writeString(html, HtmlPage.of(draft.document()).html(), StandardCharsets.UTF_8);
        } catch (IOException unwritable) {
            throw new IllegalArgumentException("option --html names " + html + ", which cannot be written", unwritable);
        }
        out.println("Written to " + html);
        return Main.DONE;
    }

    /** Asks the leader, and waits a little for its answer. */
    private int ask(Journal store) throws InterruptedException {
        String command = arguments.command();
        boolean hasSubject = command.equals("acknowledge");
        arguments.requireNoMore(hasSubject ? 2 : 1);
        RemoteRollout rollout = rollout(store);
        String subject = hasSubject ? arguments.operand(1, "the step or the gate") : "";
        String reason = WITHOUT_REASON.contains(command) ? arguments.option("reason", "") : arguments.reason();
        return answered(
                rollout, rollout.ask(Objects.requireNonNull(ASKED.get(command)), subject, arguments.by(), reason));
    }

    private int answered(RemoteRollout rollout, long request) throws InterruptedException {
        long end = System.nanoTime()
                + arguments.duration("timeout", LONGEST_ANSWER).toNanos();
        while (System.nanoTime() - end < 0) {
            rollout.refresh();
            String answer = rollout.answer(request);
            if (answer != null) {
                out.println(
                        answer.equals("done")
                                ? "Done. " + rollout.id() + " is " + rollout.state()
                                : "Not done: " + answer);
                return answer.equals("done") ? Main.DONE : Main.NOT_DONE;
            }
            pause();
        }
        out.println(
                "Asked for, and not answered yet: no process leads " + rollout.id()
                        + " now, or none of this version. It is done as soon as one does; finish takes the steps back without one.");
        return Main.TIMED_OUT;
    }

    private int allToStable(Journal store) {
        arguments.requireNoMore(1);
        String component = arguments.option("component");
        List<String> ids = new ArrayList<>();
        if (arguments.operands().isEmpty()) {
            if (component == null) {
                throw new IllegalArgumentException(
                        arguments.command() + " needs the id of a rollout, or --component: one of them is allowed");
            }
            store.rolloutIds().stream()
                    .filter(id -> id.startsWith(component + ":"))
                    .forEach(ids::add);
        } else {
            ids.add(id(store));
        }
        for (String id : ids) {
            RemoteRollout.read(store, id).ask(arguments.command(), "", arguments.by(), arguments.reason());
            out.println("Asked for in " + id);
        }
        if (ids.isEmpty()) {
            out.println("There is no rollout of " + component + " in this store.");
            return Main.NOT_DONE;
        }
        out.println(
                "Each process obeys as soon as it reads the store: within its poll interval, half a second by default.");
        return Main.DONE;
    }

    /** Waits until the candidate is promoted or taken back, or a person is needed. */
    private int await(Journal store) throws InterruptedException {
        arguments.requireNoMore(1);
        String id = id(store);
        long end =
                System.nanoTime() + arguments.duration("timeout", LONGEST_WAIT).toNanos();
        RemoteRollout rollout = null;
        while (System.nanoTime() - end < 0) {
            if (rollout == null) {
                // A pipeline may be faster than the service that it has just deployed.
                id = id(store);
                rollout = store.readAfter(id, 0).isEmpty() ? null : RemoteRollout.read(store, id);
                said(Timeline.of(rollout == null ? List.of() : rollout.entries()));
            } else {
                said(Timeline.of(rollout.refresh()));
            }
            Integer verdict = rollout == null ? null : verdict(rollout);
            if (verdict != null) {
                return verdict;
            }
            pause();
        }
        out.println(rollout == null ? "There is no rollout " + id : id + " is still " + rollout.state());
        return Main.TIMED_OUT;
    }

    private void said(Timeline timeline) {
        timeline.lines().forEach(line -> out.println(line.at() + "  " + line.what()));
    }

    private @Nullable Integer verdict(RemoteRollout rollout) {
        return switch (rollout.state().phase()) {
            case PROMOTED -> Main.DONE;
            case ROLLED_BACK -> Main.NOT_DONE;
            case NEEDS_HUMAN -> {
                line("people are needed", rollout.needsHuman());
                yield Main.NEEDS_HUMAN;
            }
            default -> null;
        };
    }

    /** Takes part in the rollout, without serving any call, until its steps back are done. */
    private int finish(JdbcStore store) throws InterruptedException {
        arguments.requireNoMore(1);
        RemoteRollout remote = rollout(store);
        Path file = arguments.path("plan");
        if (file == null) {
            throw new IllegalArgumentException(
                    "option --plan is missing: the file of the plan that the rollout began with is"
                            + " needed, since the journal has no program");
        }
        RollbackPlan plan = plan(file);
        String expected = plan.stable().component() + ":" + plan.stable().identity() + ".."
                + plan.candidate().identity() + "#";
        if (!remote.id().startsWith(expected)) {
            throw new IllegalArgumentException("plan " + file + " is for " + expected + "…, not for " + remote.id()
                    + ": the plan that the rollout began with is allowed");
        }
        Phase phase = remote.state().phase();
        boolean isToBeRolledBack = arguments.option("reason") != null;
        if (phase == Phase.ROLLED_BACK) {
            out.println(remote.id() + " is rolled back already.");
            return Main.DONE;
        }
        if (phase != Phase.ROLLING_BACK && phase != Phase.NEEDS_HUMAN && !isToBeRolledBack) {
            throw new NotDone(remote.id() + " is " + remote.state()
                    + ": there is nothing to finish. With --reason it is rolled back and finished");
        }
        try (Rollouts rollouts =
                Rollouts.builder().journal(store).host("rollback4j-finish").build()) {
            // It must not let an exposure grow while it leads.
            rollouts.automationOff(arguments.by(), "finish");
            Rollout rollout = rollouts.start(plan);
            if (isToBeRolledBack && phase != Phase.ROLLING_BACK && phase != Phase.NEEDS_HUMAN) {
                rollout.rollBack(arguments.by(), arguments.reason());
            } else if (phase == Phase.NEEDS_HUMAN) {
                rollout.tryAgain(arguments.by());
            }
            return finished(remote);
        }
    }

    private int finished(RemoteRollout remote) throws InterruptedException {
        long end =
                System.nanoTime() + arguments.duration("timeout", LONGEST_WAIT).toNanos();
        // What needs a person now is what is tried again.
        long known = remote.entries().size();
        while (System.nanoTime() - end < 0) {
            said(Timeline.of(remote.refresh()));
            Phase phase = remote.state().phase();
            if (phase == Phase.ROLLED_BACK) {
                return Main.DONE;
            }
            boolean isAnew = remote.entries().stream()
                    .skip(known)
                    .anyMatch(entry -> entry.event().type().equals("needs-human"));
            if (phase == Phase.NEEDS_HUMAN && isAnew) {
                line("people are needed", remote.needsHuman());
                return Main.NEEDS_HUMAN;
            }
            pause();
        }
        out.println(remote.id() + " is still " + remote.state());
        return Main.TIMED_OUT;
    }

    private void pause() throws InterruptedException {
        Thread.sleep(arguments.duration("poll", POLL).toMillis());
    }
}
