package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.report.PostMortem;
import io.github.rollback4j.reports.HtmlPage;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.samples.checkout.Chance;
import io.github.rollback4j.samples.checkout.Course;
import io.github.rollback4j.samples.checkout.Warehouse;
import io.github.rollback4j.samples.checkout.show.Options.Act;
import io.github.rollback4j.samples.checkout.traffic.Answers;
import io.github.rollback4j.samples.checkout.traffic.Arrivals;
import io.github.rollback4j.samples.checkout.traffic.Customers;
import io.github.rollback4j.samples.checkout.traffic.Shoppers;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/** The story: the service starts, customers come, a healthy release is rolled out, then a bad one is taken back. */
public final class Show {

    private static final String FIRST = "1.4.2";
    private static final String HEALTHY = "1.5.0";
    private static final String BAD = "1.6.0";

    private static final int CUSTOMERS = 200_000;
    private static final List<Double> HEALTHY_SHARES = List.of(1.0, 5.0, 25.0, 50.0);
    private static final int HEALTHY_STEP_SECONDS = 4;
    private static final Duration HEALTHY_LONGEST = Duration.ofSeconds(40);

    /** Short steps first, and the last until the end: what is rare shows only when many are exposed. */
    private static final int BAD_STEP_SECONDS = 10;

    private static final int BAD_LAST_STEP_SECONDS = 100;
    private static final Duration AFTERMATH = Duration.ofSeconds(2);
    private static final Duration CRASH_LONGEST = Duration.ofSeconds(40);
    private static final Duration LONGEST = Duration.ofSeconds(110);

    /** A call of the bad release that began before the decision ends within this, also where the decision was heard late. */
    private static final Duration LAST_CALLS = Duration.ofSeconds(5);

    private static final String POST_MORTEM = "post-mortem.html";

    private final Options options;
    private final Screen screen;
    private final Path folder;
    private final Instances instances;
    private final Pipeline pipeline;
    private final @Nullable Crash crash;
    private final Customers customers;
    private final Supplier<Arrivals> arrivals;
    private final Answers answers;
    private final Shoppers shoppers;
    private final JournalFile journal;

