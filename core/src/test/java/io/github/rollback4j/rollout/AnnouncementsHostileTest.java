package io.github.rollback4j.rollout;

import static io.github.rollback4j.rollout.ByHand.plan;
import static io.github.rollback4j.rollout.ByHand.way;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Communication.Group;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.strategy.RollbackStrategy.Done;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

@ExtendWith(NoComplaints.class)
@Timeout(60)
class AnnouncementsHostileTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";
    private static final Duration TICK = Duration.ofMillis(100);

    private final ByHand hand = new ByHand();
    private final Mailbox pager = new Mailbox(hand, "pager");
    private final Mailbox healthy = new Mailbox(hand, "healthy");
    private final Group onCall = Group.of("on-call", "on-call", pager).on(Occasion.ROLLBACK, Occasion.ROLLED_BACK);
    private final Group support = Group.of("support", "support", healthy).on(Occasion.ROLLBACK, Occasion.ROLLED_BACK);
    private Rollouts rollouts = hand.rollouts();

    private Rollout rolledBack(RollbackPlan.Builder plan, Group... groups) {
        Rollout rollout =
                rollouts.start(plan.communication(Communication.of(groups)).build());
        rollout.rollBack("ann", "wrong prices");
        hand.tick();
        return rollout;
    }

    private static RollbackPlan.Builder twoSteps() {
        return plan().thenRun(way("a", context -> Done.done("a"))).thenRun(way("b", context -> Done.done("b")));
    }

    @Nested
    @Tag("R-6")
    class Channels {

        @Test
        void send_throwsAnything_otherGroupsAndTheRollbackGoOn() {
            List<Throwable> thrown = new ArrayList<>(List.of(
                    new StackOverflowError(),
                    new OutOfMemoryError("no heap"),
                    new ThreadDeath(),
                    new IllegalStateException((String) null),
                    new InterruptedException(),
                    new IOException("  ")));
            pager.sending = message -> sneaky(thrown.remove(0));
            Rollout rollout = rolledBack(twoSteps(), onCall, support);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            hand.pass(Duration.ofMinutes(1));
            assertThat(thrown).isEmpty();
            assertThat(healthy.words()).containsExactly("rollback", "rolled-back");
        }

        @SuppressWarnings("unchecked")
        private static <X extends Throwable> void sneaky(Throwable thrown) throws X {
            throw (X) thrown;
        }

        @Test
        void send_hangs_otherGroupsAndTheRollbackGoOn() {
            List<String> log = new ArrayList<>();
            pager.sending = message -> {
                log.add("hangs");
                hand.pass(Duration.ofSeconds(45));
            };
            RollbackPlan.Builder plan = plan().thenRun(way("a", context -> {
                log.add("step");
                return Done.done("a");
            }));
            Rollout rollout = rolledBack(plan, onCall, support);
            assertThat(log).containsExactly("step", "hangs");
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            hand.pass(Duration.ofMinutes(10));
            assertThat(healthy.words()).containsExactly("rollback", "rolled-back");
            assertThat(healthy.at.get(0)).isLessThan(60);
        }

        @Test
        void send_callsTheRolloutBack_isNoDeadlock() {
            pager.sending = message -> {
                Rollout rollout = rollouts.all().get(0);
                assertThat(rollout.status().state().phase()).isEqualTo(Phase.ROLLED_BACK);
                rollouts.allToStable("ann", "sure is sure");
            };
            rolledBack(twoSteps(), onCall);
            hand.pass(TICK);
            assertThat(pager.words()).containsExactly("rollback", "rolled-back");
        }

        @Test
        void hundredGroups_areAllTold() {
            Group[] groups = IntStream.range(0, 100)
                    .mapToObj(i -> Group.of("g" + i, "group " + i, new Mailbox(hand, "m"))
                            .on(Occasion.ROLLBACK))
                    .toArray(Group[]::new);
            Rollout rollout = rolledBack(twoSteps(), groups);
            assertThat(rollout.state().phase()).isEqualTo(Phase.ROLLED_BACK);
            hand.pass(Duration.ofSeconds(1));
            assertThat(groups).allMatch(group -> ((Mailbox) group.channels().get(0)).sent.size() == 1);
            assertThat(hand.types(ID)).filteredOn("notified"::equals).hasSize(100);
        }

        /** The threads come back late: what was given up in the meantime must not keep its place among the sixteen. */
        @Test
        void hundredGroups_noThreadComesBackForLong_allAreToldInTheEnd() {
            Group[] groups = IntStream.range(0, 100)
                    .mapToObj(i -> Group.of("g" + i, "group " + i, new Mailbox(hand, "m"))
                            .on(Occasion.ROLLBACK, Occasion.ROLLED_BACK))
                    .toArray(Group[]::new);
            Rollout rollout = rollouts.start(
                    plan().communication(Communication.of(groups)).build());
            rollout.rollBack("ann", "wrong prices");
            hand.hold();
            hand.pass(Duration.ofSeconds(40));
            hand.release();
            hand.pass(Duration.ofMinutes(1));
            assertThat(groups).allMatch(group -> ((Mailbox) group.channels().get(0)).sent.size() == 2);
        }

        /** Threads that are real, so that they hang beside each other, in a time that is not. */
        @Test
        void hundredGroupsHang_theOneThatDoesNot_isToldWithinFiveMinutes() {
            CountDownLatch never = new CountDownLatch(1);
            Set<Thread> hanging = ConcurrentHashMap.newKeySet();
            List<Thread> threads = new CopyOnWriteArrayList<>();
            Runnable settled = () -> {
                while (threads.stream()
                        .anyMatch(each -> each.isAlive() && (!hanging.contains(each) || each.isInterrupted()))) {
                    Thread.onSpinWait();
                }
                threads.removeIf(each -> !each.isAlive());
            };
            rollouts.close();
            rollouts = hand.builder()
                    .executor(task -> {
                        Thread thread = new Thread(task);
                        threads.add(thread);
                        thread.start();
                    })
                    .build();
            List<Group> groups = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Mailbox hangs = new Mailbox(hand, "hangs");
                hangs.sending = message -> {
                    hanging.add(Thread.currentThread());
                    try {
                        never.await();
                    } finally {
                        hanging.remove(Thread.currentThread());
                    }
                };
                groups.add(Group.of("g" + i, "group " + i, hangs).on(Occasion.ROLLBACK));
            }
            groups.add(support);
            Rollout rollout = rollouts.start(
                    plan().communication(new Communication(groups)).build());
            rollout.rollBack("ann", "wrong prices");
            for (int second = 0; second < 300 && healthy.sent.isEmpty(); second++) {
                hand.pass(Duration.ofSeconds(1));
                settled.run();
            }
            never.countDown();
            assertThat(healthy.words()).startsWith("rollback");
        }

        @Test
        void pool_takesNothing_isNoFailureOfTheChannels_untilFiveMinutesAreOver() {
            Rollout rollout = rollouts.start(plan().communication(Communication.of(onCall.on(Occasion.ROLLBACK)))
                    .build());
            rollout.rollBack("ann", "wrong prices");
            hand.poolRejects = true;
            hand.pass(Duration.ofMinutes(4));
            hand.poolRejects = false;
            hand.pass(Duration.ofSeconds(2));
            assertThat(pager.ids()).containsExactly("on-call/rollback/1");

            Rollout second = rollouts.retry(rollout.plan(), "ann", "again");
            second.rollBack("ann", "wrong prices");
            hand.poolRejects = true;
            hand.pass(Duration.ofMinutes(6));
            hand.poolRejects = false;
            hand.pass(Duration.ofSeconds(2));
            assertThat(pager.ids()).hasSize(1);
            assertThat(hand.memory.read(second.id()))
                    .extracting(entry -> entry.event().data().get("error"))
                    .contains("no thread was free");
        }

        @Test
        void journal_isAway_peopleAreToldAllTheSame() {
            Rollout rollout = rollouts.start(
                    plan().communication(Communication.of(onCall)).build());
            hand.journal.refuses = event -> true;
            rollout.rollBack("ann", "wrong prices");
            hand.pass(Duration.ofSeconds(1));
            assertThat(pager.words()).containsExactly("rollback", "rolled-back");
            hand.journal.refuses = event -> false;
            hand.pass(Duration.ofSeconds(3));
            assertThat(hand.types(ID)).endsWith("decided", "rolled-back", "notified", "notified");
        }

        @Test
        void moreThanAHundredWait_theOldestAreGivenUp() {
            pager.sending = message -> {
                throw new Notifier.NotSentException("busy", Duration.ofMinutes(5));
            };
            Rollout rollout =
                    rollouts.start(plan().communication(Communication.of(onCall.on(Occasion.ASKED, Occasion.ROLLBACK)))
                            .build());
            rollout.rollBack("ann", "wrong prices");
            for (int i = 0; i < 250; i++) {
                int step = i;
                rollout.lifecycle()
                        .locked(() -> rollout.lifecycle().emit(new RolloutEvent.StepAsked("s" + step, "do it")));
            }
            hand.tick();
            assertThat(hand.memory.read(ID))
                    .filteredOn(entry -> entry.event().type().equals("not-notified"))
                    .hasSize(151)
                    .allSatisfy(entry -> assertThat(entry.event().data())
                            .containsEntry("error", "more than 100 messages were waiting"));
        }

        @Test
        void clock_throwsOrJumps_peopleAreTold() {
            boolean[] broken = {false};
            rollouts.close();
            rollouts = hand.builder()
                    .clock(() -> {
                        if (broken[0]) {
                            throw new IllegalStateException("no clock");
                        }
                        return ByHand.NOON.plusSeconds(hand.nanos % 2 == 0 ? 0 : 1_000_000_000);
                    })
                    .build();
            Rollout rollout = rollouts.start(
                    plan().communication(Communication.of(onCall)).build());
            broken[0] = true;
            rollout.rollBack("ann", "wrong prices");
            hand.pass(Duration.ofSeconds(1));
            assertThat(pager.words()).containsExactly("rollback", "rolled-back");
        }
    }

    @Nested
    class Text {

        private static final String HOSTILE =
                "a\r\nb\u2028c\u0000d\u001b[31m\u009be\u202Ef\u2066g\u200B <script>{why}{x}"
                        + " **b** `c` \ud83d ${jndi:ldap://x} %s";

        private List<Notifier.Message> told(String reason) {
            Rollout rollout = rollouts.start(twoSteps()
                    .criteria(new RollbackPlan.Criteria("", HOSTILE, "", HOSTILE))
                    .touches(RollbackPlan.Touched.Kind.CACHE, HOSTILE, "")
                    .communication(Communication.of(
                            onCall.acknowledgedWithin(Duration.ofMinutes(1), "support"),
                            support.saying("{what}|{why}|{data-loss}|{rollout}")))
                    .build());
            rollout.rollBack("ann", reason);
            rollout.lifecycle()
                    .locked(() ->
                            rollout.lifecycle().emit(new RolloutEvent.GateClosed("database", "a", "ask", reason)));
            hand.pass(Duration.ofMinutes(2));
            List<Notifier.Message> all = new ArrayList<>(pager.sent);
            all.addAll(healthy.sent);
            assertThat(all).hasSizeGreaterThan(4);
            return all;
        }

        @Test
        void message_hostileReason_isPlainText_oneLineAPart() {
            assertThat(told(HOSTILE)).allSatisfy(message -> {
                assertThat(message.subject()).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
                assertThat(message.text().replace("\n", ""))
                        .doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
            });
            assertThat(pager.last(Occasion.ROLLBACK).text().lines())
                    .as("no line that is not the library's")
                    .allMatch(line -> line.startsWith("All calls are served by checkout 1.4.2")
                            || line.matches(
                                    "(When|Why|Steps after the traffic|Next word|Acknowledge within 1 min|Questions"
                                            + "|Rollout): .*"))
                    .filteredOn(line -> line.startsWith("Why: "))
                    .containsExactly("Why: a person decided it: a b c d [31m e f g  <script>{why}{x} **b** `c`  "
                            + " ${jndi:ldap://x} %s");
        }

        @Test
        void message_veryLongReason_isClipped_notInTheMiddleOfACharacter() {
            assertThat(told("😀".repeat(200_000))).allSatisfy(message -> {
                assertThat(message.text().length()).isLessThan(4100);
                assertThat(message.subject().length()).isLessThan(600);
                assertThat(message.text()).doesNotContainPattern("[\\ud800-\\udbff](?![\\udc00-\\udfff])");
            });
        }

        @Test
        void log_hostileTextOfADraft_isNotInIt() {
            ListAppender<ILoggingEvent> log = new ListAppender<>();
            Logger logger = (Logger) LoggerFactory.getLogger(Rollout.class);
            log.start();
            logger.addAppender(log);
            rolledBack(plan(), onCall.approvedBy("Product Owner").saying("line\nline"));
            logger.detachAppender(log);
            assertThat(log.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .contains(ID
                            + ": a message to on-call waits for approval by Product Owner. It stands in the status; to"
                            + " send it: approveMessage(\"" + ID + "/on-call/rollback/1\", by)")
                    .noneMatch(line -> line.contains("\n"));
        }
    }

    @Nested
    @Tag("R-10")
    class Secrets {

        private static final String URL_SECRET = "url-s3cret";
        private static final String SIGNING_SECRET = "s1gning-secret";

        /** Real posts, to a server that repeats what it was asked and to one that is not there. */
        @Test
        void webhooks_whateverHappens_showNothingAnywhere() throws Exception {
            ListAppender<ILoggingEvent> log = new ListAppender<>();
            Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
            Level level = root.getLevel();
            ExecutorService threads = Executors.newCachedThreadPool();
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                String target = exchange.getRequestURI().toString();
                exchange.getResponseHeaders().set("Location", target);
                exchange.getResponseHeaders().set("Retry-After", target);
                exchange.sendResponseHeaders(503, -1);
                exchange.close();
            });
            int closed;
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                closed = socket.getLocalPort();
            }
            StringWriter shown = new StringWriter();
            PrintWriter lines = new PrintWriter(shown, true);
            log.start();
            root.addAppender(log);
            root.setLevel(Level.DEBUG);
            server.start();
            try {
                Group group = onCall.on(Occasion.ROLLBACK, Occasion.SCOPE)
                        .acknowledgedWithin(Duration.ofMinutes(1), "support");
                group = new Group(
                        group.name(),
                        group.role(),
                        List.of(
                                hook("refused", server.getAddress().getPort(), SIGNING_SECRET),
                                hook("closed", closed, SIGNING_SECRET),
                                hook("unreadable", closed, "")),
                        group.occasions(),
                        "",
                        Duration.ZERO,
                        null,
                        "",
                        group.acknowledgeWithin(),
                        group.escalateTo());
                Rollout rollout = rolledBack(plan(), group, support);
                hand.pass(Duration.ofMinutes(6));
                lines.println(rollout.plan().describe());
                lines.println(group);
                lines.println(rollout.status());
                lines.println(healthy.tried);
                for (Journal.Entry entry : hand.memory.read(ID)) {
                    lines.println(entry);
                }
                catchThrowable(() -> rollout.acknowledgeMessage("nobody", "bob"))
                        .printStackTrace(lines);
                catchThrowable(() -> rollouts.start(plan().build()));
                Thread.getAllStackTraces().keySet().forEach(thread -> lines.println(thread.getName()));
                log.list.forEach(line -> lines.println(line.getFormattedMessage()));
            } finally {
                server.stop(0);
                threads.shutdownNow();
                root.setLevel(level);
                root.detachAppender(log);
            }
            assertThat(hand.memory.read(ID))
                    .filteredOn(entry -> entry.event().type().equals("not-notified"))
                    .extracting(entry -> entry.event().data().get("channel"))
                    .contains("refused", "closed", "unreadable");
            assertThat(healthy.tried).as("told on, since nobody could be told").isNotEmpty();
            assertThat(shown.toString())
                    .contains("http://127.0.0.1 answered 503")
                    .doesNotContain(URL_SECRET, SIGNING_SECRET, "/hooks", "sha256=");
        }

        private Notifier hook(String name, int port, String secret) {
            URI url = URI.create("http://127.0.0.1:" + port + "/hooks/" + URL_SECRET + "?token=" + URL_SECRET);
            return Notifier.webhook(name, url, () -> {
                if (secret.isEmpty()) {
                    throw new IllegalStateException("vault token " + SIGNING_SECRET);
                }
                return secret;
            });
        }
    }
}
