package io.github.rollback4j.rollout;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Mode;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Tells people what the plan says they are to be told, and sees to it that somebody has read it. It only follows the rollout's
 * events, and never holds anything up: messages are sent on lanes of their own, few at a time, and what goes wrong here stays here.
 *
 * <p>What is due follows from the events alone, so that after a restart the journal's say what was due and what was told: a message
 * whose {@code notified} is missing is sent again under the same delivery id. All methods are called under the rollout's lock.
 */
final class Announcements {

    /** What the rollout does for it. */
    interface Host {

        /** Journals an event and tells it to all that listen, this class too. */
        void emit(RolloutEvent event);

        /** Runs under the rollout's lock. */
        void locked(Runnable action);

        Wording.Scope scope(@Nullable Instant countedSince);
    }

    /** So many messages of all rollouts may be on their way: the threads are for journal and steps first. */
    static final int MOST_SENDING = 16;

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Duration SCOPE_AFTER = Duration.ofMinutes(5);
    private static final int TRIES = 3;

    /** Three tries that hang, with these, on three channels, end within five minutes: the time for the first message. */
    private static final Duration[] PAUSES = {Duration.ofSeconds(1), Duration.ofSeconds(5)};

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /** Where a channel wants to be left alone for longer, the next one is taken, if there is one. */
    private static final Duration LONGEST_PAUSE_BEFORE_NEXT = Duration.ofMinutes(1);

    private static final Duration LONGEST_WAIT_FOR_A_THREAD = Duration.ofMinutes(5);
    private static final Duration LONGEST_DOWNTIME = Duration.ofDays(7);

    /** Reasons may contain what changes at each look, each few seconds: so the second waits, and each further one twice as long. */
    private static final Duration SHORTEST_BETWEEN_REASONS = Duration.ofMinutes(5);

    private static final Duration LONGEST_BETWEEN_REASONS = Duration.ofHours(1);

    private static final int MOST_WAITING = 100;

    private record Channel(String name, Notifier notifier, Lane lane) {}

    private static final class Addressee {
        private final Communication.Group group;
        private final List<Channel> channels;

        /** Not yet sent. */
        private final List<Delivery> queue = new ArrayList<>();

        private int updates;
        private long updatedNanos;

        /** Whether the group was in the plan of the events that are taken in after a restart. */
        private boolean wasPlanned = true;

        Addressee(Communication.Group group, List<Channel> channels) {
            this.group = group;
            this.channels = channels;
        }
    }

    /** The right to one of the threads; given back once, by whoever is the last to need it. */
    private static final class Permit {
        private enum State {
            TAKEN,
            IN_USE,
            GIVEN_BACK
        }

        private final Semaphore permits;
        private final AtomicReference<State> state = new AtomicReference<>(State.TAKEN);

        Permit(Semaphore permits) {
            this.permits = permits;
        }

        boolean use() {
            return state.compareAndSet(State.TAKEN, State.IN_USE);
        }

        /** Gives it back if it is in the state, and says whether it was. */
        boolean giveBackIf(State expected) {
            boolean given = state.compareAndSet(expected, State.GIVEN_BACK);
            if (given) {
                permits.release();
            }
            return given;
        }
    }

    private final Host host;
    private final RollbackPlan plan;
    private final String rolloutId;
    private final Surroundings surroundings;
    private final List<Addressee> addressees = new ArrayList<>();

    /** By id, those that are not over. */
    private final Map<String, Delivery> open = new LinkedHashMap<>();

    private final Map<Occasion, Integer> counts = new LinkedHashMap<>();

    /** The steps, gates and messages that wait for a person, of which people were told. */
    private final Set<String> asks = new HashSet<>();

    private final Set<String> toldReasons = new HashSet<>();

    private Story story = new Story();
    private Wording wording;
    private boolean isOn = true;
    private boolean isReplaying;
    private @Nullable Instant countedSince;
    private long nowNanos;

    private @Nullable String newReasons;
    private Instant newReasonsAt = Instant.EPOCH;
    private long reasonsToldNanos = Delivery.NEVER;
    private String lastFailure = "";

