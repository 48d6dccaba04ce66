package io.github.rollback4j.planfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong is said, exactly, by nothing but a {@link PlanFileException}, and at once. */
@Tag("R-12")
@Timeout(60)
class MalformedPlansTest {

    private static final Duration LONGEST = Duration.ofSeconds(1);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @BeforeAll
    static void loadClasses() {
        // What the classes take to load is not what a plan takes to read.
        MalformedPlan.all().forEach(plan -> catchThrowable(() -> plan.reader().parse("plan.yml", plan.text())));
    }

    private static String problems(PlanFile.Reader reader, String text) {
        return problems(() -> reader.parse("plan.yml", text));
    }

    /** Returns the problems, without the file's name, and sees that they did not take long. */
    private static String problems(Runnable reading) {
        long time = THREADS.getCurrentThreadCpuTime();
        Throwable thrown = catchThrowable(reading::run);
        long took = THREADS.getCurrentThreadCpuTime() - time;
        assertThat(thrown).isExactlyInstanceOf(PlanFileException.class);
        PlanFileException malformed = (PlanFileException) thrown;
        assertThat(malformed.problems()).isNotEmpty().hasSizeLessThanOrEqualTo(100);
        if (malformed.problems().size() == 1) {
            assertThat(malformed).hasMessage(malformed.problems().get(0).toString());
        }
        assertThat(Duration.ofNanos(took)).isLessThan(LONGEST);
        return malformed.problems().stream()
                .map(problem -> problem.toString().substring(problem.file().length() + 1))
                .collect(Collectors.joining("\n"));
    }

    static Stream<MalformedPlan> malformedPlans() {
        return MalformedPlan.all().stream();
    }

    @ParameterizedTest
    @MethodSource("malformedPlans")
    void parse_ofAMalformedPlan_saysWhatIsWrong(MalformedPlan plan) {
        assertThat(problems(plan.reader(), plan.text())).isEqualTo(plan.problems());
    }

    @ParameterizedTest
    @MethodSource("malformedPlans")
    void parse_ofAMalformedPlanWithWindowsLineEnds_saysTheSame(MalformedPlan plan) {
        assertThat(problems(plan.reader(), plan.text().replace("\n", "\r\n"))).isEqualTo(plan.problems());
    }

    @Test
    void malformedPlans_areMany_andSayNoSecret() {
        assertThat(MalformedPlan.all())
                .hasSizeGreaterThan(120)
                .allSatisfy(plan -> assertThat(plan.problems()).doesNotContain("hunter2", "t0p-s3cret", "T0/B0"));
    }

    static Stream<HostilePlan> hostilePlans() {
        return HostilePlan.all();
    }

    @ParameterizedTest
    @MethodSource("hostilePlans")
    void parse_ofAHostilePlan_saysWhatIsWrong(HostilePlan plan) {
        assertThat(problems(HostilePlan.reader(), plan.text())).isEqualTo(plan.problem());
    }