    private Show(
            Options options,
            Screen screen,
            Path folder,
            Instances instances,
            Pipeline pipeline,
            @Nullable Crash crash,
            Customers customers,
            Supplier<Arrivals> arrivals,
            Answers answers,
            Shoppers shoppers,
            JournalFile journal) {
        this.options = options;
        this.screen = screen;
        this.folder = folder;
        this.instances = instances;
        this.pipeline = pipeline;
        this.crash = crash;
        this.customers = customers;
        this.arrivals = arrivals;
        this.answers = answers;
        this.shoppers = shoppers;
        this.journal = journal;
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
            // The terminal belongs to the show. What the instances log is in their files.
            LoggingSystem.get(Show.class.getClassLoader()).setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.OFF);
            return run(options, Screen.ofProcess(out, System.getenv()), Files.createTempDirectory("checkout-"));
        } catch (IOException | SQLException | RuntimeException failed) {
            err.println("checkout: it could not be shown: " + failed);
            return 1;
        }
    }

    /**
     * Runs the show; returns the exit code.
     *
     * @param folder for the journal, the post-mortem and the logs, which stay
     */
    static int run(Options options, Screen screen, Path folder) throws IOException, SQLException {
        Customers customers = new Customers(CUSTOMERS, new Chance(options.seed()), options.defectRate());
        Supplier<Arrivals> arrivals = () -> new Arrivals(options.seed(), CUSTOMERS, options.requestsPerSecond());
        Answers answers = new Answers();
        Path journalFile = folder.resolve("journal");
        String secret = newSecret();
        screen.line(screen.ink().bold("checkout, a service that rolls itself back"));
        screen.line("  " + Text.count(CUSTOMERS, "customer") + " are in its database");
        String disappointment;
        try (Database database = Database.open(secret);
                Pipeline pipeline = Pipeline.open(secret);
                Instances instances = new Instances(
                        options.instances(),
                        folder,
                        List.of(
                                "--spring.profiles.active=" + (options.idempotent() ? "idempotent" : "default"),
                                "--spring.datasource.url=" + database.url(),
                                "--spring.datasource.username=" + Database.USER,
                                "--checkout.seed=" + options.seed(),
                                "--checkout.journal=" + journalFile,
                                "--checkout.pipeline=" + pipeline.address()),
                        Map.of("SPRING_DATASOURCE_PASSWORD", secret, "CHECKOUT_PIPELINE_SECRET", secret));
                JdbcStore store = JdbcStore.inFile(journalFile).build()) {
            database.addAll(customers.carts());
            JournalFile journal = new JournalFile(store);
            Crash crash = options.crash() ? Crash.prepare(BAD, journal, instances, pipeline) : null;
            Duration longest = options.crash() ? LONGEST.plus(CRASH_LONGEST) : LONGEST;
            try (Shoppers shoppers = new Shoppers(instances::next, arrivals.get(), answers, longest)) {
                Show show = new Show(
                        options, screen, folder, instances, pipeline, crash, customers, arrivals, answers, shoppers,
                        journal);
                disappointment = show.play();
                show.tellFiles();
            }
        }
        screen.line("");
        screen.line(
                disappointment.isEmpty()
                        ? screen.ink().green("As expected.")
                        : screen.ink().red("Not as expected: " + disappointment + "."));
        return disappointment.isEmpty() ? 0 : 1;
    }

    private static String newSecret() {
        byte[] secret = new byte[16];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }

    /** Plays the acts, and returns what did not happen as the options expect; empty where all did. */
    private String play() throws IOException {
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

    /** Deploys the candidate beside stable, and has the customers come where they do not yet. */
    private Narrator begin(Course course) throws IOException {
        boolean isFirst = instances.number() == 0;
        screen.line("  " + course.candidate() + " is deployed beside " + course.stable() + ", in "
                + (options.instances() == 1
                        ? "a process of its own"
                        : options.instances() + " processes that share the rollout"));
        instances.deploy(course);
        instances.takeOver();
        screen.line("  Its page, while it runs: " + instances.page());
        if (isFirst) {
            shoppers.start();
            screen.line("  Now they come: " + Text.number(options.requestsPerSecond())
                    + " quotes a second. The warehouse behind it fails 0.1 % of them, whatever");
            screen.line(
                    "  the release. A candidate is taken back when the evidence is enough: one that is no worse gets");
            screen.line("  there in at most 1 of 100 rollouts.");
        }
        return new Narrator(screen, course, instances::status);
    }

    private String playHealthy() throws IOException {
        headline(FIRST, HEALTHY, "healthy");
        Course course = new Course(
                FIRST, HEALTHY, options.mode(), HEALTHY_SHARES, HEALTHY_STEP_SECONDS, HEALTHY_STEP_SECONDS, true);
        Narrator narrator = begin(course);
        boolean ended = narrator.tellUntil(
                status -> isPromotedForGood(status) || !status.decision().isEmpty(), HEALTHY_LONGEST);
        narrator.tellEnd();
        Rollout.Status last = instances.status();
        if (isPromotedForGood(last)) {
            return "";
        }
        return "the healthy release is " + last.state()
                + (ended ? ": " + last.decision() : " after " + Text.seconds(HEALTHY_LONGEST));
    }

    private String playBad() throws IOException {
        headline(
                HEALTHY,
                BAD,
                "it fails for " + Text.percent(options.defectRate())
                        + " of the customers: those with a voucher and a foreign currency");
        Course course = new Course(
                HEALTHY, BAD, options.mode(), options.shares(), BAD_STEP_SECONDS, BAD_LAST_STEP_SECONDS, false);
        Narrator narrator = begin(course);
        String rollout = instances.status().id();
        Duration longest = left();
        // Who decided may be dead before anybody has seen the decision.
        boolean decided = narrator.tellUntil(
                status -> !status.decision().isEmpty() || (crash != null && crash.isOver()), longest);
        if (!decided) {
            narrator.tellEnd();
            return "no decision within " + Text.seconds(longest) + ": "
                    + instances.status().assessments().get(0).why()
                    + "; a higher --share, --rps or --defect-rate decides sooner";
        }
        Crash.Killed killed = crash == null ? null : crash.await();
        if (crash != null && killed == null) {
            return "the pipeline was never asked for anything, so that nobody was killed";
        }
        if (killed != null) {
            tellCrash(killed);
            if (instances.number() == 0) {
                instances.startAgain(killed.instance());
            }
            narrator.tellUntil(status -> status.state().phase() == Phase.ROLLED_BACK, CRASH_LONGEST);
        }
        narrator.tellUntil(status -> false, AFTERMATH);
        narrator.tellEnd();
        screen.line("");
        screen.line(screen.ink().bold("Timeline") + "  of " + rollout);
        journal.timeline(rollout).forEach(screen::line);
        String disappointment = tellWhoDidWhat(rollout, killed);
        return disappointment.isEmpty() ? tellCost(rollout) : disappointment;
    }

    /** The first release was there before its first customer. */
    private Duration sinceCustomersCome(Instant at) {
        Duration since = Duration.between(shoppers.began(), at);
        return since.isNegative() ? Duration.ZERO : since;
    }

    private Duration left() {
        return LONGEST.minus(Duration.between(shoppers.began(), Instant.now())).minus(AFTERMATH);
    }

    private static boolean isPromotedForGood(Rollout.Status status) {
        return status.state().phase() == Phase.PROMOTED && !status.state().windowOpen();
    }

    private void tellCrash(Crash.Killed killed) {
        screen.line(screen.ink()
                .red("  KILLED: " + killed.instance()
                        + " led the rollback. Its request had reached the pipeline, the answer"
                        + " never reached it."));
        screen.line("  What the journal had then of the steps back:");
        JournalFile.steps(killed.entries()).forEach(line -> screen.line("    " + line));
        screen.line(
                instances.number() == 0
                        ? "  It is started again. Until then nobody serves; then it waits until the lease of the dead ends."
                        : "  The others serve on. One of them takes over when the lease of the dead ends.");
    }

    /** Tells who decided, and who took the steps back; returns what did not happen as it should. */
    private String tellWhoDidWhat(String rollout, Crash.@Nullable Killed killed) {
        if (options.instances() > 1) {
            screen.line("");
            screen.line(screen.ink().bold("Together"));
            Closing.together(BAD, HEALTHY, answers, journal.last(rollout, "decided"), options.mode())
                    .forEach(screen::line);
        }
        long decisions = journal.count(rollout, "decided", "");
        if (decisions != 1) {
            return "there were " + decisions + " decisions";
        }
        Answers.Last last = answers.lastOf(BAD);
        if (options.mode() == Mode.ACT
                && last != null
                && last.at().isAfter(journal.last(rollout, "decided").plus(LAST_CALLS))) {
            return last.instance() + " served a call by " + BAD + " at " + last.at() + ", long after the decision";
        }
        return killed == null ? "" : tellRecovery(rollout, killed);
    }

    private String tellRecovery(String rollout, Crash.Killed killed) {
        screen.line("");
        screen.line(screen.ink().bold("The crash"));
        String successor = journal.leader(rollout);
        List<Journal.Entry> entries = journal.entries(rollout);
        screen.line("  " + killed.instance() + " died with a step begun and no word of its end. "
                + (successor.equals(killed.instance()) ? "Started again, it" : successor)
                + " found that, and went on:");
        JournalFile.steps(entries.subList(killed.entries().size(), entries.size()))
                .forEach(line -> screen.line("    " + line));
        screen.line("  The pipeline got " + Text.count(pipeline.requests(), "request") + " under one key, and deployed "
                + (pipeline.deployments() == 1 ? "once." : Text.count(pipeline.deployments(), "time") + "."));
        screen.line(
                "  " + Text.count(answers.turnedAway(), "request") + " of customers found no instance that serves.");
        if (!instances.status().state().phase().equals(Phase.ROLLED_BACK)) {
            return "after the crash the bad release is " + instances.status().state();
        }
        if (journal.count(rollout, "step-intended", "withdraw-quotes") != 1) {
            return "the quotes were withdrawn again, though the journal had that they were";
        }
        return pipeline.deployments() == 1 && pipeline.requests() == 2
                ? ""
                : "the pipeline got " + pipeline.requests() + " requests and deployed " + pipeline.deployments()
                        + " times: two and one were to be";
    }

    private String tellCost(String rollout) throws IOException {
        Mode mode = options.mode();
        Instant decided = journal.last(rollout, "decided");
        // What was under way at the decision is still answered by the candidate, and counts.
        Instant until = mode == Mode.ACT ? Instant.now() : decided;
        Answers.Harm harm = answers.harmBy(BAD, until);
        Rollout.Status last = instances.status();
        Replay replay = new Replay(
                arrivals,
                customers,
                new Warehouse(new Chance(options.seed())),
                instances.exposed(CUSTOMERS),
                sinceCustomersCome(journal.last(rollout, "exposed")));
        screen.line("");
        screen.line(screen.ink().bold("What it cost"));
        Closing.harm(
                        BAD,
                        mode,
                        harm,
                        options.idempotent() ? last.totals().candidateFailures() : 0,
                        shoppers.began().plus(sinceCustomersCome(journal.last(rollout, "started"))),
                        decided)
                .forEach(screen::line);
        Closing.rules(List.of(ThresholdRule.FLAGGER, ThresholdRule.ARGO), replay)
                .forEach(screen::line);
        Files.writeString(
                folder.resolve(POST_MORTEM),
                HtmlPage.of(PostMortem.of(journal.entries(rollout)).document()).html());
        Phase expected = mode == Mode.ACT ? Phase.ROLLED_BACK : Phase.RUNNING;
        if (last.state().phase() != expected) {
            return "the bad release is " + last.state() + " in mode " + mode;
        }
        return options.idempotent() && harm.customers() > 0
                ? Text.count(harm.customers(), "customer") + " saw an error in spite of --idempotent"
                : "";
    }

    private void tellFiles() throws IOException {
        int events = journal.writeTo(folder.resolve("journal.tsv"));
        screen.line("  3. The journal outlives the processes: journal.mv.db, and as text journal.tsv, "
                + Text.count(events, "event") + ". They and");
        screen.line("     the logs of the instances are in " + folder);
        Path postMortem = folder.resolve(POST_MORTEM);
        if (Files.exists(postMortem)) {
            screen.line("  4. The post-mortem, as far as the journal knows it: " + postMortem.toUri());
        }
    }

    private void headline(String stable, String candidate, String what) {
        screen.line("");
        screen.line(screen.ink().bold(stable + " -> " + candidate) + "  " + what);
    }
}
