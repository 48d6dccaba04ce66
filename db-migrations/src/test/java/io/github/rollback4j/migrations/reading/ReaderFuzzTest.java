package io.github.rollback4j.migrations.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.reading.ReaderFuzz.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Damaged scripts. A long run: {@code ./mvnw test -pl db-migrations -am -Dtest=ReaderFuzzTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Drollback4j.fuzz.minutes=60 -Dtest.fork.seconds=4500
 * -Drollback4j.corpus=FOLDER}, where the folder is one as {@link CorpusRates} has it, and may be left away; with
 * {@code -Drollback4j.fuzz.seed=N} other scripts than the last time. One script again: {@code -Drollback4j.fuzz.number=N} with the
 * seed and the folder of its run.
 */
class ReaderFuzzTest {

    private static final long SEED = 20_261_125;
    private static final int SHORT = 300;
    private static final int MOST_FAILURES = 25;
    private static final String MINUTES = "rollback4j.fuzz.minutes";
    private static final String NUMBER = "rollback4j.fuzz.number";

    private static ReaderFuzz fuzz() throws IOException {
        String corpus = System.getProperty("rollback4j.corpus");
        return new ReaderFuzz(
                Long.getLong("rollback4j.fuzz.seed", SEED),
                corpus == null ? ReaderFuzz.own() : ReaderFuzz.ownAnd(Path.of(corpus)));
    }

    private static List<Failure> run(ReaderFuzz fuzz, LongPredicate goesOn) {
        List<Failure> failures = new ArrayList<>();
        for (long number = 0; goesOn.test(number) && failures.size() < MOST_FAILURES; number++) {
            List<Failure> found = fuzz.run(number);
            found.forEach(System.out::println);
            failures.addAll(found);
        }
        return failures;
    }

    private static void print(ReaderFuzz fuzz, List<Failure> failures) {
        System.out.println("seed " + fuzz.seed());
        System.out.println(ReaderFuzz.HEADING);
        fuzz.seen().forEach((dialect, seen) -> System.out.println(seen.line(dialect)));
        System.out.println("failures: " + failures.size());
    }

    @Test
    void read_damagedScripts_nothingIsThrownLeftOutOrSlow() throws IOException {
        ReaderFuzz fuzz = new ReaderFuzz(SEED, ReaderFuzz.own());

        assertThat(run(fuzz, number -> number < SHORT)).isEmpty();
        assertThat(fuzz.seen().values())
                .allSatisfy(seen -> assertThat(seen.scripts()).isEqualTo(SHORT / SqlDialect.values().length));
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.DAYS)
    @EnabledIfSystemProperty(named = MINUTES, matches = "\\d+")
    void read_damagedScriptsForMinutes_nothingIsThrownLeftOutOrSlow() throws IOException {
        ReaderFuzz fuzz = fuzz();
        long start = System.nanoTime();
        long nanos = Duration.ofMinutes(Long.getLong(MINUTES)).toNanos();

        List<Failure> failures = run(fuzz, number -> {
            if (number % 60_000 == 0) {
                System.out.println("script " + number + " after "
                        + Duration.ofNanos(System.nanoTime() - start).toSeconds() + " s");
            }
            return System.nanoTime() - start < nanos;
        });

        print(fuzz, failures);
        assertThat(failures).isEmpty();
    }

    @Test
    @EnabledIfSystemProperty(named = NUMBER, matches = "\\d+")
    void read_oneDamagedScript_nothingIsThrownLeftOutOrSlow() throws IOException {
        ReaderFuzz fuzz = fuzz();
        long number = Long.getLong(NUMBER);

        List<Failure> failures = fuzz.run(number);

        System.out.println(fuzz.script(number));
        assertThat(failures).isEmpty();
    }
}
