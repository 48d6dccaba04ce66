package io.github.rollback4j.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.rollback4j.strategy.RollbackStrategy.Context;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class CommandTest {

    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final Context CONTEXT = WaysBackTest.context("error rate", DEADLINE);

    @TempDir
    private Path folder;

    private static Command command(Map<String, String> environment, LongSupplier ticker, String... commandLine) {
        return Command.withValues("undo", List.of(commandLine), environment, ticker);
    }

    private static Command command(String... commandLine) {
        return command(Map.of(), System::nanoTime, commandLine);
    }

    private static Command shell(Map<String, String> environment, LongSupplier ticker, String script, Path... files) {
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
        for (Path file : files) {
            line.add(file.toString());
        }
        return command(environment, ticker, line.toArray(String[]::new));
    }

    private static Command shell(String script, Path... files) {
        return shell(Map.of(), System::nanoTime, script, files);
    }

    private static String failureOf(Command command) {
        Throwable[] failure = new Throwable[1];
        assertThatThrownBy(() -> command.rollBack(CONTEXT))
                .isInstanceOf(IOException.class)
                .satisfies(thrown -> failure[0] = thrown);
        return failure[0].getMessage();
    }

    @Test
    void rollBack_ofARealProgram_isDone() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");

        assertThat(command(java.toString(), "-version").rollBack(CONTEXT))
                .isEqualTo(Done.done("the command ended with exit code 0"));
    }

    @Test
    void rollBack_ofAProgramThatIsNotThere_fails() {
        assertThat(failureOf(command("/no/such/program", "argument")))
                .startsWith("command undo could not be started: Cannot run program \"/no/such/program\"")
                .doesNotContain("argument");
    }

    @Nested
    class WithAShell {

        @BeforeEach
        void needsAShell() {
            assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "/bin/sh");
        }

        @Test
        @Tag("R-10")
        void rollBack_withSecrets_asksForThemAtEachUse() throws Exception {
            Path out = folder.resolve("out");
            AtomicReference<@Nullable String> token = new AtomicReference<>("first");
            RollbackStrategy command = WaysBack.commandWithSecrets(
                    "undo",
                    List.of("/bin/sh", "-c", "printf %s \"$TOKEN\" > \"$1\"", "sh", out.toString()),
                    Map.of("TOKEN", token::get));

            token.set("second");
            command.rollBack(CONTEXT);

            assertThat(out).hasContent("second");
            assertThat(command.description()).contains("with TOKEN set").doesNotContain("second");
            token.set(null);
            for (ThrowingCallable use :
                    List.<ThrowingCallable>of(() -> command.check(CONTEXT), () -> command.rollBack(CONTEXT))) {
                assertThatThrownBy(use)
                        .hasMessage("environment variable TOKEN of command undo has no value now: one is needed");
            }
        }

        @Test
        void rollBack_tellsTheProgramWhatIsRolledBack() throws Exception {
            Path told = folder.resolve("told");
            Context context = WaysBackTest.context("it's \"bad\" $(touch x)\u0000" + "y".repeat(2000), DEADLINE);

            shell(
                            Map.of("DEPLOY_REGION", "eu-1"),
                            System::nanoTime,
                            "printf '%s\\n' \"$ROLLBACK4J_ROLLOUT\" \"$ROLLBACK4J_KEY\" \"$ROLLBACK4J_COMPONENT\""
                                    + " \"$ROLLBACK4J_STABLE\" \"$ROLLBACK4J_CANDIDATE\" \"$ROLLBACK4J_REASON\""
                                    + " \"$DEPLOY_REGION\" \"${PATH:+inherited}\" > \"$1\"",
                            told)
                    .rollBack(context);

            String reason = "it's \"bad\" $(touch x) ";
            assertThat(Files.readAllLines(told))
                    .containsExactly(
                            "rollout-7",
                            "rollout-7/step-1",
                            "checkout",
                            "1.4.2",
                            "1.5.0@c0ffee",
                            reason + "y".repeat(1000 - reason.length()),
                            "eu-1",
                            "inherited");
        }

        @Test
        void rollBack_ofAProgramThatReadsItsInput_findsItEmpty() throws Exception {
            assertThat(shell("cat").rollBack(CONTEXT).byPerson()).isFalse();
        }

        @Test
        void rollBack_withAnotherExitCode_failsWithTheLastLine() {
            assertThat(failureOf(shell("echo first; echo 'no such release' >&2; echo; exit 3")))
                    .isEqualTo("command undo ended with exit code 3: no such release");
        }

        @Test
        void rollBack_thatFailsWithoutOutput_namesTheExitCodeAlone() {
            assertThat(failureOf(shell("exit 1"))).isEqualTo("command undo ended with exit code 1");
        }

        @Test
        void rollBack_withMoreOutputThanIsKept_neitherHangsNorLosesTheEnd() {
            assertThat(failureOf(shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 3")))
                    .isEqualTo("command undo ended with exit code 3: the end");
        }

        @Test
        void rollBack_withOneEndlessLine_showsNoneOfIt() {
            assertThat(failureOf(shell("head -c 100000 /dev/zero | tr '\\0' x; exit 3")))
                    .isEqualTo("command undo ended with exit code 3");
        }

        @Test
        void rollBack_withALongLastLine_shows200Characters() {
            assertThat(failureOf(shell("head -c 300 /dev/zero | tr '\\0' x; exit 3")))
                    .isEqualTo("command undo ended with exit code 3: " + "x".repeat(200));
        }

        @Test
        void rollBack_withTerminalSequencesAndBrokenText_showsPlainText() {
            assertThat(failureOf(shell("printf '\\033[1;31mfailed\\033[0m \\007\\377 \\303\\274\\n'; exit 3")))
                    .isEqualTo("command undo ended with exit code 3: failed  \uFFFD ü");
        }

        @Test
        void rollBack_thatPrintsItsSecrets_showsNone() {
            Command command = shell(
                    Map.of("API_TOKEN", "hunter2-hunter2", "CERTIFICATE", "line-one\nline-two\n", "SHORT", "no"),
                    System::nanoTime,
                    "echo \"no: $API_TOKEN and line-two at https://me:pw@db.example.com/x\"; exit 3");

            assertThat(failureOf(command))
                    .isEqualTo("command undo ended with exit code 3: no: *** and *** at https://***@db.example.com/x");
            assertThat(command.toString())
                    .endsWith(", with API_TOKEN, CERTIFICATE, SHORT set")
                    .doesNotContain("hunter2", "line-one");
        }

        @Test
        void rollBack_ofAProgramThatLeavesAnotherRunning_doesNotWaitForIt() throws Exception {
            Path pipe = pipe();

            assertThat(shell("read line < \"$1\" & exit 0", pipe).rollBack(CONTEXT))
                    .isEqualTo(Done.done("the command ended with exit code 0"));

            Files.writeString(pipe, "end\n");
        }

        @Test
        void rollBack_beyondItsDeadline_killsTheProgramAndItsDescendants() throws Exception {
            Path pipe = pipe();
            Path started = folder.resolve("started");
            CompletableFuture<String> endOfDescendant = endOfWriters(pipe);
            LongSupplier lateOnceStarted = () -> Files.exists(started) ? DEADLINE.toNanos() : 0;

            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> familyOf(lateOnceStarted, pipe, started).rollBack(CONTEXT))
                    .withMessage("command undo was stopped, it did not end within PT20S: waiting");

            assertThat(endOfDescendant.get(20, TimeUnit.SECONDS)).isEmpty();
        }

        @Test
        void rollBack_whenInterrupted_killsTheProgramAndItsDescendants() throws Exception {
            Path pipe = pipe();
            Path started = folder.resolve("started");
            CompletableFuture<String> endOfDescendant = endOfWriters(pipe);
            LongSupplier interruptedOnceStarted = () -> {
                if (Files.exists(started)) {
                    Thread.currentThread().interrupt();
                }
                return 0;
            };

            assertThatExceptionOfType(InterruptedException.class)
                    .isThrownBy(() ->
                            familyOf(interruptedOnceStarted, pipe, started).rollBack(CONTEXT));

            assertThat(Thread.interrupted()).isFalse();
            assertThat(endOfDescendant.get(20, TimeUnit.SECONDS)).isEmpty();
        }

        /** A shell, and below it another process that holds the pipe open. */
        private Command familyOf(LongSupplier ticker, Path pipe, Path started) {
            String script = "echo waiting; (exec 3> \"$1\"; : > \"$2\"; exec sleep 300) & wait";
            return shell(Map.of(), ticker, script, pipe, started);
        }

        private Path pipe() throws IOException, InterruptedException {
            Path pipe = folder.resolve("pipe");
            assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "mkfifo");
            return pipe;
        }

        private CompletableFuture<String> endOfWriters(Path pipe) {
            return CompletableFuture.supplyAsync(() -> {
                try {
                    return Files.readString(pipe);
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
        }

        @Test
        void check_ofAProgramOnThePath_findsItAndRunsNothing() {
            Path trace = folder.resolve("trace");

            assertThat(command("sh", "-c", "touch " + trace).check(CONTEXT)).satisfies(result -> {
                assertThat(result.passed()).isTrue();
                assertThat(result.detail()).endsWith("/sh can be executed; it was not run");
            });
            assertThat(trace).doesNotExist();
        }
    }

    @Nested
    class Checking {

        @Test
        void check_ofAnExecutable_passes() throws Exception {
            Path program = Files.createFile(folder.resolve("undo.sh"));
            assumeTrue(program.toFile().setExecutable(true), "executable files");

            assertThat(command(program.toString()).check(CONTEXT))
                    .isEqualTo(Check.Result.pass(program + " can be executed; it was not run"));
        }

        @Test
        void check_ofAFileThatIsNotExecutable_fails() throws Exception {
            Path program = Files.createFile(folder.resolve("undo.sh"));
            assumeTrue(!Files.isExecutable(program), "files that are not executable");

            assertThat(command(program.toString()).check(CONTEXT))
                    .isEqualTo(Check.Result.fail("no executable " + program + " was found there"));
        }

        @Test
        void check_ofAFolder_fails() {
            assertThat(command(folder.toString()).check(CONTEXT).passed()).isFalse();
        }

        @Test
        void check_ofAProgramThatIsNowhereOnThePath_fails() {
            assertThat(command("rollback4j-no-such-program").check(CONTEXT))
                    .isEqualTo(Check.Result.fail(
                            "no executable rollback4j-no-such-program was found on the PATH of this process"));
        }
    }

    @Nested
    class Creating {

        @Test
        void description_ofArgumentsWithSpaces_canBePastedIntoAShell() {
            assertThat(command("helm", "it's", "a b\n", "", "--to=1").description())
                    .isEqualTo("undo: runs helm 'it'\\''s' 'a b ' '' --to=1");
        }

        @Test
        void create_withoutAProgram_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(CommandTest::command)
                    .withMessage("command line of undo names no program: a program, then its arguments, is allowed");
            assertThatIllegalArgumentException().isThrownBy(() -> command(" "));
        }

        @Test
        void create_withANulCharacter_isRefusedWithoutShowingTheValue() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> command("helm", "hunter2\0"))
                    .withMessage("command line of undo has a NUL character in part 1: any other character is allowed");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> command(Map.of("API_TOKEN", "hunter2\0"), System::nanoTime, "helm"))
                    .withMessage("environment variable API_TOKEN of command undo has a NUL character in its value"
                            + " (not shown): any other character is allowed");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "1A", "A=B", "A B", "ROLLBACK4J_KEY"})
        void create_withAVariableThatIsNotAllowed_namesIt(String variable) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> command(Map.of(variable, "hunter2"), System::nanoTime, "helm"))
                    .withMessage("environment variable '" + variable + "' of command undo is not allowed: names of"
                            + " letters, digits and '_' that begin with no digit and not with ROLLBACK4J_ are");
        }
    }
}
