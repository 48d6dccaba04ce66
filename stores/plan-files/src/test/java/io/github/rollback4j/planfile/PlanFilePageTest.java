package io.github.rollback4j.planfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.signal.FailureSignal;
import io.github.rollback4j.signal.LimitSignal;
import io.github.rollback4j.signal.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps the page on plan files true. */
class PlanFilePageTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "misspelt key of the criteria",
                "duration without a unit",
                "false-rollback rate in percent",
                "misspelt signal",
                "option that only its part can refuse",
                "key twice",
                "unknown option, its value not shown",
                "placeholder that is not set",
                "check that nobody has bound",
                "alias of itself"
            })
    void tableOfErrors_hasWhatIsSaid(String name) {
        MalformedPlan plan = MalformedPlan.all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        int line = Integer.parseInt(plan.problems().substring(0, plan.problems().indexOf(':')));

        assertThat(Example.page())
                .contains("| `" + plan.text().lines().toList().get(line - 1).strip() + "` | `plan.yml:"
                        + plan.problems() + "` |");
    }

    @Test
    void example_hasEveryKeyOfAFile() {
        String example = Example.page().substring(Example.page().indexOf("```yaml"));
        assertThat(keys(Layout.ROOT)).allSatisfy(key -> assertThat(example).containsPattern("\\b" + key + ":"));
    }

    private static List<String> keys(Shape shape) {
        if (shape instanceof Shape.Fields fields) {
            return fields.fields().stream()
                    .filter(field -> !List.of("$schema", "format").contains(field.name()))
                    .flatMap(field -> Stream.concat(Stream.of(field.name()), keys(field.shape()).stream()))
                    .toList();
        }
        return shape instanceof Shape.Several several ? keys(several.item()) : List.of();
    }

    /** The page's Java, so that it compiles. */
    static RollbackPlan shown(Release stable, Release candidate, LimitSignal queue) {
        RollbackPlan plan = PlanFile.reader()
                .with(stable, candidate) // unless the file names them
                .bind(FailureSignal.class, "payment-queue", queue) // live objects that the file names
                .read(Path.of("rollback-plan.yml"));
        return plan;
    }

    @Test
    void java_ofThePage_compiles() throws IOException {
        String here = Files.readString(
                Path.of("src", "test", "java", "io", "github", "rollback4j", "planfile", "PlanFilePageTest.java"));
        String java = Example.page().substring(Example.page().indexOf("```java\n") + "```java\n".length());

        assertThat(java.substring(0, java.indexOf("```")).lines())
                .hasSize(4)
                .allSatisfy(line -> assertThat(here).contains(line.strip().replaceAll(" +//", " //")));
        assertThatExceptionOfType(PlanFileException.class)
                .isThrownBy(() -> shown(Example.STABLE, Example.CANDIDATE, Signals.reading("queue", () -> 1)))
                .withMessageEndingWith("there is no such file");
    }

    @Test
    void limits_areThoseOfTheReader() {
        assertThat(Example.page().replace("\n", " "))
                .contains("up to 1 MiB, 16,384 characters a line, 50 levels and 20,000 values");
        assertThat(NodeReader.MOST_CHARACTERS).isEqualTo(1 << 20);
        assertThat(NodeReader.LONGEST_LINE).isEqualTo(16_384);
        assertThat(NodeReader.DEEPEST).isEqualTo(50);
        assertThat(NodeReader.MOST_VALUES).isEqualTo(20_000);
    }
}
