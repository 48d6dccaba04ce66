package io.github.rollback4j.traffic;

import io.github.rollback4j.evidence.KeyedStarts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds up what other instances have counted, as far as they have told. For one thread at a time.
 *
 * <p>Counts of calls add up freely, since each call has been counted by one instance, and so do first calls of keys, since one
 * instance alone counts each key's. Failing keys do not: many instances may serve one. Each that others tell is noted in this
 * process' own filter, as if it had failed here, and counts if it is new there: so that each key counts once, whoever
 * serves it, in the order in which this process hears of it.
 */
final class Elsewhere {

    /** What one instance has told. */
    private static final class Instance {
        final Map<String, List<Cell>> cells = new HashMap<>();
        final Map<String, List<Closed>> closed = new HashMap<>();
        final List<List<Cell>> live = new ArrayList<>();
        long[] totals = new long[Tally.TOTALS];

        /** The instance's oldest cohort that has not settled, and the first behind each cut-off. */
        int oldest = Integer.MIN_VALUE;

        final int[] behind = new int[Tally.LEVELS];

        int keysTaken;
        final List<Key> unsettled = new ArrayList<>();

        Instance() {
            for (int level = 0; level < Tally.LEVELS; level++) {
                live.add(new ArrayList<>());
            }
        }
    }

    /**
     * A failing key that counts.
     *
     * @param from the first of the starts for which it does
     */
    private record Key(int cohort, int bucket, int stratum, int arm, int from) {

        int to() {
            return KeyedStarts.startOf(bucket);
        }

        void addTo(Cell cell) {
            cell.addFirstFailures(arm, from, to(), 1);
        }
    }

    private record Place(int bucket, int stratum) {}

    private static final Comparator<Cell> IN_ORDER =
            Comparator.comparingInt(Cell::bucket).thenComparingInt(Cell::stratum);

    private final Pages.Strata strata;
    private final Tally tally;
    private final Map<String, Instance> instances = new LinkedHashMap<>();

    /** Failing keys whose cohorts have settled. */
    private final Map<Place, Cell> settledKeys = new HashMap<>();

    private List<Cell> settled = List.of();
    private List<List<Cell>> live = List.of();
    private List<Closed> closed = List.of();
    private final long[] totals = new long[Tally.TOTALS];

    Elsewhere(Tally tally, Pages.Strata strata) {
        this.tally = tally;
        this.strata = strata;
    }

    /**
     * Takes a page in.
     *
     * @throws IOException if it cannot be read; then what the instance told before stays
     */
    void take(String instance, String name, byte[] bytes) throws IOException {
        Pages.In in = new Pages.In(bytes);
        Instance of = instances.computeIfAbsent(instance, unknown -> new Instance());
        if (name.startsWith(Ledger.CELLS)) {
            of.cells.put(name, Pages.readCells(in, strata, false));
        } else if (name.startsWith(Ledger.CLOSED)) {
            of.closed.put(name, readClosed(in));
        } else if (name.startsWith(Ledger.KEYS)) {
            takeKeys(of, in);
        } else if (name.equals(Ledger.LIVE)) {
            takeLive(of, in);
        }
    }

