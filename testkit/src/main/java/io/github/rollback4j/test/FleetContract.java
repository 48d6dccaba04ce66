package io.github.rollback4j.test;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.journal.Fleet;
import io.github.rollback4j.journal.Journal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Fleet} must do, and the {@link Journal} that it belongs to. Extend it, give it an empty store, and say how
 * the store's time passes: a test's clock is moved on, rows of a database are dated back, or the test waits.
 */
public abstract class FleetContract {

    private static final String ROLLOUT = "checkout:1.4.2..1.5.0#1";
    private static final Duration LONG = Duration.ofHours(1);
    private static final int RACERS = 8;
    private static final int ROUNDS = 10;

    /** Creates the contract. */
    protected FleetContract() {}

    /** Returns a store without events, members and leases, new for each test. Its {@link Journal#fleet} is not null. */
    protected abstract Journal emptyStore() throws Exception;

    /** Lets at least this much time pass, by the clock of the store that was returned last. */
    protected abstract void pass(Duration time) throws Exception;

    /**
     * Returns a time in which the store answers surely, and that the tests may let pass some dozen times. Default: two seconds.
     * Longer is better where passing costs nothing, up to ten minutes.
     */
    protected Duration aWhile() {
        return Duration.ofSeconds(2);
    }

    private static Fleet fleetOf(Journal store) {
        return requireNonNull(store.fleet(), "the store has no fleet");
    }

    private static Fleet.Lease leaseOf(Fleet fleet, String instance, Duration length) {
        return requireNonNull(fleet.tryLease(ROLLOUT, instance, length), instance + " got no lease");
    }

    private static Journal.Event event(String type) {
        return Journal.Event.of(type, Instant.EPOCH, Duration.ZERO, Map.of());
    }

    private static Fleet.Content content(String text) {
        return Fleet.Content.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Fleet.Page page) {
        return new String(page.content().bytes(), StandardCharsets.UTF_8);
    }

    private static Map<String, String> texts(List<Fleet.Page> pages) {
        Map<String, String> texts = new TreeMap<>();
        pages.forEach(page -> assertThat(texts.put(page.instance() + "/" + page.name(), text(page)))
                .isNull());
        return texts;
    }

    // ---- Members.

    @Test
    void join_oneAfterTheOther_areNumberedInOrder() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        assertThat(fleet.members(ROLLOUT)).isEmpty();
        assertThat(fleet.join(ROLLOUT, "i-1", "host-a").number()).isEqualTo(1);
        assertThat(fleet.join(ROLLOUT, "i-2", "host-a").number()).isEqualTo(2);
        assertThat(fleet.join("another", "i-2", "host-a").number()).isEqualTo(1);

