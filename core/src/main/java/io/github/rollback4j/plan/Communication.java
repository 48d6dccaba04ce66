package io.github.rollback4j.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who is told what, when and how, and what happens if nobody answers: a stakeholder register for one plan. Immutable and
 * thread-safe. Telling people never delays and never fails a rollback.
 *
 * @param groups in the order in which they are told; the first is who the others are told to ask
 */
public record Communication(List<Group> groups) {

    /** What may be told. */
    public enum Occasion {
        /** The rollout cannot start; its preflight says why. */
        NOT_STARTED("not-started", Severity.WARNING),
        /** The candidate gets its first calls. */
        STARTED("started", Severity.INFO),
        /** A rollback is recommended: somebody must approve or dismiss it. */
        RECOMMENDED("recommended", Severity.CRITICAL),
        /** The candidate is taken back; the traffic is on stable already. */
        ROLLBACK("rollback", Severity.CRITICAL),
        /** How many were hit, as far as it is known a few minutes after the rollback began. */
        SCOPE("scope", Severity.WARNING),
        /** How the rollback stands, in regular intervals while it is under way. */
        UPDATE("update", Severity.WARNING),
        /** A step or a gate waits for a person. */
        ASKED("asked", Severity.CRITICAL),
        /** The rollback cannot go on by itself. */
        NEEDS_HUMAN("needs-human", Severity.CRITICAL),
        /** Everything is back, and whether data was lost. */
        ROLLED_BACK("rolled-back", Severity.WARNING),
        /** The candidate serves all calls. */
        PROMOTED("promoted", Severity.INFO);

        private final String word;
        private final Severity severity;

        Occasion(String word, Severity severity) {
            this.word = word;
            this.severity = severity;
        }

        /** Returns how bad it is. */
        public Severity severity() {
            return severity;
        }

        /** Returns the word for plans in files and for the journal, for example {@code rolled-back}. */
        @Override
        public String toString() {
            return word;
        }
    }

    /** How bad it is. */
    public enum Severity {
        /** As planned. */
        INFO,
        /** Not as planned, and under control. */
        WARNING,
        /** Somebody should look now. */
        CRITICAL
    }

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final int LONGEST_TEXT = 2000;

    /** Nobody is told anything; the log and the listeners still are. */
    public static final Communication NONE = new Communication(List.of());

