package io.github.rollback4j.samples.checkout.show;

import static io.github.rollback4j.strategy.RolloutStrategy.canary;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.samples.checkout.Chance;
import io.github.rollback4j.samples.checkout.show.Options.Act;
import io.github.rollback4j.samples.checkout.traffic.Answers;
import io.github.rollback4j.samples.checkout.traffic.Arrivals;
import io.github.rollback4j.samples.checkout.traffic.Customers;
import io.github.rollback4j.samples.checkout.traffic.Shoppers;
import io.github.rollback4j.strategy.RolloutStrategy;
import io.github.rollback4j.traffic.Subject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The story: the service starts, customers come, a healthy release is rolled out, then a bad one is taken back. */
public final class Show {

    private static final String FIRST = "1.4.2";
    private static final String HEALTHY = "1.5.0";
    private static final String BAD = "1.6.0";

    private static final int CUSTOMERS = 200_000;
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration HEALTHY_LONGEST = Duration.ofSeconds(40);
    private static final Duration BAD_STEP = Duration.ofSeconds(10);
    private static final Duration BAD_LAST_STEP = Duration.ofSeconds(100);
    private static final Duration AFTERMATH = Duration.ofSeconds(2);
    private static final Duration LONGEST = Duration.ofSeconds(110);

    private final long beganNanos;
    private final Options options;
    private final Screen screen;
    private final Service service;
    private final Customers customers;
    private final Supplier<Arrivals> arrivals;
    private final Answers answers;
    private final Shoppers shoppers;
    private final JournalFile journal;

    private Show(
            long beganNanos,
            Options options,
            Screen screen,
            Service service,
            Customers customers,
            Supplier<Arrivals> arrivals,
            Answers answers,
            Shoppers shoppers) {
        this.beganNanos = beganNanos;
        this.options = options;
        this.screen = screen;
        this.service = service;
        this.customers = customers;
        this.arrivals = arrivals;
        this.answers = answers;
        this.shoppers = shoppers;
        this.journal = new JournalFile(service.rollouts().journal());
    }

    /** Runs what the command line asks for; returns the exit code. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException wrong) {
            err.println("checkout: " + wrong.getMessage() + ". --help tells all options.");
            return 2;
        }
        if (options.help()) {
            out.print(Options.HELP);
            return 0;
        }
        try {
            return run(options, Screen.ofProcess(out, System.getenv()), Files.createTempDirectory("checkout-"));
        } catch (IOException | RuntimeException failed) {
            err.println("checkout: it could not be shown: " + failed);
            return 1;
        }
    }

    /**
     * Runs the show; returns the exit code.
     *
     * @param folder for the log and the journal, which stay, and for the database, which does not
     */
    static int run(Options options, Screen screen, Path folder) throws IOException {
        long beganNanos = System.nanoTime();
        Path log = folder.resolve("service.log");
        Path journalFile = folder.resolve("journal.tsv");
        Path database = Files.createDirectory(folder.resolve("database"));
        Customers customers = new Customers(CUSTOMERS, new Chance(options.seed()), options.defectRate());
        Supplier<Arrivals> arrivals = () -> new Arrivals(options.seed(), CUSTOMERS, options.requestsPerSecond());
        Answers answers = new Answers();
        screen.line(screen.ink().bold("checkout, a service that rolls itself back"));
        screen.line("  starting it, with " + Text.count(CUSTOMERS, "customer") + " in its database");
        String disappointment;
        try (Service service = Service.start(options, database, log, customers);
                Shoppers shoppers = Shoppers.start(service.address(), arrivals.get(), answers, LONGEST)) {
            Show show = new Show(beganNanos, options, screen, service, customers, arrivals, answers, shoppers);
            disappointment = show.play();
            int events = show.journal.writeTo(journalFile);
            screen.line("  3. The journal of this show is in memory, and ends with this process. Its "
                    + Text.count(events, "event"));
            screen.line("     were written to " + journalFile + "; " + log.getFileName() + " is beside it.");
        }
        delete(database);
        screen.line("");
        screen.line(
                disappointment.isEmpty()
                        ? screen.ink().green("As expected.")
                        : screen.ink().red("Not as expected: " + disappointment + "."));
        return disappointment.isEmpty() ? 0 : 1;
    }

    /** Plays the acts, and returns what did not happen as the options expect; empty where all did. */
    private String play() {
        String first = options.acts().contains(Act.HEALTHY) ? FIRST : HEALTHY;
        service.quotes().serve(first);
        screen.line("  " + first + " serves them on " + service.address() + ", "
                + Text.number(options.requestsPerSecond()) + " quotes a second.");
        screen.line(
                "  The warehouse behind it fails 0.1 % of them, whatever the release. A candidate is taken back when");
        screen.line("  the evidence reaches 10^2: one that is no worse gets there in at most 1 of 100 rollouts.");
        LockSupport.parkNanos(WARM_UP.toNanos());
        String disappointment = "";
        if (options.acts().contains(Act.HEALTHY)) {
            disappointment = playHealthy();
        }
        if (disappointment.isEmpty() && options.acts().contains(Act.BAD)) {
            disappointment = playBad();
        }
        if (disappointment.isEmpty() && answers.missing() > answers.answered() / 10) {
            disappointment = "this machine is too slow for --rps " + Text.number(options.requestsPerSecond()) + ": "
                    + answers.missing() + " requests were not answered";
        }
        return disappointment;
    }

