package io.github.rollback4j.samples.checkout.show;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the service and its customers for some seconds, over HTTP. */
class ShowTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private int show(String... arguments) throws Exception {
        return Show.run(Options.parse(arguments), Screen.plain(new PrintStream(out, true)), folder);
    }

    @Test
    void badRelease_everythingFails_isRolledBackAndWithdrawn() throws Exception {
        int code = show("--only", "bad", "--defect-rate", "100", "--share", "25", "--rps", "100");
        assertThat(out.toString())
                .containsPattern("Its page, while it runs: http://127.0.0.1:\\d+/actuator/rolloutspage/page")
                .contains("step 1 of 1: 25 % of the customers get 1.6.0")
                .contains("ROLLED BACK: all customers get 1.5.0 again")
                .contains("Step withdraw-quotes was done, by rollback4j: 0 quotes withdrawn")
                .contains("Step deploy-previous was done")
                .contains("saw an error because of 1.6.0")
                .containsPattern("Flagger .* after 5 min, ")
                .containsPattern("Argo Rollouts .* after 20 min, ")
                .contains(folder.resolve("post-mortem.html").toUri().toString())
                .endsWith("As expected." + System.lineSeparator())
                .doesNotContain("\u001b");
        assertThat(code).isZero();
        assertThat(folder.resolve("journal.tsv"))
                .content()
                .contains("\tdecided\t")
                .contains("\trolled-back\t");
        assertThat(folder.resolve("checkout-1.log")).exists();
        assertThat(folder.resolve("post-mortem.html"))
                .content()
                .startsWith("<!DOCTYPE html>")
                .contains("checkout:1.5.0..1.6.0#1");
    }

    @Test
    void badRelease_idempotentCalls_hurtNobody() throws Exception {
        int code = show("--only", "bad", "--defect-rate", "100", "--share", "25", "--rps", "100", "--idempotent");
        assertThat(out.toString())
                .contains("ROLLED BACK")
                .contains("0 customers saw an error because of 1.6.0, in 0 calls; stable answered");
        assertThat(code).isZero();
    }

    @Test
    void badRelease_twoInstances_shareOneDecision() throws Exception {
        int code = show("--only", "bad", "--defect-rate", "100", "--share", "25", "--rps", "100", "--instances", "2");
        assertThat(out.toString())
                .contains("in 2 processes that share the rollout")
                .containsPattern("checkout-1 +[1-9][0-9]* ")
                .containsPattern("checkout-2 +[1-9][0-9]* ")
                .contains("One decision, from what all have counted");
        assertThat(code).isZero();
        assertThat(Files.readAllLines(folder.resolve("journal.tsv")))
                .filteredOn(line -> line.contains("\tdecided\t"))
                .hasSize(1);
    }

    @Test
    void crash_killedBetweenIntentAndResult_isStartedAgain_andFinishes() throws Exception {
        int code = show("--only", "bad", "--defect-rate", "100", "--share", "25", "--rps", "100", "--crash");
        assertThat(out.toString())
                .contains("KILLED: checkout-1")
                .contains("Started again, it found that")
                .contains("The pipeline got 2 requests under one key, and deployed once.");
        assertThat(code).isZero();
        assertThat(eventsOfStep("withdraw-quotes")).containsExactly("step-intended", "step-done");
        assertThat(eventsOfStep("deploy-previous"))
                .containsExactly("step-intended", "step-looked-up", "step-intended", "step-done");
    }

    @Test
    void crash_ofTwoInstances_theOtherFinishes() throws Exception {
        int code = show(
                "--only",
                "bad",
                "--defect-rate",
                "100",
                "--share",
                "25",
                "--rps",
                "100",
                "--instances",
                "2",
                "--crash");
        assertThat(out.toString())
                .containsPattern("KILLED: checkout-[12]")
                .containsPattern("checkout-[12] found that, and went on:")
                .contains("  0 requests of customers found no instance that serves.");
        assertThat(code).isZero();
        assertThat(eventsOfStep("withdraw-quotes")).containsExactly("step-intended", "step-done");
    }

    private List<String> eventsOfStep(String step) throws IOException {
        return Files.readAllLines(folder.resolve("journal.tsv")).stream()
                .filter(line -> line.contains("step=" + step + ",") || line.contains("step=" + step + "}"))
                .map(line -> line.split("\t", -1)[4])
                .toList();
    }
}
