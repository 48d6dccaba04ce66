package io.github.rollback4j.traffic;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Says whose calls the coin decides, and who gets a release without a coin: testers, allow and deny lists, a holdback.
 *
 * <p>What is decided here, before the coin, is counted apart: shown, never weighed as evidence, not part of the sample
 * ratio. The first rule that applies wins, in this order: {@link #stableFor}, {@link #candidateFor}, {@link #only},
 * {@link #holdBack}. While the candidate may not serve (before the start, after a rollback, under a kill switch)
 * everyone gets stable. A rule that throws sends its call to stable.
 *
 * <p>Immutable and thread-safe: each method returns a new audience.
 */
public final class Audience {

    private static final Audience EVERYONE = new Audience(List.of(), List.of(), List.of(), List.of());

    private record Holdback(String name, double share, Split split, long threshold) {}

    private record Rule(String name, Predicate<? super Subject> test) {}

    /** What the rules say of one subject. */
    enum Selection {
        COIN,
        STABLE,
        CANDIDATE
    }

    private final List<Rule> stable;
    private final List<Rule> candidate;
    private final List<Rule> only;
    private final List<Holdback> holdbacks;

    private Audience(List<Rule> stable, List<Rule> candidate, List<Rule> only, List<Holdback> holdbacks) {
        this.stable = List.copyOf(stable);
        this.candidate = List.copyOf(candidate);
        this.only = List.copyOf(only);
        this.holdbacks = List.copyOf(holdbacks);
    }

    /** Returns the audience in which the coin decides for everyone. */
    public static Audience everyone() {
        return EVERYONE;
    }

    /**
     * Gives these keys stable, whatever else applies (a deny list).
     *
     * @param keys of type {@code String}, {@code Long} (or {@code Integer}) or {@code UUID}
     * @throws IllegalArgumentException if a key is of another type
     */
    public Audience stableFor(Object... keys) {
        return stableWhen(named(keys), inKeys(keys));
    }

    /** Gives the subjects for which the test is true stable. The name appears in the plan and its hash. */
    public Audience stableWhen(String name, Predicate<? super Subject> test) {
        return new Audience(plus(stable, new Rule(name, test)), candidate, only, holdbacks);
    }

    /**
     * Gives these keys the candidate as soon as the rollout runs: testers, an allow list. After a rollback they get
     * stable like everyone.
     *
     * @param keys of type {@code String}, {@code Long} (or {@code Integer}) or {@code UUID}
     * @throws IllegalArgumentException if a key is of another type
     */
    public Audience candidateFor(Object... keys) {
        return candidateWhen(named(keys), inKeys(keys));
    }

    /** Gives the subjects for which the test is true the candidate. The name appears in the plan and its hash. */
    public Audience candidateWhen(String name, Predicate<? super Subject> test) {
        return new Audience(stable, plus(candidate, new Rule(name, test)), only, holdbacks);
    }

    /** Lets the coin decide only for the subjects for which the test is true; the others get stable. */
    public Audience only(String name, Predicate<? super Subject> test) {
        return new Audience(stable, candidate, plus(only, new Rule(name, test)), holdbacks);
    }

    /**
     * Keeps a share of all keys on stable, whatever the rollout's share; every rollout that names the same holdback holds
     * the same keys back.
     *
     * @param share in (0, 0.5]
     * @throws IllegalArgumentException if the share is outside its range
     */
    public Audience holdBack(String name, double share) {
        if (!(share > 0 && share <= 0.5)) {
            throw new IllegalArgumentException(
                    "holdback " + name + " has share " + share + ": more than 0 and at most 0.5 is allowed");
        }
        List<Holdback> more = new ArrayList<>(holdbacks);
        more.add(new Holdback(name, share, Split.named(name), Split.threshold(share)));
        return new Audience(stable, candidate, only, more);
    }

    /** Says that no call is treated specially; then the call path asks no further. */
    public boolean isEveryone() {
        return stable.isEmpty() && candidate.isEmpty() && only.isEmpty() && holdbacks.isEmpty();
    }

    Selection select(@Nullable Subject subject) {
        if (subject == null) {
            // Without a key nobody can be told apart: an audience that is limited does not include the unknown.
            return only.isEmpty() ? Selection.COIN : Selection.STABLE;
        }
        for (Rule rule : stable) {
            if (rule.test.test(subject)) {
                return Selection.STABLE;
            }
        }
        for (Rule rule : candidate) {
            if (rule.test.test(subject)) {
                return Selection.CANDIDATE;
            }
        }
        for (Rule rule : only) {
            if (!rule.test.test(subject)) {
                return Selection.STABLE;
            }
        }
        for (Holdback holdback : holdbacks) {
            if (Long.compareUnsigned(subject.position(holdback.split), holdback.threshold) < 0) {
                return Selection.STABLE;
            }
        }
        return Selection.COIN;
    }

    private static <T> List<T> plus(List<T> list, T one) {
        List<T> more = new ArrayList<>(list);
        more.add(one);
        return more;
    }

    /** Tells one list of keys from another without naming a key: keys of calls are never stored. */
    private static String named(Object... keys) {
        Split split = Split.named("audience");
        long sum = 0;
        for (Object key : keys) {
            sum += subject(key).position(split);
        }
        return String.format(Locale.ROOT, "%d keys (%016x)", keys.length, sum);
    }

    private static Subject subject(Object key) {
        return new Subject(key instanceof Integer number ? Long.valueOf(number) : key, Map.of());
    }

    private static Predicate<Subject> inKeys(Object... keys) {
        Set<Object> set = new HashSet<>();
        for (Object key : keys) {
            set.add(subject(key).key());
        }
        return subject -> set.contains(subject.key());
    }

    /** Describes the rules by name, for the plan's hash and its readers. */
    @Override
    public String toString() {
        if (isEveryone()) {
            return "everyone";
        }
        StringBuilder text = new StringBuilder("everyone");
        stable.forEach(rule -> text.append("; stable for ").append(rule.name));
        candidate.forEach(rule -> text.append("; candidate for ").append(rule.name));
        only.forEach(rule -> text.append("; only ").append(rule.name));
        holdbacks.forEach(holdback ->
                text.append("; holdback ").append(holdback.name).append(' ').append(holdback.share));
        return text.toString();
    }
}