    Announcements(RollbackPlan plan, String rolloutId, Surroundings surroundings, Host host) {
        this.host = host;
        this.plan = plan;
        this.rolloutId = rolloutId;
        this.surroundings = surroundings;
        this.wording = new Wording(plan, rolloutId, story);
        for (Communication.Group group : plan.communication().groups()) {
            addressees.add(new Addressee(
                    group,
                    group.channels().stream()
                            .map(notifier -> new Channel(
                                    notifier.name(),
                                    notifier,
                                    new Lane(surroundings.pool(), surroundings.ticker(), true)))
                            .toList()));
        }
    }

    /**
     * Lets nothing be told, or again: in a fleet one instance tells. What is due is forgotten when it is switched off; before it is
     * switched on, {@link #resume} takes in what happened meanwhile.
     */
    void setOn(boolean on) {
        isOn = on;
        if (!on) {
            forget();
        }
    }

    void forEachLane(Consumer<Lane> action) {
        addressees.forEach(addressee -> addressee.channels.forEach(channel -> action.accept(channel.lane())));
    }

    // ---- What happened.

    /** Takes in what was journalled by those who told before. */
    void resume(History history, long elapsedNanos) {
        if (addressees.isEmpty()) {
            return;
        }
        guarded(() -> {
            forget();
            isReplaying = true;
            Instant now = surroundings.clock().instant();
            countedSince = now;
            addressees.forEach(
                    addressee -> addressee.wasPlanned = history.plan.containsKey("group " + addressee.group.name()));
            try {
                for (Journal.Entry entry : history.entries) {
                    Journal.Event event = entry.event();
                    nowNanos = elapsedNanos - age(event, now, elapsedNanos);
                    take(event.type(), event.data(), event.at());
                }
            } finally {
                isReplaying = false;
                nowNanos = elapsedNanos;
            }
        });
    }

    /**
     * Returns how old an event is in nanoseconds. People were promised a time by the clock on the wall, and wait for it whether a
     * process runs or not; where the clock was set back, the journalled time counts.
     */
    private static long age(Journal.Event event, Instant now, long elapsedNanos) {
        long elapsed = Math.max(0, elapsedNanos - Math.min(elapsedNanos, saturated(event.elapsed())));
        Duration byClock = Duration.between(event.at(), now);
        return byClock.isNegative()
                ? elapsed
                : Math.max(elapsed, saturated(byClock.compareTo(LONGEST_DOWNTIME) < 0 ? byClock : LONGEST_DOWNTIME));
    }

    private static long saturated(Duration duration) {
        return duration.compareTo(Duration.ofDays(36_500)) < 0
                ? duration.toNanos()
                : Duration.ofDays(36_500).toNanos();
    }

    private void forget() {
        open.clear();
        counts.clear();
        asks.clear();
        toldReasons.clear();
        story = new Story();
        wording = new Wording(plan, rolloutId, story);
        newReasons = null;
        reasonsToldNanos = Delivery.NEVER;
        for (Addressee addressee : addressees) {
            addressee.queue.clear();
            addressee.updates = 0;
        }
    }

    /** Takes in what happens. */
    void take(RolloutEvent event, long elapsedNanos) {
        if (isOn && !addressees.isEmpty()) {
            guarded(() -> {
                nowNanos = elapsedNanos;
                take(event.type(), event.data(), surroundings.clock().instant());
            });
        }
    }

    private void take(String type, Map<String, String> data, Instant at) {
        story.take(type, data, at);
        switch (type) {
            case "not-started" -> {
                newReasons = story.reasons;
                newReasonsAt = at;
            }
            case "started" -> {
                newReasons = null;
                settle(delivery -> delivery.occasion == Occasion.NOT_STARTED);
                happened(Occasion.STARTED, at);
            }
            case "decided" -> decided(data, at);
            case "dismissed" -> settle(delivery -> delivery.occasion == Occasion.RECOMMENDED);
            case "promoted" -> {
                settle(delivery -> delivery.occasion == Occasion.RECOMMENDED);
                happened(Occasion.PROMOTED, at);
            }
            case "step-asked" -> ask(text(data, "step"), at, addressee -> true);
            case "step-done" -> answered(text(data, "step"));
            case "gate-closed" -> {
                if (text(data, "verdict").equals("ask")) {
                    ask(text(data, "gate"), at, addressee -> true);
                }
            }
            case "gate-opened" -> answered(text(data, "gate"));
            case "needs-human" -> happened(Occasion.NEEDS_HUMAN, at);
            case "tried-again" -> settle(delivery -> delivery.occasion == Occasion.NEEDS_HUMAN);
            case "rolled-back" -> {
                settle(delivery -> switch (delivery.occasion) {
                    case UPDATE, NEEDS_HUMAN -> true;
                    // A message may wait for approval all the same.
                    case ASKED -> !open.containsKey(delivery.about);
                    default -> false;
                });
                happened(Occasion.ROLLED_BACK, at);
            }
            default -> takeOwn(type, data, at);
        }
    }

