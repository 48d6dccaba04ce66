package io.github.rollback4j.campaign;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Kills processes in the middle of rollbacks, on several databases beside each other, until there were so many kills; then writes what came
 * of it, and ends with 1 where anything was lost, sent twice, exposed or stuck. What was wrong is printed as soon as it is known.
 *
 * <p>A database that is named twice is one more campaign on another of its kind.
 *
 * <p>{@code [--kills N] [--databases h2,postgresql,mariadb] [--variants one,disk,…] [--minutes N] [--seed N] [--report FILE]}; all
 * variants where none is named
 */
public final class CrashCampaign {

    private static final String USAGE =
            "[--kills N] [--databases h2,postgresql,mariadb] [--variants one,disk,…] [--minutes N] [--seed N] [--report FILE]";

    private final int wanted;
    private final List<Variant> variants;
    private final long endNanos;
    private final AtomicInteger kills = new AtomicInteger();
    private final Map<String, Map<Variant, Count>> counts = new TreeMap<>();
    private final Map<String, Integer> boundaries = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();

    private CrashCampaign(int wanted, List<Variant> variants, int minutes) {
        this.wanted = wanted;
        this.variants = variants;
        this.endNanos = System.nanoTime() + minutes * 60_000_000_000L;
    }

    private void on(String database, int first, long seed, Path folder) {
        SplittableRandom random = new SplittableRandom(seed ^ database.hashCode());
        try (Place place = Place.openOnSmallDisk(database, Files.createDirectories(folder.resolve(database)))) {
            int number = first;
            while (kills.get() < wanted && System.nanoTime() < endNanos) {
                Variant variant = variants.get(number % variants.size());
                number++;
                if ((variant.needsServer() && !place.isServer()) || (variant == Variant.DISK && !place.canFillDisk())) {
                    variant = Variant.ONE;
                }
                try (Trial trial = new Trial(
                        place, variant, "c" + number, random.nextLong(), "", folder.resolve(database + ".log"))) {
                    Count count = trial.run();
                    kills.addAndGet(count.kills());
                    add(database, variant, count, trial);
                }
            }
        } catch (Exception broken) {
            synchronized (this) {
                failures.add(database + ": the campaign itself failed: " + broken);
            }
            broken.printStackTrace();
        }
    }

    private synchronized void add(String database, Variant variant, Count count, Trial trial) {
        counts.computeIfAbsent(database, name -> new EnumMap<>(Variant.class)).merge(variant, count, Count::plus);
        trial.boundaries().forEach((boundary, times) -> boundaries.merge(boundary, times, Integer::sum));
        System.out.println(database + " " + variant + " " + count + ", kills in all " + kills.get());
        trial.findings().forEach(finding -> System.out.println("  " + database + " " + finding));
        System.out.flush();
    }

    private synchronized Count all() {
        Count all = Count.NONE;
        for (Map<Variant, Count> of : counts.values()) {
            for (Count count : of.values()) {
                all = all.plus(count);
            }
        }
        return all;
    }