    @Test
    void parse_ofAllHostilePlans_fitsInto64Megabytes() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(
                        java.toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HostilePlan.class.getName())
                .redirectErrorStream(true)
                .start();

        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("refused " + HostilePlan.all().count());
    }

    @Test
    void parse_withMoreProblemsThanAnybodyReads_saysAHundred() {
        String text = "signals: [error-rate]\n"
                + IntStream.range(0, 1000).mapToObj(i -> "a" + i + ": b\n").collect(Collectors.joining());

        assertThat(problems(Example.reader(), text).lines()).hasSize(100);
        assertThat(catchThrowable(() -> Example.reader().parse("plan.yml", text)))
                .message()
                .startsWith("plan.yml has 1000 problems:")
                .endsWith("and 900 more");
    }

    @Test
    void parse_withPlaceholdersWithoutEnd_stopsFillingIn() {
        String text = "signals: [error-rate]\nrequired-by: [" + "'${env:A:-a}', ".repeat(900) + "]";

        assertThat(problems(Example.reader(), text).lines())
                .hasSize(100)
                .first()
                .isEqualTo(
                        "2:7515: required-by[500]: is one of more than 500 values with a placeholder: up to 500 are allowed");
    }

    @Test
    void parse_underAHostileName_saysItInOneLine() {
        assertThat(catchThrowable(() -> PlanFile.parse("plan\n\u202E.yml", "")))
                .hasMessage("plan  .yml:1:1: is empty: a plan is needed");
    }

    @Nested
    class InFiles {

        @TempDir
        private Path folder;

        private String problemsOf(byte[] bytes) throws IOException {
            Path file = Files.write(folder.resolve("plan.yml"), bytes);
            return problems(() -> Example.reader().read(file));
        }

        @ParameterizedTest
        @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE"})
        void read_ofUtf16_saysSo(String charset) throws IOException {
            String text = "\uFEFFsignals: [error-rate]\n";

            assertThat(problemsOf(text.getBytes(Charset.forName(charset))))
                    .isEqualTo("1:1: is written in UTF-16 or UTF-32: UTF-8 is allowed");
        }

        @Test
        void read_ofUtf16WithoutAMark_saysWhichCharacter() throws IOException {
            assertThat(problemsOf("signals: []".getBytes(StandardCharsets.UTF_16LE)))
                    .isEqualTo("1:2: has the character U+0000" + HostilePlan.NO_CHARACTER);
        }

        @Test
        void read_ofLatin1_saysWhere() throws IOException {
            assertThat(problemsOf(
                            "signals: [error-rate]\ncriteria: {owner: Jürgen}".getBytes(StandardCharsets.ISO_8859_1)))
                    .isEqualTo("2:20: is not written in UTF-8 from here on: UTF-8 is allowed");
        }

        @Test
        void read_ofHalfACharacterAtTheEnd_saysWhere() throws IOException {
            assertThat(problemsOf(new byte[] {'a', (byte) 0xF0, (byte) 0x9F}))
                    .isEqualTo("1:2: is not written in UTF-8 from here on: UTF-8 is allowed");
        }

        @Test
        void read_ofMoreThanAMegabyte_saysSo() throws IOException {
            assertThat(problemsOf(new byte[(1 << 20) + 1]))
                    .isEqualTo("1:1: is larger than 1048576 bytes: up to that many are allowed");
        }

        @Test
        void read_ofNoFile_saysSo() {
            Path file = folder.resolve("none.yml");

            assertThat(catchThrowable(() -> PlanFile.read(file)))
                    .isExactlyInstanceOf(PlanFileException.class)
                    .hasMessage(file + ":1:1: cannot be read: there is no such file");
        }

        @Test
        void read_ofAFolder_saysSo() {
            assertThat(catchThrowable(() -> PlanFile.read(folder)))
                    .isExactlyInstanceOf(PlanFileException.class)
                    .hasMessage(folder + ":1:1: is no regular file: one is allowed");
        }

        @Test
        void parse_withSecretsThatCannotBeRead_namesTheirFiles() throws IOException {
            Path large = Files.write(folder.resolve("large"), new byte[40_001]);
            Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xFF});
            Path empty = Files.write(folder.resolve("empty"), new byte[] {'\n'});
            String text = "signals: [error-rate]\nsteps:\n"
                    + List.of(large, binary, empty).stream()
                            .map(file -> "  - run: {webhook: {name: " + file.getFileName()
                                    + ", url: \"https://example.com\", secret: \"${file:" + file + "}\"}}\n")
                            .collect(Collectors.joining());

            assertThat(problems(Example.reader(), text).replace(folder.toString(), ""))
                    .isEqualTo(
                            "3:70: steps[0].run.webhook.secret: file /large is larger than 40000 bytes: up to that many are"
                                    + " allowed\n"
                                    + "4:71: steps[1].run.webhook.secret: file /binary is not written in UTF-8: UTF-8 is needed\n"
                                    + "5:70: steps[2].run.webhook.secret: '${file:/empty}' is empty: a secret, which is never shown,"
                                    + " is needed");
        }
    }
}
