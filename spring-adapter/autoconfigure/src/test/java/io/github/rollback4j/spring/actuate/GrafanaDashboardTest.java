package io.github.rollback4j.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import io.github.rollback4j.metrics.RolloutMetrics;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.WaysBack;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the dashboard asks Prometheus for is what a service shows it. */
class GrafanaDashboardTest {

    private static final Path DASHBOARD = Path.of("../../docs/grafana-dashboard.json");
    private static final Pattern SERIES = Pattern.compile("(rollback4j_[a-z0-9_]+)(?:\\{([^}]*)})?");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)");
    private static final Pattern BY = Pattern.compile("by \\(([^)]*)\\)");

    /** Added by whoever scrapes. */
    private static final Set<String> OF_THE_SCRAPE = Set.of("instance");

    private static Map<String, Set<String>> shown() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (Rollouts rollouts = Rollouts.create();
                RolloutMetrics metrics = new RolloutMetrics(rollouts)) {
            rollouts.start(RollbackPlan.from(Release.of("quotes", "1"))
                    .to(Release.of("quotes", "2"))
                    .watch(Signals.errorRate())
                    .thenRun(WaysBack.manual("off", "Switch it off."))
                    .communication(Communication.of(Communication.Group.of("team", "on call", Notifier.log("log"))
                            .on(Occasion.ROLLED_BACK)))
                    .build());
            metrics.bindTo(registry);
            Map<String, Set<String>> shown = new TreeMap<>();
            registry.scrape().lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                Matcher series = SERIES.matcher(line);
                if (series.find()) {
                    Matcher label = LABEL.matcher(String.valueOf(series.group(2)));
                    Set<String> labels = shown.computeIfAbsent(series.group(1), name -> new HashSet<>());
                    label.results().forEach(found -> labels.add(found.group(1)));
                }
            });
            return shown;
        }
    }

    private static List<String> questions() throws IOException {
        String text = Files.readString(DASHBOARD);
        List<String> questions = JsonPath.read(text, "$..expr");
        List<String> variables = JsonPath.read(text, "$.templating.list[*].query.query");
        return Stream.concat(questions.stream(), variables.stream()).toList();
    }

    @Test
    void everyMetric_andEveryLabel_isThere() throws Exception {
        Map<String, Set<String>> shown = shown();
        assertThat(questions()).hasSizeGreaterThan(12);
        for (String question : questions()) {
            Set<String> labels = new LinkedHashSet<>();
            BY.matcher(question)
                    .results()
                    .forEach(by -> labels.addAll(List.of(by.group(1).split(", "))));
            Matcher series = SERIES.matcher(question);
            while (series.find()) {
                assertThat(shown).as(question).containsKey(series.group(1));
                Set<String> asked = new LinkedHashSet<>(labels);
                LABEL.matcher(String.valueOf(series.group(2))).results().forEach(label -> asked.add(label.group(1)));
                asked.removeAll(OF_THE_SCRAPE);
                assertThat(shown.get(series.group(1))).as(question).containsAll(asked);
            }
        }
    }

    @Test
    void everyMetric_isAskedFor() throws Exception {
        String all = String.join("\n", questions());
        Set<String> asked = new HashSet<>();
        SERIES.matcher(all).results().forEach(series -> asked.add(series.group(1)));
        assertThat(asked).containsAll(shown().keySet());
    }
}
