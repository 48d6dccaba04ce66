package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.rollout.RolloutState.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.io.ByteArrayResource;

/** Keeps the page on Spring Boot true. */
class SpringPageTest {

    private final ApplicationContextRunner service = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(RolloutSignalsAutoConfiguration.class, Rollback4jAutoConfiguration.class));

    private static String page() throws IOException {
        return Files.readString(Path.of("..", "..", "docs", "spring.md"));
    }

    @Test
    void linesOfTheBeginning_startARollout() throws IOException {
        String yaml = page().split("```yaml\n")[1].split("```")[0];
        service.withInitializer(context -> load(yaml)
                        .forEach(source ->
                                context.getEnvironment().getPropertySources().addLast(source)))
                .run(context -> assertThat(context.getBean(NamedRollouts.class)
                                .get("quotes")
                                .status()
                                .state()
                                .phase())
                        .isEqualTo(Phase.RUNNING));
    }

    private static List<org.springframework.core.env.PropertySource<?>> load(String yaml) {
        try {
            return new YamlPropertySourceLoader().load("application.yml", new ByteArrayResource(yaml.getBytes()));
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void signals_areOnThePage_withAllOptions() throws IOException {
        String page = page();
        service.run(context -> assertThat(
                        context.getBeansOfType(PlanPartProvider.class).values())
                .hasSize(4)
                .allSatisfy(part -> {
                    String row = page.lines()
                            .filter(line -> line.startsWith("| `" + part.name() + "` |"))
                            .findFirst()
                            .orElseThrow();
                    assertThat(part.options())
                            .extracting(PlanPartProvider.Option::name)
                            .filteredOn(option ->
                                    !List.of("readings", "during", "every").contains(option))
                            .allMatch(option -> row.contains("`" + option + "`"));
                }));
    }

    @Test
    void properties_thatAreNamed_areThere() throws IOException {
        assertThat(java.util.regex.Pattern.compile("`rollback4j\\.([a-z.-]+)[`:]")
                        .matcher(page())
                        .results()
                        .map(match -> match.group(1)))
                .isNotEmpty()
                .allMatch(name -> KnownProperties.names().contains(name)
                        || name.startsWith("rollouts.")
                        || name.startsWith("defaults."));
    }
}