    private void takeOwn(String type, Map<String, String> data, Instant at) {
        String id = text(data, "deliveryId");
        switch (type) {
            case "notified" -> {
                if (isReplaying && text(data, "occasion").equals(Occasion.NOT_STARTED.toString())) {
                    toldReasons.add(id);
                    reasonsToldNanos = nowNanos;
                }
                Delivery delivery = known(id, data, at);
                if (delivery != null) {
                    delivery.isTold = true;
                    delivery.toldNanos = nowNanos;
                    queueOf(delivery).remove(delivery);
                    if (!delivery.asksAcknowledgement() || delivery.isSettled) {
                        remove(delivery);
                    }
                }
            }
            case "not-notified" -> {
                Delivery delivery = known(id, data, at);
                if (delivery != null) {
                    notNotified(delivery, text(data, "channel"));
                }
            }
            case "drafted" -> {
                Delivery delivery = known(id, data, at);
                if (delivery != null) {
                    delivery.isDrafted = true;
                    delivery.subject = text(data, "subject");
                    delivery.text = text(data, "text");
                    String approver = text(data, "approver");
                    // Not those whose messages must be approved themselves: that would never end.
                    ask(
                            id,
                            at,
                            addressee -> addressee.group.approver().isEmpty()
                                    && (addressee.group.name().equals(approver)
                                            || addressee.group.role().equalsIgnoreCase(approver)));
                }
            }
            case "approved" -> {
                Delivery delivery = open.get(id);
                if (delivery != null) {
                    delivery.isApproved = true;
                }
                answered(id);
            }
            case "escalated" -> escalated(open.get(id), text(data, "to"), text(data, "why"));
            case "acknowledged" -> settle(delivery -> delivery.asksAcknowledgement() && delivery.isOfOneChain(id));
            default -> {
                // Nobody is told of it.
            }
        }
    }

    private static String text(Map<String, String> data, String name) {
        return data.getOrDefault(name, "");
    }

    private void decided(Map<String, String> data, Instant at) {
        settle(delivery -> delivery.occasion == Occasion.RECOMMENDED);
        if (Boolean.parseBoolean(data.get("acted"))) {
            happened(Occasion.ROLLBACK, at);
            happened(Occasion.SCOPE, at, SCOPE_AFTER);
            for (Addressee addressee : addressees) {
                addressee.updatedNanos = nowNanos + addressee.group.after().toNanos();
            }
        } else if (!text(data, "mode").equals(Mode.OBSERVE.name())) {
            happened(Occasion.RECOMMENDED, at);
        }
    }

    private void ask(String subject, Instant at, Predicate<Addressee> who) {
        if (asks.add(subject)) {
            happened(Occasion.ASKED, counted(Occasion.ASKED), subject, at, Duration.ZERO, who);
        }
    }

    private void answered(String subject) {
        if (asks.remove(subject)) {
            settle(delivery -> delivery.occasion == Occasion.ASKED && delivery.about.equals(subject));
        }
    }

    private void happened(Occasion occasion, Instant at) {
        happened(occasion, at, Duration.ZERO);
    }

    private void happened(Occasion occasion, Instant at, Duration later) {
        happened(occasion, counted(occasion), "", at, later, addressee -> true);
    }

    private String counted(Occasion occasion) {
        return String.valueOf(counts.merge(occasion, 1, Integer::sum));
    }