    private static List<Closed> readClosed(Pages.In in) throws IOException {
        int size = in.size();
        List<Closed> all = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int metric = in.number(AttributedKeys.METRICS - 1);
            int bucket = in.number(Integer.MAX_VALUE);
            double weight = Double.longBitsToDouble(in.bits());
            Closed.Counts counts = new Closed.Counts(in.number(1_000));
            in.numbers(counts.stable);
            in.numbers(counts.candidate);
            all.add(new Closed(metric, bucket, weight, counts));
        }
        return all;
    }

    private void takeKeys(Instance of, Pages.In in) throws IOException {
        int from = in.number(Integer.MAX_VALUE);
        int size = in.size();
        int stratum = -1;
        for (int i = from; i < from + size; i++) {
            int fingerprint = in.number(Integer.MAX_VALUE);
            int flags = in.number(3);
            if ((flags & 2) != 0) {
                stratum = strata.stratum(in.bits(), in.bits());
            }
            int bucket = in.number(Integer.MAX_VALUE);
            int cohort = (int) in.number();
            if (i == of.keysTaken && stratum >= 0) {
                of.keysTaken++;
                int previous = tally.noteElsewhere(fingerprint, KeyedStarts.startOf(bucket));
                if (previous != FailingKeys.NOT_FIRST) {
                    of.unsettled.add(new Key(cohort, bucket, stratum, flags & 1, previous + 1));
                }
            }
        }
    }

    private void takeLive(Instance of, Pages.In in) throws IOException {
        long[] sums = new long[Tally.TOTALS];
        in.numbers(sums);
        int oldest = (int) in.number();
        int[] behind = new int[Tally.LEVELS];
        List<List<Cell>> cells = new ArrayList<>();
        for (int level = 0; level < Tally.LEVELS; level++) {
            behind[level] = (int) in.number();
            cells.add(Pages.readCells(in, strata, true));
        }
        of.totals = sums;
        of.oldest = oldest;
        System.arraycopy(behind, 0, of.behind, 0, behind.length);
        of.live.clear();
        of.live.addAll(cells);
    }

    /** Adds up anew what all have told. */
    void addUp() {
        Map<Place, Cell> sums = new HashMap<>();
        List<Map<Place, Cell>> liveSums = new ArrayList<>();
        List<Closed> allClosed = new ArrayList<>();
        for (int level = 0; level < Tally.LEVELS; level++) {
            liveSums.add(new HashMap<>());
        }
        Arrays.fill(totals, 0);
        for (Instance of : instances.values()) {
            of.cells
                    .values()
                    .forEach(cells ->
                            cells.forEach(cell -> sum(sums, cell, false).add(cell)));
            of.closed.values().forEach(allClosed::addAll);
            for (int level = 0; level < Tally.LEVELS; level++) {
                Map<Place, Cell> at = liveSums.get(level);
                of.live.get(level).forEach(cell -> sum(at, cell, true).add(cell));
            }
            for (int i = 0; i < totals.length; i++) {
                totals[i] += of.totals[i];
            }
            placeKeys(of, liveSums);
        }
        settledKeys.values().forEach(cell -> sum(sums, cell, false).add(cell));
        settled = sums.values().stream().sorted(IN_ORDER).toList();
        live = liveSums.stream()
                .map(at -> at.values().stream().sorted(IN_ORDER).toList())
                .toList();
        closed = allClosed.stream()
                .sorted(Comparator.comparingInt(Closed::bucket))
                .toList();
    }

    private void placeKeys(Instance of, List<Map<Place, Cell>> liveSums) {
        for (Iterator<Key> keys = of.unsettled.iterator(); keys.hasNext(); ) {
            Key key = keys.next();
            if (of.oldest != Integer.MIN_VALUE && key.cohort - of.oldest < 0) {
                keys.remove();
                key.addTo(place(settledKeys, key.bucket, key.stratum, false));
            } else if (key.arm == Arm.STABLE.ordinal()) {
                // Those of stable count at each cut-off: that can only lower the evidence.
                key.addTo(place(liveSums.get(0), key.bucket, key.stratum, true));
            } else {
                key.addTo(place(liveSums.get(level(of, key.cohort)), key.bucket, key.stratum, true));
            }
        }
    }

    private static int level(Instance of, int cohort) {
        for (int level = 0; level < Tally.LEVELS - 1; level++) {
            if (cohort - of.behind[level] < 0) {
                return level;
            }
        }
        return Tally.LEVELS - 1;
    }

    private static Cell sum(Map<Place, Cell> sums, Cell cell, boolean isLive) {
        return place(sums, cell.bucket(), cell.stratum(), isLive);
    }

    private static Cell place(Map<Place, Cell> sums, int bucket, int stratum, boolean isLive) {
        return sums.computeIfAbsent(new Place(bucket, stratum), place -> new Cell(place.bucket, place.stratum, isLive));
    }

    /** Returns what has settled, by bucket. */
    List<Cell> settled() {
        return settled;
    }

    /** Returns what was recorded, by bucket. */
    List<Closed> closed() {
        return closed;
    }

    /** Returns what has not settled of the calls between a cut-off and the one before it. */
    List<Cell> live(int level) {
        return live.isEmpty() ? List.of() : live.get(level);
    }

    /** Returns the sum of the totals, in the order of {@link Tally.Totals}. */
    long[] totals() {
        return totals.clone();
    }
}