    private static String row(String database, String variant, Count count) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %,d | %,d | %,d | %,d | %,d | %,d | %,d | %,d | %,d | %,d | %,d | %d | %d | %d | %d |",
                database,
                variant,
                count.rollouts(),
                count.kills(),
                count.atBoundaries(),
                count.pauses(),
                count.serverKills(),
                count.cuts(),
                count.fills(),
                count.starts(),
                count.sends(),
                count.recognised(),
                count.humans(),
                count.lost(),
                count.twice(),
                count.exposed(),
                count.stuck());
    }

    private static List<String> head(String[] arguments) {
        List<String> lines = new ArrayList<>();
        lines.add("# Crashes");
        lines.add("");
        lines.add("- command: `java -cp stores/campaign/target/classes:$(cat stores/campaign/target/classpath) "
                + CrashCampaign.class.getName() + " " + String.join(" ", arguments)
                + "`, after `./mvnw -q -B process-classes -pl stores/campaign -am`");
        lines.add("- date: " + LocalDate.now(ZoneOffset.UTC));
        lines.add("- commit: " + commit());
        lines.add("- JDK: " + System.getProperty("java.vm.version") + " (" + System.getProperty("java.vendor") + ")");
        lines.add("- processors: " + Runtime.getRuntime().availableProcessors() + ", " + System.getProperty("os.arch"));
        lines.add("");
        lines.add(
                "Each rollout has four steps back in three stages: a webhook whose receiver recognises the key; a way that can be"
                        + " looked up, beside a change of a row that can be, too; a way with neither. The lease is 3 s, a step's"
                        + " deadline 2 s. A person, who looks at the target first, answers where people are needed.");
        lines.add("");
        lines.add(
                "*lost*: steps that the journal or the target does not have in the end. *twice*: what was done twice and not"
                        + " recognised. *exposed*: calls that began after the decision was journalled (in other instances: 2 s"
                        + " later, or 2 s after they were woken) and that the candidate served. *stuck*: not at an end within 60 s"
                        + " after the last start, without calling people. Bar: all are 0.");
        lines.add("");
        return lines;
    }

    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException noGit) {
            return "unknown";
        }
    }

    /** Returns the table, and at which boundaries processes were killed. */
    private synchronized List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| database | what happens | rollouts | kills | at a boundary | pauses | server kills | cuts | disks filled | starts | sends"
                        + " | recognised repeats | people needed | lost | twice | exposed | stuck |");
        lines.add("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        counts.forEach(
                (database, of) -> of.forEach((variant, count) -> lines.add(row(database, variant.title(), count))));
        lines.add(row("all", "", all()));
        lines.add("");
        lines.add("Where processes stood when they were killed, or stopped and woken:");
        lines.add("");
        lines.add("| boundary | times |");
        lines.add("|---|---:|");
        boundaries.forEach((boundary, times) -> lines.add("| " + boundary + " | " + times + " |"));
        return lines;
    }

    /** Runs a campaign. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Map<String, String> options = options(arguments);
        int wanted = Integer.parseInt(options.getOrDefault("--kills", "1000"));
        int minutes = Integer.parseInt(options.getOrDefault("--minutes", "600"));
        String named = options.getOrDefault("--variants", "");
        List<Variant> variants = Arrays.stream(named.isEmpty() ? new String[0] : named.split(","))
                .map(name -> Variant.valueOf(name.toUpperCase(Locale.ROOT)))
                .toList();
        long seed = Long.parseLong(options.getOrDefault("--seed", "1"));
        List<String> databases = List.of(
                options.getOrDefault("--databases", "h2,postgresql,mariadb").split(","));
        @Nullable String report = options.get("--report");
        Path folder = Files.createTempDirectory("crash-campaign");
        CrashCampaign campaign =
                new CrashCampaign(wanted, variants.isEmpty() ? List.of(Variant.values()) : variants, minutes);
        List<Thread> threads = new ArrayList<>();
        for (int index = 0; index < databases.size(); index++) {
            String database = databases.get(index);
            long own = seed + index;
            int first = 2 * index;
            Path files = Files.createDirectories(folder.resolve(String.valueOf(index)));
            Thread thread = new Thread(() -> campaign.on(database, first, own, files), database);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        List<String> lines = campaign.table();
        lines.forEach(System.out::println);
        System.out.println("logs of the processes: " + folder);
        if (report != null) {
            List<String> all = head(arguments);
            all.addAll(lines);
            Files.write(Path.of(report), all);
        }
        campaign.failures.forEach(System.out::println);
        System.exit(campaign.all().isClean() && campaign.failures.isEmpty() ? 0 : 1);
    }

    private static Map<String, String> options(String[] arguments) {
        List<String> allowed = List.of("--kills", "--minutes", "--seed", "--databases", "--variants", "--report");
        Map<String, String> options = new TreeMap<>();
        for (int index = 0; index < arguments.length; index += 2) {
            if (!allowed.contains(arguments[index]) || index + 1 == arguments.length) {
                throw new IllegalArgumentException("'" + arguments[index] + "' is not allowed: " + USAGE + " is");
            }
            options.put(arguments[index], arguments[index + 1]);
        }
        return options;
    }
}