    private void happened(
            Occasion occasion, String count, String about, Instant at, Duration later, Predicate<Addressee> who) {
        for (Addressee addressee : addressees) {
            Communication.Group group = addressee.group;
            boolean isTold = !isReplaying || addressee.wasPlanned;
            if (group.occasions().contains(occasion) && isTold && who.test(addressee)) {
                long due = nowNanos + later.toNanos() + group.after().toNanos();
                add(addressee, new Delivery(id(group, occasion, count), group, occasion, about, "", at, due));
            }
        }
    }

    private String id(Communication.Group group, Occasion occasion, String count) {
        return rolloutId + "/" + group.name() + "/" + occasion + "/" + count;
    }

    private void add(Addressee addressee, Delivery delivery) {
        open.put(delivery.id, delivery);
        addressee.queue.add(delivery);
    }

    /** Returns the message of a journalled event; what becomes due by time alone only begins with its first event. */
    private @Nullable Delivery known(String id, Map<String, String> data, Instant at) {
        Delivery delivery = open.get(id);
        if (!isReplaying) {
            return delivery;
        }
        String occasion = text(data, "occasion");
        Addressee addressee = addressee(text(data, "group"));
        if (delivery != null
                || addressee == null
                || !occasion.equals(Occasion.UPDATE.toString())
                || story.decidedAt == null
                || story.isOver) {
            return delivery;
        }
        addressee.updates = Math.max(addressee.updates, countOf(id));
        addressee.updatedNanos = nowNanos;
        return update(addressee, id, at);
    }

    private static int countOf(String id) {
        try {
            return Integer.parseInt(id.substring(id.lastIndexOf('/') + 1));
        } catch (NumberFormatException odd) {
            return 0;
        }
    }

    private Delivery update(Addressee addressee, String id, Instant at) {
        // Of two that say how it stands the older one says nothing.
        settle(delivery -> delivery.occasion == Occasion.UPDATE && addressee.queue.contains(delivery));
        Delivery update = new Delivery(id, addressee.group, Occasion.UPDATE, "", "", at, nowNanos);
        add(addressee, update);
        return update;
    }

    private @Nullable Addressee addressee(String group) {
        for (Addressee addressee : addressees) {
            if (addressee.group.name().equals(group)) {
                return addressee;
            }
        }
        return null;
    }

    private List<Delivery> queueOf(Delivery delivery) {
        Addressee addressee = addressee(delivery.group.name());
        return addressee == null ? List.of() : addressee.queue;
    }

    private List<Channel> channelsOf(Delivery delivery) {
        Addressee addressee = addressee(delivery.group.name());
        return addressee == null ? List.of() : addressee.channels;
    }

    private void notNotified(Delivery delivery, String channel) {
        List<Channel> channels = channelsOf(delivery);
        for (int i = delivery.channel; i < channels.size(); i++) {
            if (channels.get(i).name().equals(channel)) {
                delivery.takeChannel(i + 1);
            }
        }
        if (delivery.channel >= channels.size()) {
            delivery.isFailed = true;
            queueOf(delivery).remove(delivery);
            if (!delivery.asksAcknowledgement()
                    || delivery.isSettled
                    || delivery.group.escalateTo().isEmpty()) {
                remove(delivery);
            }
        }
    }

    private void escalated(@Nullable Delivery delivery, String to, String why) {
        Addressee addressee = addressee(to);
        if (delivery == null || addressee == null) {
            return;
        }
        delivery.isEscalated = true;
        if (delivery.isFailed) {
            remove(delivery);
        }
        add(
                addressee,
                new Delivery(
                        delivery.id + "/" + to,
                        addressee.group,
                        delivery.occasion,
                        delivery.about,
                        why,
                        delivery.happenedAt,
                        nowNanos));
    }

    /** Ends messages that nobody needs any more; those that are being sent are not tried again. */
    private void settle(Predicate<Delivery> which) {
        for (Delivery delivery : List.copyOf(open.values())) {
            if (which.test(delivery)) {
                if (delivery.isInFlight) {
                    delivery.isSettled = true;
                } else {
                    remove(delivery);
                }
            }
        }
    }

    private void remove(Delivery delivery) {
        open.remove(delivery.id, delivery);
        queueOf(delivery).remove(delivery);
        if (delivery.awaitsApproval()) {
            answered(delivery.id);
        }
    }

    // ---- What is due.

