package io.github.rollback4j.samples.checkout.show;

import io.github.rollback4j.plan.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the show is asked for on the command line.
 *
 * @param help whether only to tell the options
 * @param acts the rollouts to show
 * @param defectRate the part of the customers for whom the bad release fails, 0 to 1
 * @param idempotent whether stable answers where the candidate fails
 * @param mode who acts on a regression
 * @param requestsPerSecond on average
 * @param seed of customers, arrivals, failures and the split
 * @param shares of the bad release's steps in percent, growing
 * @param instances how many processes serve
 * @param crash whether the process that takes the bad release back is killed meanwhile
 */
record Options(
        boolean help,
        Set<Act> acts,
        double defectRate,
        boolean idempotent,
        Mode mode,
        double requestsPerSecond,
        long seed,
        List<Double> shares,
        int instances,
        boolean crash) {

    /** A rollout of the show. */
    enum Act {
        HEALTHY,
        BAD
    }

    static final String HELP = """
            A checkout service that rolls itself back. It rolls out a healthy release, then a bad one, under traffic of
            its own on the loopback interface, and ends by itself within three minutes.

              --only healthy|bad           show one of the two rollouts alone
              --defect-rate PERCENT        customers for whom the bad release fails, 0.1 to 100 (default 5)
              --idempotent                 where the candidate fails, stable answers the same call
              --mode observe|recommend|act who acts on a regression (default act)
              --rps NUMBER                 requests a second, 50 to 2000 (default 500; 200 with --instances or --crash,
                                           since several processes on one machine are slow to get warm)
              --seed NUMBER                of customers, arrivals, failures and the split (default 1)
              --share PERCENT[,PERCENT…]   steps of the bad release, growing, 1 to 50, at most 5 (default 5,25,50)
              --instances NUMBER           processes that serve and share each rollout, 1 to 5 (default 1)
              --crash                      the process that takes the bad release back is killed (SIGKILL) in the middle
                                           of it; started again, or another instance, it goes on from the journal
              --help                       this text

            Exit code: 0 what the options expect happened; 1 it did not, and a line says why; 2 wrong options.
            The environment variable NO_COLOR switches colours off.
            """;

    private static final double REQUESTS_PER_SECOND = 500;
    private static final double SEVERAL_REQUESTS_PER_SECOND = 200;
    private static final int MOST_SHARES = 5;
    private static final int MOST_INSTANCES = 5;

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException if an option is unknown, or its value is not allowed
     */
    static Options parse(String... arguments) {
        boolean help = false;
        Set<Act> acts = EnumSet.allOf(Act.class);
        double defectRate = 0.05;
        boolean idempotent = false;
        Mode mode = Mode.ACT;
        double requestsPerSecond = 0;
        long seed = 1;
        List<Double> shares = List.of(5.0, 25.0, 50.0);
        int instances = 1;
        boolean crash = false;
        Iterator<String> words = Arrays.stream(arguments)
                .flatMap(word -> Arrays.stream(word.split("=", 2)))
                .iterator();
        while (words.hasNext()) {
            String option = words.next();
            switch (option) {
                case "--help" -> help = true;
                case "--idempotent" -> idempotent = true;
                case "--only" -> acts = EnumSet.of(constant(option, value(option, words), Act.class));
                case "--mode" -> mode = constant(option, value(option, words), Mode.class);
                case "--defect-rate" -> defectRate = percent(option, value(option, words), 0.1, 100) / 100;
                case "--rps" -> requestsPerSecond = number(option, value(option, words), 50, 2000);
                case "--seed" -> seed = whole(option, value(option, words));
                case "--share" -> shares = shares(option, value(option, words));
                case "--instances" -> instances = whole(option, value(option, words), 1, MOST_INSTANCES);
                case "--crash" -> crash = true;
                default ->
                    throw new IllegalArgumentException(
                            "unknown option '" + option
                                    + "': --only, --defect-rate, --idempotent, --mode, --rps, --seed, --share, --instances, --crash and --help are allowed");
            }
        }
        if (crash && (!acts.contains(Act.BAD) || mode != Mode.ACT)) {
            throw new IllegalArgumentException("--crash is not allowed with "
                    + (mode == Mode.ACT
                            ? "--only healthy"
                            : "--mode " + mode.name().toLowerCase(Locale.ROOT))
                    + ": it needs the bad release, and --mode act");
        }
        if (requestsPerSecond == 0) {
            requestsPerSecond = instances > 1 || crash ? SEVERAL_REQUESTS_PER_SECOND : REQUESTS_PER_SECOND;
        }
        return new Options(help, acts, defectRate, idempotent, mode, requestsPerSecond, seed, shares, instances, crash);
    }

    private static String value(String option, Iterator<String> words) {
        if (!words.hasNext()) {
            throw new IllegalArgumentException(option + " has no value: one is needed");
        }
        return words.next();
    }

    private static <E extends Enum<E>> E constant(String option, String value, Class<E> type) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(value)) {
                return constant;
            }
        }
        throw notAllowed(
                option,
                value,
                Arrays.stream(type.getEnumConstants())
                        .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(" or ")));
    }

    private static double percent(String option, String value, double least, double most) {
        return number(option, value.endsWith("%") ? value.substring(0, value.length() - 1) : value, least, most);
    }

    private static double number(String option, String value, double least, double most) {
        String allowed = "a number from " + Text.number(least) + " to " + Text.number(most);
        try {
            double number = Double.parseDouble(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException none) {
            // Falls through to the same answer as a number outside the range.
        }
        throw notAllowed(option, value, allowed);
    }

    private static long whole(String option, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException none) {
            throw notAllowed(option, value, "a whole number");
        }
    }

    private static int whole(String option, String value, int least, int most) {
        String allowed = "a whole number from " + least + " to " + most;
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException none) {
            // Falls through to the same answer as a number outside the range.
        }
        throw notAllowed(option, value, allowed);
    }

    private static List<Double> shares(String option, String value) {
        List<Double> shares = new ArrayList<>();
        double before = 0;
        for (String part : value.split(",", -1)) {
            double share = percent(option, part, 1, 50);
            if (share <= before || shares.size() == MOST_SHARES) {
                throw notAllowed(
                        option, value, "one to " + MOST_SHARES + " growing numbers from 1 to 50, with commas between,");
            }
            shares.add(share);
            before = share;
        }
        return List.copyOf(shares);
    }

    private static IllegalArgumentException notAllowed(String option, String value, String allowed) {
        return new IllegalArgumentException(option + " '" + value + "' is not allowed: " + allowed + " is");
    }
}
