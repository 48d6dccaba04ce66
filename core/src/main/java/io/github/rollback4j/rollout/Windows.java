package io.github.rollback4j.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many calls a release had, and how many of them failed, by the time in which they were made: pieces of time of one length, numbered
 * from the epoch, so that those of several instances can be added. For one thread at a time.
 */
final class Windows {

    /** Of a baseline. */
    static final Duration WINDOW = Duration.ofMinutes(5);

    /** What stable's calls of the same time are told by. */
    static final Duration SLICE = Duration.ofSeconds(5);

    /** How many windows a baseline has at least; with fewer it is none. */
    static final int LEAST = 12;

    /** How many windows are kept: a day. */
    static final int MOST = 288;

    /**
     * What a window has at least to have a rate of its own: in fewer calls a single failure is a larger part than the margin of 0.005
     * that a deployment tolerates. Windows with fewer are put together with those after them.
     */
    static final long ENOUGH_CALLS = 200;

    private static final double QUANTILE = .99;
    private static final int LONGEST = 1_000_000;
    private static final Pattern ENTRY = Pattern.compile("(\\d{1,15}):(\\d{1,15}):(\\d{1,15})");

    /** The calls of a window, and how many of them failed. */
    record Count(long calls, long bad) {

        /** Never lets more fail than there were calls: of a late failure the call may have been counted before. */
        static Count of(long calls, long bad) {
            return new Count(Math.max(calls, bad), bad);
        }

        Count plus(Count other) {
            return new Count(calls + other.calls, bad + other.bad);
        }
    }

    private final NavigableMap<Long, Count> counts = new TreeMap<>();

    static long number(Instant at, Duration length) {
        return Math.floorDiv(at.toEpochMilli(), length.toMillis());
    }

    void add(long number, Count count) {
        if (count.calls > 0) {
            counts.merge(number, count, Count::plus);
        }
    }

    void addAll(Windows others) {
        others.counts.forEach(this::add);
    }

    /** Takes over what is not known, and of what is known that which has more calls. */
    void merge(Windows others) {
        others.counts.forEach((number, count) ->
                counts.merge(number, count, (mine, other) -> other.calls > mine.calls ? other : mine));
    }

    /** Forgets all but the last. */
    void keepLast(int windows) {
        while (counts.size() > windows) {
            counts.pollFirstEntry();
        }
    }

    /** Returns those before a number. */
    Windows before(long number) {
        Windows earlier = new Windows();
        earlier.counts.putAll(counts.headMap(number));
        return earlier;
    }

    /** Returns how many are not among others. */
    int notIn(Windows others) {
        return (int) counts.keySet().stream()
                .filter(number -> !others.counts.containsKey(number))
                .count();
    }

    /** Returns the calls from one number to another, both included. */
    Count between(long from, long to) {
        return counts.subMap(from, true, to, true).values().stream().reduce(new Count(0, 0), Count::plus);
    }

    /** Returns the highest rate of a window from one number to another, both included; NaN where none has calls. */
    double highest(long from, long to) {
        return counts.subMap(from, true, to, true).values().stream()
                .mapToDouble(count -> (double) count.bad / count.calls)
                .max()
                .orElse(Double.NaN);
    }

    int size() {
        return counts.size();
    }

    Map<Long, Count> byNumber() {
        return Collections.unmodifiableMap(counts);
    }

    /** Returns the failure rates of the windows, those with few calls put together with those after them. */
    List<Double> rates() {
        List<Double> rates = new ArrayList<>();
        Count together = new Count(0, 0);
        for (Count count : counts.values()) {
            together = together.plus(count);
            if (together.calls >= ENOUGH_CALLS) {
                rates.add((double) together.bad / together.calls);
                together = new Count(0, 0);
            }
        }
        return rates;
    }

    /** Returns the rate that 99 of 100 windows do not exceed, or NaN where there are too few of them. */
    double highRate() {
        List<Double> rates = rates();
        if (rates.size() < LEAST) {
            return Double.NaN;
        }
        Collections.sort(rates);
        return rates.get((int) Math.ceil(QUANTILE * rates.size()) - 1);
    }

    /** Writes them, for the journal and other instances: number, calls and failures of each, in order. */
    String text() {
        StringBuilder text = new StringBuilder();
        counts.forEach((number, count) -> text.append(text.isEmpty() ? "" : " ")
                .append(number)
                .append(':')
                .append(count.calls)
                .append(':')
                .append(count.bad));
        return text.toString();
    }

    /** Reads what was written; what cannot be read is skipped. */
    static Windows of(String text) {
        Windows windows = new Windows();
        if (text.length() <= LONGEST) {
            for (String entry : History.words(text)) {
                Matcher parts = ENTRY.matcher(entry);
                if (parts.matches()) {
                    windows.add(
                            Long.parseLong(parts.group(1)),
                            Count.of(Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3))));
                }
            }
        }
        return windows;
    }
}