    /** Writes, sends and escalates what is due. */
    void advance(long elapsedNanos) {
        if (!isOn || addressees.isEmpty()) {
            return;
        }
        guarded(() -> {
            nowNanos = elapsedNanos;
            tellReasons();
            tellUpdates();
            if (!open.isEmpty()) {
                for (Delivery delivery : List.copyOf(open.values())) {
                    draft(delivery);
                    escalate(delivery);
                }
                addressees.forEach(this::drop);
                send();
            }
        });
    }

    private void tellReasons() {
        String reasons = newReasons;
        if (reasons == null || (reasonsToldNanos != Delivery.NEVER && nowNanos - reasonsToldNanos < betweenReasons())) {
            return;
        }
        newReasons = null;
        CRC32 print = new CRC32();
        print.update(reasons.getBytes(StandardCharsets.UTF_8));
        String count = Long.toHexString(print.getValue());
        settle(delivery -> delivery.occasion == Occasion.NOT_STARTED);
        // The same reasons are told once, also where others come in between.
        happened(
                Occasion.NOT_STARTED,
                count,
                "",
                newReasonsAt,
                Duration.ZERO,
                each -> toldReasons.add(id(each.group, Occasion.NOT_STARTED, count)));
        reasonsToldNanos = nowNanos;
    }

    private long betweenReasons() {
        long told = toldReasons.stream()
                .map(id -> id.substring(id.lastIndexOf('/')))
                .distinct()
                .count();
        long between = SHORTEST_BETWEEN_REASONS.toNanos() << Math.max(0, Math.min(told - 1, 10));
        return Math.min(between, LONGEST_BETWEEN_REASONS.toNanos());
    }

    private void tellUpdates() {
        if (story.decidedAt == null || story.isOver) {
            return;
        }
        for (Addressee addressee : addressees) {
            Duration interval = updatesEvery(addressee.group);
            if (interval == null || nowNanos - addressee.updatedNanos < interval.toNanos()) {
                continue;
            }
            long due = addressee.updatedNanos + interval.toNanos();
            // After a long gap not all that were missed.
            addressee.updatedNanos = nowNanos - due < interval.toNanos() ? due : nowNanos;
            if (addressee.queue.stream().noneMatch(each -> each.isInFlight && each.occasion == Occasion.UPDATE)) {
                String count = String.valueOf(++addressee.updates);
                update(
                        addressee,
                        id(addressee.group, Occasion.UPDATE, count),
                        surroundings.clock().instant());
            }
        }
    }

    private static @Nullable Duration updatesEvery(Communication.Group group) {
        return group.occasions().contains(Occasion.UPDATE) ? group.updatesEvery() : null;
    }

    private void draft(Delivery delivery) {
        String approver = delivery.group.approver();
        if (!approver.isEmpty() && !delivery.isDrafted && !delivery.isTold && delivery.dueNanos <= nowNanos) {
            write(delivery);
            host.emit(new RolloutEvent.Drafted(
                    delivery.group.name(),
                    delivery.occasion.toString(),
                    delivery.id,
                    approver,
                    delivery.subject,
                    delivery.text));
        }
    }

    private void escalate(Delivery delivery) {
        Duration within = delivery.group.acknowledgeWithin();
        String to = delivery.group.escalateTo();
        if (within == null || to.isEmpty() || !delivery.asksAcknowledgement() || delivery.isEscalated) {
            return;
        }
        String role = Wording.clean(delivery.group.role());
        if (delivery.isFailed) {
            host.emit(new RolloutEvent.Escalated(
                    delivery.group.name(), to, delivery.id, role + " could not be told by any channel"));
        } else if (delivery.isTold && nowNanos - delivery.toldNanos >= within.toNanos()) {
            host.emit(new RolloutEvent.Escalated(
                    delivery.group.name(),
                    to,
                    delivery.id,
                    role + " did not acknowledge it within " + Wording.words(within)));
        }
    }

    /** Gives the oldest up where too many wait. */
    private void drop(Addressee addressee) {
        while (addressee.queue.size() > MOST_WAITING) {
            Delivery oldest = addressee.queue.get(0).isInFlight ? addressee.queue.get(1) : addressee.queue.get(0);
            oldest.takeChannel(addressee.channels.size() - 1);
            fail(oldest, "more than " + MOST_WAITING + " messages were waiting");
        }
    }

