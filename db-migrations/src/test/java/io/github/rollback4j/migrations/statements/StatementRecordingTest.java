package io.github.rollback4j.migrations.statements;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.rollback4j.migrations.statements.StatementRecordingExample.GuestRepository;
import io.github.rollback4j.migrations.statements.StatementRecordingExample.GuestRepositoryTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.EventConditions;
import org.junit.platform.testkit.engine.TestExecutionResultConditions;

class StatementRecordingTest {

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("classes").resolve(StatementCatalogue.LOCATION);
    }

    @Test
    void tests_withTheSharedRecorder_writeTheirStatementsAtTheEnd() {
        run(GuestRepositoryTest.class, StaysTest.class);

        assertThat(file).hasContent("""
                        -- rollback4j statements 1

                        -- parameters: VARCHAR
                        -- sample: 'Moe'
                        -- sample: 'Nia'
                        -- sample: 'Pia'
                        -- reads: guests = int
                        -- seen in: GuestRepositoryTest, StaysTest
                        SELECT COUNT(*) AS guests FROM guest WHERE name = ?;
                        """);
    }

    @Test
    void tests_afterOthersHaveWritten_addToIt() {
        StatementCatalogue.parse("x", "-- seen in: OtherTest\nSELECT 1;").write(file);

        run(GuestRepositoryTest.class);
        run(GuestRepositoryTest.class);

        assertThat(StatementCatalogue.of(file).statements())
                .extracting(RecordedStatement::origin)
                .containsExactly("OtherTest", "GuestRepositoryTest");
    }

    @Test
    void tests_withARecorderOfTheirOwn_writeItsStatementsToo() {
        run(OwnRecorderTest.class, GuestRepositoryTest.class);

        assertThat(StatementCatalogue.of(file).statements()).singleElement().satisfies(statement -> {
            assertThat(statement.origin()).isEqualTo("GuestRepositoryTest, OwnRecorderTest");
            assertThat(statement.samples()).containsExactly(List.of("Pia"));
        });
    }

    @Test
    void tests_withoutSamples_writeNone() {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(GuestRepositoryTest.class))
                .configurationParameter(StatementRecording.FILE, file.toString())
                .configurationParameter(StatementRecording.SAMPLES, "false")
                .execute();

        assertThat(StatementCatalogue.of(file).statements().get(0).samples()).isEmpty();
    }

    @Test
    void tests_leavingATableOut_writeNothing() {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(GuestRepositoryTest.class))
                .configurationParameter(StatementRecording.FILE, file.toString())
                .configurationParameter(StatementRecording.LEAVE_OUT, "other, guest")
                .execute();

        assertThat(file).doesNotExist();
    }

    @Test
    void configuration_thatIsWrong_failsTheTests() {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(GuestRepositoryTest.class))
                .configurationParameter(StatementRecording.FILE, file.toString())
                .configurationParameter(StatementRecording.SAMPLES, "few")
                .execute()
                .containerEvents()
                .assertThatEvents()
                .haveAtLeastOne(
                        EventConditions.event(EventConditions.finishedWithFailure(TestExecutionResultConditions.message(
                                StatementRecording.SAMPLES + " 'few' is not allowed: true and false are"))));
    }

    @Test
    void addTo_fromSeveralProcesses_losesNothing() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Adding.class.getName(),
                            file.toString(),
                            "" + i)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log" + i).toFile())
                    .start());
        }
        for (Process process : processes) {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }

        assertThat(StatementCatalogue.of(file).statements()).hasSize(4 * Adding.TIMES);
    }

    @Test
    void addTo_whatCannotBeRead_leavesItAsItIs() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "SELECT '");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> StatementCatalogue.of(List.of()).addTo(file))
                .withMessageStartingWith(file + ", line 1: ");
        assertThat(file).hasContent("SELECT '");
    }

    private void run(Class<?>... tests) {
        var selectors = Stream.of(tests).map(test -> selectClass(test)).toArray(DiscoverySelector[]::new);
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectors)
                .configurationParameter(StatementRecording.FILE, file.toString())
                .configurationParameter(
                        "junit.jupiter.testclass.order.default", "org.junit.jupiter.api.ClassOrderer$ClassName")
                .execute()
                .allEvents()
                .assertStatistics(statistics -> statistics.failed(0).skipped(0));
    }

    /** Another process. */
    static final class Adding {

        static final int TIMES = 25;

        private Adding() {}

        public static void main(String[] arguments) {
            for (int i = 0; i < TIMES; i++) {
                StatementCatalogue.of(List.of(new RecordedStatement(
                                "SELECT " + i + " FROM t" + arguments[1], List.of(), List.of(), new TreeMap<>(), "")))
                        .addTo(Path.of(arguments[0]));
            }
        }
    }

    @ExtendWith(StatementRecording.class)
    static class StaysTest {

        private static GuestRepository guests;

        @BeforeAll
        static void connect(StatementRecorder recorder) throws Exception {
            guests = new GuestRepository(recorder.record(StatementRecordingExample.database()));
            guests.count("Moe");
        }

        @Nested
        class Long {

            @Test
            void countsLongStays() throws Exception {
                guests.count("Nia");
            }
        }
    }

    static class OwnRecorderTest {

        private static final StatementRecorder RECORDER = new StatementRecorder();

        @RegisterExtension
        private static final StatementRecording RECORDING = StatementRecording.of(RECORDER);

        private final GuestRepository guests =
                new GuestRepository(RECORDER.record(StatementRecordingExample.database()));

        @Test
        void countsGuests() throws Exception {
            guests.count("Pia");
        }
    }
}
