package io.github.rollback4j.samples.checkout.show;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.samples.checkout.show.Options.Act;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void parse_nothing_showsBothActsWithTheDocumentedDefaults() {
        Options options = Options.parse();
        assertThat(options.acts()).containsExactly(Act.HEALTHY, Act.BAD);
        assertThat(options.defectRate()).isEqualTo(0.05);
        assertThat(options.mode()).isEqualTo(Mode.ACT);
        assertThat(options.requestsPerSecond()).isEqualTo(500);
        assertThat(options.seed()).isEqualTo(1);
        assertThat(options.shares()).containsExactly(5.0, 25.0, 50.0);
        assertThat(options.idempotent()).isFalse();
        assertThat(options.instances()).isEqualTo(1);
        assertThat(options.crash()).isFalse();
    }

    /** Several processes that are just started are slow. */
    @ParameterizedTest
    @ValueSource(strings = {"--crash", "--instances=2"})
    void parse_severalProcesses_haveFewerRequests(String option) {
        assertThat(Options.parse(option).requestsPerSecond()).isEqualTo(200);
        assertThat(Options.parse(option, "--rps=500").requestsPerSecond()).isEqualTo(500);
    }

    @Test
    void parse_everyOption_isTaken_withSpaceOrEqualsSign() {
        Options options = Options.parse(
                "--only=bad",
                "--defect-rate",
                "0.5%",
                "--idempotent",
                "--mode",
                "ACT",
                "--rps=50",
                "--seed",
                "-7",
                "--share",
                "1,2.5,50",
                "--instances=3",
                "--crash");
        assertThat(options)
                .isEqualTo(new Options(
                        false, Set.of(Act.BAD), 0.005, true, Mode.ACT, 50, -7, List.of(1.0, 2.5, 50.0), 3, true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --only=both        | --only 'both' is not allowed: healthy or bad is
                    --defect-rate=0    | --defect-rate '0' is not allowed: a number from 0.1 to 100 is
                    --defect-rate=NaN  | --defect-rate 'NaN' is not allowed: a number from 0.1 to 100 is
                    --mode=watch       | --mode 'watch' is not allowed: observe or recommend or act is
                    --rps=many         | --rps 'many' is not allowed: a number from 50 to 2000 is
                    --seed=1.5         | --seed '1.5' is not allowed: a whole number is
                    --share=25,5       | --share '25,5' is not allowed: one to 5 growing numbers from 1 to 50, with commas between, is
                    --share=60         | --share '60' is not allowed: a number from 1 to 50 is
                    --instances=0      | --instances '0' is not allowed: a whole number from 1 to 5 is
                    --instances=6      | --instances '6' is not allowed: a whole number from 1 to 5 is
                    --instances=two    | --instances 'two' is not allowed: a whole number from 1 to 5 is
                    --seed             | --seed has no value: one is needed
                    --sed=1            | unknown option '--sed'
                    """)
    void parse_wrong_saysOptionValueAndWhatIsAllowed(String argument, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse(argument))
                .withMessageStartingWith(message);
    }

    @Test
    void parse_crashWithoutARollbackOfItsOwn_saysWhatItNeeds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse("--crash", "--only", "healthy"))
                .withMessage("--crash is not allowed with --only healthy: it needs the bad release, and --mode act");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse("--crash", "--mode", "observe"))
                .withMessage("--crash is not allowed with --mode observe: it needs the bad release, and --mode act");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--only",
                "--defect-rate",
                "--idempotent",
                "--mode",
                "--rps",
                "--seed",
                "--share",
                "--instances",
                "--crash",
                "--help"
            })
    void help_namesEveryOption(String option) {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("  " + option);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void run_wrongOption_exitsWith2_andSaysSoOnTheErrorStream() {
        assertThat(run("--rps", "5")).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains("--rps '5' is not allowed").contains("--help");
    }

    private int run(String... arguments) {
        return Show.run(arguments, new PrintStream(out, true), new PrintStream(err, true));
    }
}
