package io.github.rollback4j.benchmarks.spring;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Measures how much longer a Spring Boot service takes to start with the starter: each time a process of its own, the variants in
 * turn, so that what the machine does meanwhile hits all alike.
 */
public final class StartUpCost {

    private static final int RUNS = 15;

    /** One way to start. */
    private record Variant(String name, boolean withStarter, List<String> settings) {}

    private static final List<String> ROLLOUT = List.of(
            "--rollback4j.rollouts.quotes.stable=1.4.2",
            "--rollback4j.rollouts.quotes.candidate=1.5.0",
            "--rollback4j.rollouts.quotes.signals[0]=error-rate");

    private static final List<Variant> VARIANTS = List.of(
            new Variant("without the starter", false, List.of()),
            new Variant("with it, nothing to roll out", true, List.of("--rollback4j.store.type=memory")),
            new Variant("with a rollout, in memory", true, and(ROLLOUT, "--rollback4j.store.type=memory")),
            new Variant("with a rollout, in the service's database (H2 in memory)", true, ROLLOUT));

    private StartUpCost() {}

    private static List<String> and(List<String> some, String more) {
        List<String> all = new ArrayList<>(some);
        all.add(more);
        return List.copyOf(all);
    }

    /** Measures, prints a table and, where a file is named, writes it there. */
    public static void main(String[] args) throws IOException {
        Map<Variant, List<Long>> millis = new LinkedHashMap<>();
        for (int run = 0; run < RUNS; run++) {
            for (Variant variant : VARIANTS) {
                millis.computeIfAbsent(variant, none -> new ArrayList<>()).add(start(variant));
            }
        }
        double without = median(millis.getOrDefault(VARIANTS.get(0), List.of()));
        String table = millis.entrySet().stream()
                .map(measured -> String.format(
                        Locale.ROOT,
                        "| %s | %.0f | %.0f to %.0f | %+.0f | %.2f |",
                        measured.getKey().name(),
                        median(measured.getValue()),
                        quantile(measured.getValue(), 0.25),
                        quantile(measured.getValue(), 0.75),
                        median(measured.getValue()) - without,
                        median(measured.getValue()) / without))
                .collect(Collectors.joining("\n", """
                                | a service with HTTP, actuator and database | ms until it serves, median | middle half | more | times |
                                |---|---:|---:|---:|---:|
                                """, "\n"));
        System.out.print(table);
        if (args.length > 0) {
            Files.writeString(
                    Path.of(args[0]),
                    "# What the starter costs at the start\n\n"
                            + "- command: `./mvnw -q -B -Pstart-up-cost -pl benchmarks/spring -am -DskipTests -Dresults="
                            + args[0]
                            + " verify`\n- JDK: " + System.getProperty("java.vm.version") + "\n- processors: "
                            + Runtime.getRuntime().availableProcessors() + "\n- " + RUNS
                            + " processes each, in turn; from the start of the JVM\n\n" + table
                            + "\nThe last one opens the database, which a service that does nothing at its start opens later.\n");
        }
    }

    private static long start(Variant variant) {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> variant.withStarter() || !isStarter(entry))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                StartedService.class.getName(),
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--spring.main.banner-mode=off",
                "--logging.level.root=off"));
        command.addAll(variant.settings());
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!said.matches("\\d+ \\d+")) {
                throw new IllegalStateException(variant.name() + " did not start: " + said);
            }
            return Long.parseLong(said.substring(0, said.indexOf(' ')));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What the starter brings along, and not this program. */
    private static boolean isStarter(String entry) {
        return (entry.contains("rollback4j") && entry.endsWith(".jar"))
                || entry.contains("core" + File.separator + "target")
                || entry.contains("stores" + File.separator)
                || entry.contains("reports" + File.separator)
                || entry.contains("spring-adapter" + File.separator)
                || entry.contains("resilience4j")
                || entry.contains("HdrHistogram")
                || entry.contains("snakeyaml-engine");
    }

    private static double median(List<Long> values) {
        return quantile(values, 0.5);
    }

    private static double quantile(List<Long> values, double part) {
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.get((int) Math.round(part * (sorted.size() - 1)));
    }
}