    private void send() {
        List<Delivery> ready = new ArrayList<>();
        for (Addressee addressee : addressees) {
            Delivery next = next(addressee);
            if (next != null) {
                if (next.readyNanos == Delivery.NEVER) {
                    next.readyNanos = nowNanos;
                }
                ready.add(next);
            }
        }
        // Who waits longest is served first, so that groups whose channels hang do not keep others from being told.
        ready.sort(Comparator.comparingLong(delivery -> delivery.readyNanos));
        for (Delivery delivery : ready) {
            Semaphore permits = surroundings.sending();
            Notifier.Message message = permits.availablePermits() > 0 ? message(delivery) : null;
            if (message != null && permits.tryAcquire()) {
                send(delivery, message, new Permit(permits));
            } else if (nowNanos - delivery.readyNanos >= LONGEST_WAIT_FOR_A_THREAD.toNanos()) {
                fail(delivery, "too many other messages are being sent");
            }
        }
    }

    /** Returns what a group is to be sent now: one at a time, in order. */
    private @Nullable Delivery next(Addressee addressee) {
        Delivery next = null;
        for (Delivery delivery : addressee.queue) {
            if (delivery.isInFlight) {
                return null;
            }
            boolean isApproved =
                    delivery.isApproved || addressee.group.approver().isEmpty();
            if (isApproved && delivery.dueNanos <= nowNanos && (next == null || delivery.dueNanos < next.dueNanos)) {
                next = delivery;
            }
        }
        return next == null || next.notBeforeNanos > nowNanos ? null : next;
    }

    /** Returns what is sent: the same at each try. */
    private Notifier.Message message(Delivery delivery) {
        Notifier.Message message = delivery.message;
        if (message == null) {
            if (delivery.text.isEmpty()) {
                write(delivery);
            }
            message = new Notifier.Message(
                    delivery.id,
                    rolloutId,
                    delivery.group.name(),
                    delivery.occasion,
                    delivery.occasion.severity(),
                    delivery.subject,
                    delivery.text,
                    surroundings.clock().instant(),
                    nextWord(delivery),
                    delivery.asksAcknowledgement());
            delivery.message = message;
        }
        return message;
    }

    private void send(Delivery delivery, Notifier.Message message, Permit permit) {
        Channel channel = channelsOf(delivery).get(delivery.channel);
        delivery.isInFlight = true;
        delivery.tries++;
        channel.lane()
                .add(
                        DEADLINE,
                        () -> {
                            if (!permit.use()) {
                                throw new IllegalStateException("given up before it began");
                            }
                            try {
                                channel.notifier().send(message);
                                return true;
                            } finally {
                                permit.giveBackIf(Permit.State.IN_USE);
                            }
                        },
                        (ok, thrown) -> {
                            boolean hasBegun = !permit.giveBackIf(Permit.State.TAKEN);
                            host.locked(() -> guarded(() -> ended(delivery, channel, hasBegun, thrown)));
                        });
    }

    private void write(Delivery delivery) {
        wording.write(delivery, nextWord(delivery), host.scope(countedSince));
    }

    private Instant at(long nanos) {
        return surroundings.clock().instant().plusNanos(nanos - nowNanos);
    }

    /** Returns when the group is told more at the latest; null where only what happens decides that. */
    private @Nullable Instant nextWord(Delivery delivery) {
        long next = Long.MAX_VALUE;
        for (Delivery other : queueOf(delivery)) {
            if (other != delivery && other.occasion == Occasion.SCOPE && other.dueNanos > nowNanos) {
                next = Math.min(next, other.dueNanos);
            }
        }
        Duration interval = updatesEvery(delivery.group);
        Addressee addressee = addressee(delivery.group.name());
        if (interval != null && addressee != null && story.decidedAt != null && !story.isOver) {
            next = Math.min(next, Math.max(nowNanos, addressee.updatedNanos + interval.toNanos()));
        }
        return next == Long.MAX_VALUE ? null : at(next);
    }

