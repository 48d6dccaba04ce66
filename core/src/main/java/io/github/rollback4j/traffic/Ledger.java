package io.github.rollback4j.traffic;

import io.github.rollback4j.evidence.StartMixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what has settled in this process by bucket and weights, and writes it on pages for the other instances. Each page is cumulative:
 * to read one twice is harmless. For one thread at a time.
 */
final class Ledger {

    /** Buckets on a page: so that what no longer changes need not be written again. */
    private static final int BUCKETS_A_PAGE = 8;

    /** A key takes up to 16 bytes, and a page has up to 64 KB. */
    static final int KEYS_A_PAGE = 2_000;

    static final String CELLS = "cells-";
    static final String CLOSED = "closed-";
    static final String KEYS = "keys-";
    static final String LIVE = "live";

    private final List<Cell> cells = new ArrayList<>();
    private final List<Closed> closed = new ArrayList<>();
    private final Set<Integer> changedCells = new TreeSet<>();
    private final Set<Integer> changedClosed = new TreeSet<>();
    private int keysWritten;

    List<Cell> cells() {
        return cells;
    }

    List<Closed> closed() {
        return closed;
    }

    /** Returns the cell of a bucket and weights, to be added to. */
    Cell cell(int bucket, int stratum) {
        changedCells.add(page(bucket));
        // Cohorts settle in the order of their start, so that the cells of the bucket are the last ones.
        for (int i = cells.size() - 1; i >= 0 && cells.get(i).bucket() >= bucket; i--) {
            if (cells.get(i).bucket() == bucket && cells.get(i).stratum() == stratum) {
                return cells.get(i);
            }
        }
        Cell cell = new Cell(bucket, stratum, false);
        cells.add(cell);
        return cell;
    }

    void addClosed(int metric, int bucket, double weight, long[] stable, long[] candidate) {
        changedClosed.add(page(bucket));
        Closed known = null;
        for (int i = closed.size() - 1; i >= 0 && known == null && closed.get(i).bucket() >= bucket - 1; i--) {
            known = closed.get(i).isOf(metric, bucket, weight) ? closed.get(i) : null;
        }
        if (known == null) {
            known = new Closed(metric, bucket, weight, new Closed.Counts(stable.length));
            closed.add(known);
        }
        known.counts().add(stable, candidate);
    }

    private static int page(int bucket) {
        return Math.min(bucket, StartMixture.LAST_BUCKET) / BUCKETS_A_PAGE;
    }

    /** Returns the pages that have changed since the last time, but for the live one. */
    Map<String, byte[]> changedPages(Pages.Strata strata, @Nullable KeyLog keys, int keysThere) {
        Map<String, byte[]> pages = new TreeMap<>();
        for (int page : changedCells) {
            List<Cell> on =
                    cells.stream().filter(cell -> page(cell.bucket()) == page).toList();
            Pages.Out out = new Pages.Out().number(on.size());
            on.forEach(cell -> Pages.write(out, cell, strata));
            pages.put(CELLS + page, out.bytes());
        }
        for (int page : changedClosed) {
            List<Closed> on =
                    closed.stream().filter(of -> page(of.bucket()) == page).toList();
            Pages.Out out = new Pages.Out().number(on.size());
            for (Closed of : on) {
                out.number(of.metric())
                        .number(of.bucket())
                        .bits(Double.doubleToLongBits(of.weight()))
                        .number(of.counts().stable.length)
                        .numbers(of.counts().stable)
                        .numbers(of.counts().candidate);
            }
            pages.put(CLOSED + page, out.bytes());
        }
        changedCells.clear();
        changedClosed.clear();
        if (keys != null && keysThere > keysWritten) {
            for (int page = keysWritten / KEYS_A_PAGE; page * KEYS_A_PAGE < keysThere; page++) {
                pages.put(
                        KEYS + page,
                        keys(strata, keys, page * KEYS_A_PAGE, Math.min(keysThere, (page + 1) * KEYS_A_PAGE)));
            }
            keysWritten = keysThere;
        }
        return pages;
    }

    /** Takes back that pages were written: they did not reach the store. */
    void notWritten(Set<String> pages) {
        for (String page : pages) {
            if (page.startsWith(CELLS)) {
                changedCells.add(Integer.valueOf(page.substring(CELLS.length())));
            } else if (page.startsWith(CLOSED)) {
                changedClosed.add(Integer.valueOf(page.substring(CLOSED.length())));
            } else if (page.startsWith(KEYS)) {
                keysWritten = Math.min(keysWritten, Integer.parseInt(page.substring(KEYS.length())) * KEYS_A_PAGE);
            }
        }
    }

    private static byte[] keys(Pages.Strata strata, KeyLog keys, int from, int to) {
        Pages.Out out = new Pages.Out().number(from).number(to - from);
        int stratum = -1;
        for (int i = from; i < to; i++) {
            boolean isSame = keys.stratum(i) == stratum;
            stratum = keys.stratum(i);
            out.number(keys.fingerprint(i)).number(keys.arm(i) | (isSame ? 0 : 2));
            if (!isSame) {
                out.bits(strata.threshold(stratum)).bits(strata.freshFloor(stratum));
            }
            out.number(keys.bucket(i)).number(keys.cohort(i) & 0xFFFF_FFFFL);
        }
        return out.bytes();
    }
}
