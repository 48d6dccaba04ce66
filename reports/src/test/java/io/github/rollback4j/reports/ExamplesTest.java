package io.github.rollback4j.reports;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.report.Document;
import io.github.rollback4j.report.PostMortem;
import io.github.rollback4j.report.Runbook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Keeps the examples of docs/examples what is written now. */
class ExamplesTest {

    @Test
    void postMortem_ofTheExample_isTheFile() throws IOException {
        assertIsTheFile(PostMortem.of(Example.journal()).document(), "post-mortem.md");
    }

    @Test
    void criteriaSheet_ofTheExample_isTheFile() throws IOException {
        assertIsTheFile(Runbook.criteriaSheet(Example.plan()), "criteria.md");
    }

    private static void assertIsTheFile(Document document, String name) throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        Path written = Files.writeString(Path.of("target", name).toAbsolutePath(), document.markdown());
        assertThat(root.resolve("docs/examples").resolve(name))
                .as("it is no longer what is written; if that is meant, copy %s over it", root.relativize(written))
                .content()
                .isEqualTo(document.markdown());
    }
}