    /**
     * One group of stakeholders. Immutable: each method returns a changed one.
     *
     * @param name unique in the plan, lower-case letters, digits and hyphens
     * @param role who they are, for people: Product Owner, on-call, support, customers
     * @param channels how they are reached: the first, and if that fails the next; each with a name of its own
     * @param occasions what they are told; none for those who are only told what others did not acknowledge
     * @param template the text of each message; empty for the library's own. {@code {what}}, {@code {why}}, {@code
     *     {component}}, {@code {stable}}, {@code {candidate}}, {@code {rollout}}, {@code {next-update}} and {@code
     *     {data-loss}} are filled in; other braces are not allowed
     * @param after how long after its occasion a message is sent
     * @param updatesEvery how often they are told while a rollback is under way; null where they are not
     * @param approver the role that must approve each message before it is sent; empty where nobody must
     * @param acknowledgeWithin until when somebody must say that they have read what is {@link Severity#CRITICAL}; null where
     *     nobody must
     * @param escalateTo the group that is told if nobody did; empty where none is
     */
    public record Group(
            String name,
            String role,
            List<Notifier> channels,
            Set<Occasion> occasions,
            String template,
            Duration after,
            @Nullable Duration updatesEvery,
            String approver,
            @Nullable Duration acknowledgeWithin,
            String escalateTo) {

        private static final List<String> PLACEHOLDERS = List.of(
                "{what}",
                "{why}",
                "{component}",
                "{stable}",
                "{candidate}",
                "{rollout}",
                "{next-update}",
                "{data-loss}");
        private static final Pattern PLACEHOLDER = Pattern.compile("\\{[^{}]*}|[{}]");
        private static final Duration LONGEST = Duration.ofDays(7);
        private static final Duration SHORTEST_UPDATE = Duration.ofMinutes(1);

        /**
         * Checks.
         *
         * @throws IllegalArgumentException if a value is outside its range
         */
        public Group {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "group name '" + name + "' is not allowed: 1 to 63 lower-case letters, digits and hyphens are");
            }
            channels = List.copyOf(channels);
            occasions = Set.copyOf(occasions);
            requireText(name, "role", role, 1);
            requireText(name, "template", template, 0);
            requireText(name, "approver", approver, 0);
            requirePlaceholders(name, template);
            if (channels.isEmpty()) {
                throw new IllegalArgumentException("group " + name + " has no channel: at least one is needed");
            }
            Set<String> channelNames = new HashSet<>();
            for (Notifier channel : channels) {
                if (!channelNames.add(channel.name())) {
                    throw new IllegalArgumentException("group " + name + " has two channels " + channel.name()
                            + ": each name once is allowed, since the journal tells them apart by it");
                }
            }
            requireRange(name, "after", after, Duration.ZERO);
            if (updatesEvery != null) {
                requireRange(name, "updatesEvery", updatesEvery, SHORTEST_UPDATE);
            }
            if (acknowledgeWithin != null) {
                requireRange(name, "acknowledgeWithin", acknowledgeWithin, SHORTEST_UPDATE);
            }
            if (!escalateTo.isEmpty() && acknowledgeWithin == null) {
                throw new IllegalArgumentException("group " + name + " escalates to " + escalateTo
                        + " and says not when: acknowledgeWithin is needed");
            }
        }

        private static void requireText(String group, String what, String text, int least) {
            if (text.length() > LONGEST_TEXT || text.strip().length() < least) {
                throw new IllegalArgumentException("group " + group + ": " + what + " has " + text.length()
                        + " characters: " + least + " to " + LONGEST_TEXT + " are allowed");
            }
        }

        private static void requirePlaceholders(String group, String template) {
            Matcher braces = PLACEHOLDER.matcher(template);
            while (braces.find()) {
                if (!PLACEHOLDERS.contains(braces.group())) {
                    throw new IllegalArgumentException("group " + group + ": template has " + braces.group() + ": "
                            + String.join(", ", PLACEHOLDERS) + " are allowed, and no other braces");
                }
            }
        }

        private static void requireRange(String group, String what, Duration value, Duration least) {
            if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("group " + group + ": " + what + " " + value + " is not allowed: "
                        + least + " to " + LONGEST + " is");
            }
        }

        /** Returns a group that is told of a rollback: that it began, how it stands each 20 minutes, and how it ended. */
        public static Group of(String name, String role, Notifier channel) {
            return new Group(
                    name,
                    role,
                    List.of(channel),
                    EnumSet.of(
                            Occasion.ROLLBACK,
                            Occasion.SCOPE,
                            Occasion.UPDATE,
                            Occasion.NEEDS_HUMAN,
                            Occasion.ROLLED_BACK),
                    "",
                    Duration.ZERO,
                    Duration.ofMinutes(20),
                    "",
                    null,
                    "");
        }

        /** Tells them of these occasions and no others. */
        public Group on(Occasion first, Occasion... more) {
            return new Group(
                    name,
                    role,
                    channels,
                    EnumSet.of(first, more),
                    template,
                    after,
                    updatesEvery,
                    approver,
                    acknowledgeWithin,
                    escalateTo);
        }

        /** Tells them nothing but what another group did not acknowledge; one must escalate to them. */
        public Group onlyWhenEscalated() {
            return new Group(
                    name,
                    role,
                    channels,
                    Set.of(),
                    template,
                    after,
                    updatesEvery,
                    approver,
                    acknowledgeWithin,
                    escalateTo);
        }

        /** Adds a channel that is taken where those before it fail. */
        public Group orBy(Notifier fallback) {
            List<Notifier> all = new ArrayList<>(channels);
            all.add(fallback);
            return new Group(
                    name, role, all, occasions, template, after, updatesEvery, approver, acknowledgeWithin, escalateTo);
        }

        /** Writes each message in these words, see the parameter {@code template}. */
        public Group saying(String words) {
            return new Group(
                    name,
                    role,
                    channels,
                    occasions,
                    words,
                    after,
                    updatesEvery,
                    approver,
                    acknowledgeWithin,
                    escalateTo);
        }

        /** Sends each message so long after its occasion: 0 to 7 days. Default 0. */
        public Group after(Duration delay) {
            return new Group(
                    name,
                    role,
                    channels,
                    occasions,
                    template,
                    delay,
                    updatesEvery,
                    approver,
                    acknowledgeWithin,
                    escalateTo);
        }

        /** Says how often they are told how a rollback stands: 1 minute to 7 days. Default 20 minutes. */
        public Group updatesEvery(Duration interval) {
            return new Group(
                    name,
                    role,
                    channels,
                    occasions,
                    template,
                    after,
                    interval,
                    approver,
                    acknowledgeWithin,
                    escalateTo);
        }

        /** Holds each message until somebody of this role approves it in the rollout. */
        public Group approvedBy(String whose) {
            return new Group(
                    name,
                    role,
                    channels,
                    occasions,
                    template,
                    after,
                    updatesEvery,
                    whose,
                    acknowledgeWithin,
                    escalateTo);
        }

        /**
         * Asks that somebody acknowledges each message that is {@link Severity#CRITICAL} within a time, 1 minute to 7 days; else
         * tells another group.
         */
        public Group acknowledgedWithin(Duration time, String elseGroup) {
            return new Group(name, role, channels, occasions, template, after, updatesEvery, approver, time, elseGroup);
        }

        /**
         * Returns the template with its placeholders filled in; what is filled in is not looked at again.
         *
         * @param values by placeholder, without the braces
         * @throws IllegalArgumentException if one of the template's is missing
         */
        public String filled(Map<String, String> values) {
            return PLACEHOLDER.matcher(template).replaceAll(found -> {
                String placeholder = found.group().substring(1, found.group().length() - 1);
                String value = values.get(placeholder);
                if (value == null) {
                    throw new IllegalArgumentException("group " + name + ": there is no value for " + found.group());
                }
                return Matcher.quoteReplacement(value);
            });
        }

        /** Returns the row in one line. */
        public String description() {
            StringBuilder line = new StringBuilder(role)
                    .append(", by ")
                    .append(channels.stream().map(Notifier::description).collect(Collectors.joining(", else ")))
                    .append(
                            occasions.isEmpty()
                                    ? ", only when escalated"
                                    : Arrays.stream(Occasion.values())
                                            .filter(occasions::contains)
                                            .map(Occasion::toString)
                                            .collect(Collectors.joining(" ", ", on ", "")));
            if (!after.isZero()) {
                line.append(", after ").append(after);
            }
            if (updatesEvery != null && occasions.contains(Occasion.UPDATE)) {
                line.append(", updates every ").append(updatesEvery);
            }
            if (!approver.isEmpty()) {
                line.append(", approved by ").append(approver);
            }
            if (acknowledgeWithin != null) {
                line.append(", acknowledged within ").append(acknowledgeWithin);
                line.append(escalateTo.isEmpty() ? "" : ", else " + escalateTo);
            }
            return line.append(template.isEmpty() ? "" : ", saying: " + template)
                    .toString();
        }
    }

    /**
     * Returns a plan that tells these groups, in this order; the first is who the others are told to ask.
     *
     * @throws IllegalArgumentException as for the constructor
     */
    public static Communication of(Group... groups) {
        return new Communication(List.of(groups));
    }

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if a name is not unique, a group escalates to one that is not there, or in a circle, or a
     *     group is never told anything
     */
    public Communication {
        groups = List.copyOf(groups);
        Map<String, Group> byName = new LinkedHashMap<>();
        for (Group group : groups) {
            if (byName.put(group.name, group) != null) {
                throw new IllegalArgumentException(
                        "group " + group.name + " is named twice: each name once is allowed");
            }
        }
        for (Group group : groups) {
            if (group.occasions.isEmpty() && groups.stream().noneMatch(other -> other.escalateTo.equals(group.name))) {
                throw new IllegalArgumentException("group " + group.name
                        + " is told nothing: an occasion, or a group that escalates to it, is needed");
            }
            Set<String> told = new HashSet<>();
            for (Group at = group; at != null && !at.escalateTo.isEmpty(); at = byName.get(at.escalateTo)) {
                if (!byName.containsKey(at.escalateTo)) {
                    throw new IllegalArgumentException("group " + at.name + " escalates to '" + at.escalateTo
                            + "', which is not there: " + byName.keySet() + " are allowed");
                }
                if (!told.add(at.name)) {
                    throw new IllegalArgumentException(
                            "group " + group.name + " escalates in a circle: a chain that ends is allowed");
                }
            }
        }
    }
}
