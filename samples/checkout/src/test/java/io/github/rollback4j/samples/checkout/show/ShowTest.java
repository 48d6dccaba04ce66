package io.github.rollback4j.samples.checkout.show;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the service and its customers for some seconds, over HTTP. */
class ShowTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private int show(String... arguments) throws IOException {
        return Show.run(Options.parse(arguments), Screen.plain(new PrintStream(out, true)), folder);
    }

    @Test
    void badRelease_everythingFails_isRolledBackAndWithdrawn() throws IOException {
        int code = show("--only", "bad", "--defect-rate", "100", "--share", "25", "--rps", "100");
        assertThat(out.toString())
                .contains("step 1 of 1: 25 % of the customers get 1.6.0")
                .contains("ROLLED BACK: all customers get 1.5.0 again")
                .contains("Step withdraw-quotes was done, by rollback4j: 0 quotes withdrawn")
                .contains("saw an error because of 1.6.0")
                .containsPattern("Flagger .* after 5 min, ")
                .containsPattern("Argo Rollouts .* after 20 min, ")
                .contains(folder.resolve("journal.tsv").toString())
                .endsWith("As expected." + System.lineSeparator())
                .doesNotContain("\u001b");
        assertThat(code).isZero();
        assertThat(folder.resolve("journal.tsv"))
                .content()
                .contains("\tdecided\t")
                .contains("\trolled-back\t");
        assertThat(folder.resolve("service.log")).exists();
        assertThat(folder.resolve("database")).doesNotExist();
    }

    @Test
    void badRelease_idempotentCalls_hurtNobody() throws IOException {
        int code = show("--only", "bad", "--defect-rate", "100", "--share", "25", "--rps", "100", "--idempotent");
        assertThat(out.toString())
                .contains("ROLLED BACK")
                .contains("0 customers saw an error because of 1.6.0, in 0 calls; stable answered");
        assertThat(code).isZero();
    }
}