        Fleet.Member third = fleet.join(ROLLOUT, "i-3", "h\u00f6st-\ud83d\udd04");
        assertThat(third.instance()).isEqualTo("i-3");
        assertThat(third.host()).isEqualTo("h\u00f6st-\ud83d\udd04");
        assertThat(third.number()).isEqualTo(3);
        assertThat(third.hasLeft()).isFalse();
        assertThat(third.joinedAgo()).isBetween(Duration.ZERO, aWhile());
        assertThat(fleet.members(ROLLOUT))
                .extracting(Fleet.Member::instance, Fleet.Member::number)
                .containsExactly(tuple("i-1", 1), tuple("i-2", 2), tuple("i-3", 3));
    }

    @Test
    void join_again_isTheMemberThatItWas() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        fleet.join(ROLLOUT, "i-1", "host-a");
        fleet.join(ROLLOUT, "i-2", "host-b");
        pass(aWhile());

        Fleet.Member again = fleet.join(ROLLOUT, "i-1", "host-c");
        assertThat(again.number()).isEqualTo(1);
        assertThat(again.host()).isEqualTo("host-a");
        assertThat(again.joinedAgo()).isGreaterThanOrEqualTo(aWhile());
        assertThat(fleet.members(ROLLOUT)).hasSize(2);
    }

    @Test
    void join_similarInstances_areDifferentMembers() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        List<String> names = List.of("pod", "Pod", "pod ", "p\u00f6d", "po\u0308d", "p".repeat(200), "p".repeat(199));
        names.forEach(name -> fleet.join(ROLLOUT, name, "host"));
        assertThat(fleet.members(ROLLOUT)).extracting(Fleet.Member::instance).containsExactlyElementsOf(names);
    }

    @Test
    void join_manyAtOnce_eachHasANumberOfItsOwn() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        race(racer -> {
            for (int round = 0; round < ROUNDS; round++) {
                fleet.join(ROLLOUT, "i-" + racer + "-" + round, "host-" + racer);
                fleet.join(ROLLOUT, "the same " + round, "host");
            }
            return 0;
        });
        int all = RACERS * ROUNDS + ROUNDS;
        assertThat(fleet.members(ROLLOUT))
                .extracting(Fleet.Member::number)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, all).boxed().toList());
        assertThat(new TreeSet<>(fleet.members(ROLLOUT).stream()
                        .map(Fleet.Member::instance)
                        .toList()))
                .hasSize(all);
    }

    @Test
    void members_published_areSilentSinceThen() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        fleet.join(ROLLOUT, "i-1", "host");
        fleet.join(ROLLOUT, "i-2", "host");
        pass(aWhile());
        fleet.publish(ROLLOUT, "i-1", Map.of("page", content("1")));

        List<Fleet.Member> members = fleet.members(ROLLOUT);
        assertThat(members.get(0).silentFor()).isBetween(Duration.ZERO, aWhile());
        assertThat(members.get(0).joinedAgo()).isGreaterThanOrEqualTo(aWhile());
        assertThat(members.get(1).silentFor()).isGreaterThanOrEqualTo(aWhile());
    }

    @Test
    void publish_nothing_isASignOfLife() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        fleet.join(ROLLOUT, "i-1", "host");
        pass(aWhile());
        fleet.publish(ROLLOUT, "i-1", Map.of());
        assertThat(fleet.members(ROLLOUT).get(0).silentFor()).isLessThan(aWhile());
    }

    @Test
    void leave_aMember_staysWithWhatItPublished() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        fleet.join(ROLLOUT, "i-1", "host");
        fleet.publish(ROLLOUT, "i-1", Map.of("page", content("1")));
        fleet.leave(ROLLOUT, "i-1");
        fleet.leave(ROLLOUT, "i-1");
        fleet.leave(ROLLOUT, "nobody");
        fleet.leave("nothing", "nobody");

        assertThat(fleet.members(ROLLOUT))
                .singleElement()
                .satisfies(member -> assertThat(member.hasLeft()).isTrue());
        assertThat(texts(fleet.pages(ROLLOUT, null))).containsExactly(Map.entry("i-1/page", "1"));
        assertThat(fleet.join(ROLLOUT, "i-2", "host").number()).isEqualTo(2);
    }

    // ---- Leases.

    @Test
    void tryLease_heldByAnother_isNull() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        Fleet.Lease lease = leaseOf(fleet, "i-1", LONG);
        assertThat(lease.rolloutId()).isEqualTo(ROLLOUT);
        assertThat(lease.holder()).isEqualTo("i-1");
        assertThat(lease.token()).isPositive();
        assertThat(fleet.tryLease(ROLLOUT, "i-2", LONG)).isNull();
        assertThat(fleet.tryLease("another", "i-2", LONG)).isNotNull();
    }

    @Test
    void tryLease_heldByItself_isRenewedUnderTheSameToken() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        Duration length = aWhile().multipliedBy(2);
        Fleet.Lease lease = leaseOf(fleet, "i-1", length);
        pass(aWhile());
        assertThat(leaseOf(fleet, "i-1", LONG)).isEqualTo(lease);
        pass(length);
        assertThat(fleet.tryLease(ROLLOUT, "i-2", LONG)).isNull();
        assertThat(leaseOf(fleet, "i-1", LONG)).isEqualTo(lease);
    }

    @Test
    void tryLease_expired_goesToWhoAsksUnderANewToken() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        Fleet.Lease first = leaseOf(fleet, "i-1", aWhile());
        pass(aWhile());
        Fleet.Lease second = leaseOf(fleet, "i-2", aWhile());
        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(fleet.tryLease(ROLLOUT, "i-1", LONG)).isNull();
        pass(aWhile());
        Fleet.Lease third = leaseOf(fleet, "i-2", LONG);
        assertThat(third.token()).as("its former holder, too").isGreaterThan(second.token());
    }

    @Test
    void release_held_isFreeAndTokensGoOnGrowing() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        long last = 0;
        for (int round = 0; round < 5; round++) {
            Fleet.Lease lease = leaseOf(fleet, "i-" + round % 2, LONG);
            assertThat(lease.token()).isGreaterThan(last);
            last = lease.token();
            fleet.release(lease);
            fleet.release(lease);
        }
    }

    @Test
    void release_noLongerHeld_leavesTheNewHolderAlone() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        Fleet.Lease outdated = leaseOf(fleet, "i-1", aWhile());
        pass(aWhile());
        Fleet.Lease renewed = leaseOf(fleet, "i-1", LONG);
        assertThat(renewed.token()).isGreaterThan(outdated.token());
        fleet.release(outdated);
        fleet.release(new Fleet.Lease(ROLLOUT, "i-2", renewed.token()));
        fleet.release(new Fleet.Lease("nothing", "i-1", 1));
        assertThat(fleet.tryLease(ROLLOUT, "i-2", LONG)).isNull();
    }

    @Test
    void leave_holder_givesTheLeaseUp() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        fleet.join(ROLLOUT, "i-1", "host");
        fleet.join(ROLLOUT, "i-2", "host");
        Fleet.Lease lease = leaseOf(fleet, "i-1", LONG);
        fleet.leave(ROLLOUT, "i-2");
        assertThat(fleet.tryLease(ROLLOUT, "i-2", LONG)).isNull();
        fleet.leave(ROLLOUT, "i-1");
        assertThat(leaseOf(fleet, "i-2", LONG).token()).isGreaterThan(lease.token());
    }

    @Test
    void tryLease_noLength_isRefused() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        assertThatThrownBy(() -> fleet.tryLease(ROLLOUT, "i-1", Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fleet.tryLease(ROLLOUT, "i-1", Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tryLease_journalHasAHigherToken_givesALargerOne() throws Exception {
        Journal store = emptyStore();
        Fleet fleet = fleetOf(store);
        store.append(ROLLOUT, 0, 41, event("planned"));
        Fleet.Lease lease = leaseOf(fleet, "i-1", LONG);
        assertThat(lease.token()).isGreaterThan(41);

        store.append(ROLLOUT, 1, lease.token() + 5, event("started"));
        assertThat(leaseOf(fleet, "i-1", LONG).token())
                .as("its lease is outdated")
                .isGreaterThan(lease.token() + 5);
    }

    @Test
    void tryLease_manyAtOnce_oneHoldsIt() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        long last = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<Fleet.Lease> leases =
                    race(racer -> Optional.ofNullable(fleet.tryLease(ROLLOUT, "i-" + racer, LONG))).stream()
                            .flatMap(Optional::stream)
                            .toList();
            assertThat(leases).hasSize(1);
            Fleet.Lease lease = leases.get(0);
            assertThat(lease.token()).isGreaterThan(last);
            last = lease.token();
            fleet.release(lease);
        }
    }

    // ---- The lease and the journal.

    @Test
    void append_underTheLease_isTaken() throws Exception {
        Journal store = emptyStore();
        Fleet.Lease lease = leaseOf(fleetOf(store), "i-1", LONG);
        assertThat(store.append(ROLLOUT, 0, lease.token(), event("planned"))).isEqualTo(1);
        assertThat(store.append(ROLLOUT, 1, lease.token(), event("started"))).isEqualTo(2);
    }

    @Test
    void append_holderThatSlept_isRefusedThoughNobodyWroteSince() throws Exception {
        Journal store = emptyStore();
        Fleet fleet = fleetOf(store);
        Fleet.Lease slept = leaseOf(fleet, "i-1", aWhile());
        store.append(ROLLOUT, 0, slept.token(), event("planned"));
        pass(aWhile());
        Fleet.Lease lease = leaseOf(fleet, "i-2", LONG);

        assertThatThrownBy(() -> store.append(ROLLOUT, 1, slept.token(), event("exposed")))
                .isInstanceOf(Journal.ConflictException.class);
        assertThat(store.read(ROLLOUT)).hasSize(1);
        assertThat(store.append(ROLLOUT, 1, lease.token(), event("rolled-back")))
                .isEqualTo(2);
    }

    @Test
    void append_newlyJoinedOnly_rolloutHasNoEvents() throws Exception {
        Journal store = emptyStore();
        Fleet fleet = fleetOf(store);
        fleet.join("joined first", "i-1", "host");
        store.append("begun first", 0, 1, event("planned"));
        assertThat(store.rolloutIds()).containsExactly("begun first");
        assertThat(store.read("joined first")).isEmpty();

        store.append("joined first", 0, 1, event("planned"));
        assertThat(store.rolloutIds()).containsExactly("begun first", "joined first");
    }

    @Test
    void append_whileTheLeaseIsTakenOver_neverComesBehindTheNewHolder() throws Exception {
        Journal store = emptyStore();
        Fleet fleet = fleetOf(store);
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                Fleet.Lease old = leaseOf(fleet, "old", aWhile());
                CountDownLatch writing = new CountDownLatch(3);
                AtomicBoolean isOver = new AtomicBoolean();
                Future<Boolean> writer = pool.submit(() -> {
                    while (!isOver.get()) {
                        try {
                            store.append(ROLLOUT, store.read(ROLLOUT).size(), old.token(), event("old"));
                        } catch (Journal.ConflictException overtaken) {
                            // Tries on: a holder that does not know it yet.
                        }
                        writing.countDown();
                    }
                    return true;
                });
                writing.await();
                pass(aWhile());
                Fleet.Lease lease = leaseOf(fleet, "new", LONG);
                int before = store.read(ROLLOUT).size();
                for (int tries = 0; tries < 3; tries++) {
                    assertThat(store.read(ROLLOUT))
                            .as("nothing under the old token")
                            .hasSize(before);
                }
                store.append(ROLLOUT, before, lease.token(), event("new"));
                isOver.set(true);
                writer.get();
                List<Journal.Entry> entries = store.read(ROLLOUT);
                assertThat(entries).hasSize(before + 1);
                assertThat(entries).extracting(Journal.Entry::fencingToken).isSorted();
                fleet.release(lease);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    // ---- Pages.

    @Test
    void publish_pages_areReadByAll() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        assertThat(fleet.pages(ROLLOUT, null)).isEmpty();
        fleet.join(ROLLOUT, "i-1", "host");
        fleet.join(ROLLOUT, "i-2", "host");
        fleet.join("another", "i-1", "host");
        fleet.publish(ROLLOUT, "i-1", Map.of("counts", content("a"), "keys", content("b")));
        fleet.publish(ROLLOUT, "i-2", Map.of("counts", content("c")));
        fleet.publish("another", "i-1", Map.of("counts", content("d")));
        fleet.publish(ROLLOUT, "i-1", Map.of("counts", content("e"), "Counts", content("f"), "counts ", content("")));

        assertThat(texts(fleet.pages(ROLLOUT, null)))
                .containsOnly(
                        Map.entry("i-1/counts", "e"),
                        Map.entry("i-1/Counts", "f"),
                        Map.entry("i-1/counts ", ""),
                        Map.entry("i-1/keys", "b"),
                        Map.entry("i-2/counts", "c"));
    }

    @Test
    void publish_largestPage_isKeptByteByByte() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        fleet.join(ROLLOUT, "i-1", "host");
        byte[] bytes = new byte[65_536];
        for (int index = 0; index < bytes.length; index++) {
            bytes[index] = (byte) (index * 31 + (index >> 8));
        }
        String name = "n".repeat(200);
        fleet.publish(ROLLOUT, "i-1", Map.of(name, Fleet.Content.of(bytes)));
        assertThat(fleet.pages(ROLLOUT, null))
                .singleElement()
                .satisfies(page -> assertThat(page.name()).isEqualTo(name))
                .satisfies(page -> assertThat(page.content().bytes()).isEqualTo(bytes));
    }

    @Test
    void publish_pageTooLarge_isRefusedAndNothingIsReplaced() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        fleet.join(ROLLOUT, "i-1", "host");
        fleet.publish(ROLLOUT, "i-1", Map.of("a", content("before"), "z", content("before")));
        Map<String, Fleet.Content> pages =
                Map.of("a", content("after"), "m", Fleet.Content.of(new byte[65_537]), "z", content("after"));
        assertThatThrownBy(() -> fleet.publish(ROLLOUT, "i-1", pages))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65537")
                .hasMessageContaining("65536");
        assertThat(texts(fleet.pages(ROLLOUT, null)))
                .containsOnly(Map.entry("i-1/a", "before"), Map.entry("i-1/z", "before"));
    }

    @Test
    void publish_notJoined_isRefused() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        assertThatThrownBy(() -> fleet.publish(ROLLOUT, "i-1", Map.of("a", content("1"))))
                .isInstanceOf(RollbackException.class)
                .hasMessageContaining("i-1");
        assertThat(fleet.pages(ROLLOUT, null)).isEmpty();
    }

    @Test
    void pages_changedWithin_leavesOutWhatIsOlder() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        fleet.join(ROLLOUT, "i-1", "host");
        fleet.publish(ROLLOUT, "i-1", Map.of("old", content("1"), "changed", content("1"), "the same", content("1")));
        pass(aWhile());
        fleet.publish(ROLLOUT, "i-1", Map.of("changed", content("2"), "the same", content("1"), "new", content("1")));

        assertThat(texts(fleet.pages(ROLLOUT, aWhile())))
                .containsOnly(Map.entry("i-1/changed", "2"), Map.entry("i-1/new", "1"));
        assertThat(fleet.pages(ROLLOUT, LONG.plus(aWhile()))).hasSize(4);
        pass(aWhile());
        assertThat(fleet.pages(ROLLOUT, aWhile())).isEmpty();
        assertThat(fleet.pages(ROLLOUT, null)).hasSize(4);
    }

    @Test
    void publish_whileOthersRead_isSeenWholeOrNotAtAll() throws Exception {
        Fleet fleet = fleetOf(emptyStore());
        fleet.join(ROLLOUT, "i-1", "host");
        fleet.join(ROLLOUT, "i-2", "host");
        List<String> names = List.of("a", "b", "c", "d");
        int rounds = 30;
        AtomicBoolean isOver = new AtomicBoolean();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<Boolean>> readers = new ArrayList<>();
            for (int reader = 0; reader < 2; reader++) {
                readers.add(pool.submit(() -> {
                    int last = 0;
                    while (!isOver.get()) {
                        List<Integer> values = fleet.pages(ROLLOUT, null).stream()
                                .filter(page -> page.instance().equals("i-1"))
                                .map(page -> Integer.parseInt(text(page)))
                                .toList();
                        assertThat(values).size().isIn(0, names.size());
                        assertThat(new TreeSet<>(values)).hasSizeLessThan(2);
                        int value = values.isEmpty() ? 0 : values.get(0);
                        assertThat(value).isGreaterThanOrEqualTo(last);
                        last = value;
                    }
                    return true;
                }));
            }
            List<Future<Boolean>> writers = new ArrayList<>();
            for (String instance : List.of("i-1", "i-2")) {
                writers.add(pool.submit(() -> {
                    for (int round = 1; round <= rounds; round++) {
                        Map<String, Fleet.Content> pages = new TreeMap<>();
                        for (String name : names) {
                            pages.put(name, content(String.valueOf(round)));
                        }
                        fleet.publish(ROLLOUT, instance, pages);
                    }
                    return true;
                }));
            }
            for (Future<Boolean> writer : writers) {
                writer.get();
            }
            isOver.set(true);
            for (Future<Boolean> reader : readers) {
                reader.get();
            }
            assertThat(texts(fleet.pages(ROLLOUT, null)).values()).hasSize(8).containsOnly(String.valueOf(rounds));
        } finally {
            isOver.set(true);
            pool.shutdownNow();
        }
    }

    private interface Racer<T> {
        T run(int racer) throws Exception;
    }

    private static <T> List<T> race(Racer<T> body) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(RACERS);
        try {
            CyclicBarrier together = new CyclicBarrier(RACERS);
            List<Callable<T>> racers = new ArrayList<>();
            for (int racer = 0; racer < RACERS; racer++) {
                int number = racer;
                racers.add(() -> {
                    together.await();
                    return body.run(number);
                });
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : pool.invokeAll(racers)) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