    private String playHealthy() {
        RolloutStrategy strategy = canary(1, 5, 25, 50)
                .bake(Duration.ofSeconds(4))
                .leastCalls(10)
                .thenPromote()
                .rollbackWindow(Duration.ofSeconds(3));
        headline(FIRST, HEALTHY, "healthy");
        Rollout rollout = service.quotes().rollOut(FIRST, HEALTHY, strategy, options.mode());
        Narrator narrator = new Narrator(screen, rollout);
        boolean ended = narrator.tellUntil(
                status -> isPromotedForGood(status) || !status.decision().isEmpty(), HEALTHY_LONGEST);
        narrator.tellEnd();
        if (isPromotedForGood(rollout.status())) {
            return "";
        }
        return "the healthy release is " + rollout.state()
                + (ended ? ": " + rollout.status().decision() : " after " + Text.seconds(HEALTHY_LONGEST));
    }

    private String playBad() {
        headline(
                HEALTHY,
                BAD,
                "it fails for " + Text.percent(options.defectRate())
                        + " of the customers: those with a voucher and a foreign currency");
        Rollout rollout = service.quotes().rollOut(HEALTHY, BAD, badStrategy(), options.mode());
        Narrator narrator = new Narrator(screen, rollout);
        Duration longest = left();
        boolean decided = narrator.tellUntil(status -> !status.decision().isEmpty(), longest);
        narrator.tellUntil(status -> false, AFTERMATH);
        narrator.tellEnd();
        if (!decided) {
            return "no decision within " + Text.seconds(longest) + ": "
                    + rollout.status().assessments().get(0).why()
                    + "; a higher --share, --rps or --defect-rate decides sooner";
        }
        screen.line("");
        screen.line(screen.ink().bold("Timeline") + "  of " + rollout.id());
        journal.timeline(rollout.id()).forEach(screen::line);
        return tellCost(rollout);
    }

    private Duration left() {
        return LONGEST.minusNanos(System.nanoTime() - beganNanos).minus(AFTERMATH);
    }

    private static boolean isPromotedForGood(Rollout.Status status) {
        return status.state().phase() == Phase.PROMOTED && !status.state().windowOpen();
    }

    /** Short steps first, and the last until the end: what is rare shows only when many are exposed. */
    private RolloutStrategy badStrategy() {
        int last = options.shares().size() - 1;
        RolloutStrategy lastStep =
                canary(options.shares().get(last)).bake(BAD_LAST_STEP).thenHold();
        if (last == 0) {
            return lastStep;
        }
        double[] before = options.shares().stream()
                .limit(last)
                .mapToDouble(share -> share)
                .toArray();
        return canary(before).bake(BAD_STEP).leastCalls(10).then(lastStep);
    }

    private String tellCost(Rollout rollout) {
        Mode mode = options.mode();
        Instant decided = journal.last(rollout.id(), "decided");
        // What was under way at the decision is still answered by the candidate, and counts.
        Instant until = mode == Mode.ACT ? Instant.now() : decided;
        Answers.Harm harm = answers.harmBy(BAD, until);
        Replay replay = new Replay(
                arrivals,
                customers,
                service.warehouse(),
                exposed(rollout),
                Duration.between(shoppers.began(), journal.last(rollout.id(), "exposed")));
        screen.line("");
        screen.line(screen.ink().bold("What it cost"));
        Stream.of(
                        Closing.harm(
                                BAD,
                                mode,
                                harm,
                                options.idempotent() ? rollout.status().totals().candidateFailures() : 0,
                                journal.last(rollout.id(), "started"),
                                decided),
                        Closing.rules(List.of(ThresholdRule.FLAGGER, ThresholdRule.ARGO), replay))
                .flatMap(List::stream)
                .forEach(screen::line);
        Phase expected = mode == Mode.ACT ? Phase.ROLLED_BACK : Phase.RUNNING;
        if (rollout.state().phase() != expected) {
            return "the bad release is " + rollout.state() + " in mode " + mode;
        }
        return options.idempotent() && harm.customers() > 0
                ? Text.count(harm.customers(), "customer") + " saw an error in spite of --idempotent"
                : "";
    }

    /** Asks as the support would: whose calls went to the candidate? */
    private BitSet exposed(Rollout rollout) {
        BitSet exposed = new BitSet();
        for (int customer = 1; customer <= CUSTOMERS; customer++) {
            exposed.set(customer, rollout.affected(Subject.of(customer)).exposed());
        }
        return exposed;
    }

    private void headline(String stable, String candidate, String what) {
        screen.line("");
        screen.line(screen.ink().bold(stable + " -> " + candidate) + "  " + what);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