    private void ended(Delivery delivery, Channel channel, boolean hasBegun, @Nullable Throwable thrown) {
        delivery.isInFlight = false;
        if (!isOn || (thrown != null && delivery.isSettled)) {
            remove(delivery);
            return;
        }
        if (thrown == null) {
            host.emit(new RolloutEvent.Notified(
                    delivery.group.name(), channel.name(), delivery.occasion.toString(), delivery.id));
            return;
        }
        if (!hasBegun && thrown instanceof RejectedExecutionException) {
            // No thread was free, which is no failure of the channel's.
            delivery.tries--;
            delivery.notBeforeNanos = nowNanos + PAUSES[0].toNanos();
            if (nowNanos - delivery.readyNanos >= LONGEST_WAIT_FOR_A_THREAD.toNanos()) {
                fail(delivery, "no thread was free");
            }
            return;
        }
        Duration asked = thrown instanceof Notifier.NotSentException notSent ? notSent.retryAfter() : null;
        boolean isLast = delivery.channel == channelsOf(delivery).size() - 1;
        if (delivery.tries >= TRIES || (asked != null && asked.compareTo(LONGEST_PAUSE_BEFORE_NEXT) > 0 && !isLast)) {
            fail(delivery, Wording.clean(Lifecycle.message(thrown)));
            return;
        }
        Duration pause = PAUSES[delivery.tries - 1];
        if (asked != null && asked.compareTo(pause) > 0) {
            pause = asked.compareTo(LONGEST_PAUSE) < 0 ? asked : LONGEST_PAUSE;
        }
        delivery.notBeforeNanos = nowNanos + pause.toNanos();
        // Behind those who have not been tried as often.
        delivery.readyNanos = Delivery.NEVER;
    }

    private void fail(Delivery delivery, String error) {
        host.emit(new RolloutEvent.NotNotified(
                delivery.group.name(),
                channelsOf(delivery).get(delivery.channel).name(),
                delivery.occasion.toString(),
                delivery.id,
                error));
    }

    // ---- What people do.

    /** Approves a message that waits for it; says whether there was one. */
    boolean approve(String deliveryId, String by) {
        Delivery delivery = open.get(deliveryId);
        if (delivery == null || !delivery.awaitsApproval()) {
            return false;
        }
        host.emit(new RolloutEvent.Approved(delivery.group.name(), deliveryId, by));
        return true;
    }

    /** Acknowledges a message, or all that a group was told; says whether there was one. */
    boolean acknowledge(String message, String by) {
        boolean any = false;
        for (Delivery delivery : List.copyOf(open.values())) {
            if (open.containsKey(delivery.id)
                    && delivery.awaitsAcknowledgement()
                    && !delivery.isSettled
                    && (delivery.isOfOneChain(message) || delivery.group.name().equals(message))) {
                any = true;
                host.emit(new RolloutEvent.Acknowledged(delivery.group.name(), delivery.id, by));
            }
        }
        return any;
    }

    /** Returns the messages that wait for a person. */
    List<Rollout.WaitingMessage> waiting() {
        List<Rollout.WaitingMessage> waiting = new ArrayList<>();
        for (Delivery delivery : open.values()) {
            boolean forApproval = delivery.awaitsApproval();
            if (forApproval || (delivery.awaitsAcknowledgement() && !delivery.isSettled)) {
                if (delivery.text.isEmpty()) {
                    // It was sent by a process before this one.
                    write(delivery);
                }
                waiting.add(new Rollout.WaitingMessage(
                        delivery.id,
                        delivery.group.name(),
                        delivery.occasion,
                        forApproval,
                        delivery.subject,
                        delivery.text,
                        forApproval ? null : acknowledgeUntil(delivery)));
            }
        }
        return List.copyOf(waiting);
    }

    private @Nullable Instant acknowledgeUntil(Delivery delivery) {
        Duration within = delivery.group.acknowledgeWithin();
        return within == null || !delivery.isTold ? null : at(delivery.toldNanos + within.toNanos());
    }

    /** Keeps what is wrong here from everything else; the same is logged once. */
    private void guarded(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error bug) {
            String failure = String.valueOf(bug);
            if (!failure.equals(lastFailure)) {
                lastFailure = failure;
                surroundings.failures().accept("telling people about " + rolloutId + " failed", bug);
            }
        }
    }
}
