package io.github.rollback4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.metrics.RolloutMetrics;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.planfile.PlanFile;
import io.github.rollback4j.report.PostMortem;
import io.github.rollback4j.report.Runbook;
import io.github.rollback4j.report.Timeline;
import io.github.rollback4j.reports.Csv;
import io.github.rollback4j.reports.HtmlPage;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Secrets planted in every place that takes one, in a rollback in which everything fails that uses them, and looked for in everything
 * that anybody can see.
 */
@Tag("R-10")
class SecretsTest {

    private static final String ID = "checkout:1.4.2..1.5.0#1";

    /** Each has letters in an order that nothing else has. */
    private static final Map<String, String> PLANTED = Map.of(
            "URL_PATH", "xq-url-path-7f3a",
            "URL_QUERY", "xq-url-query-7f3a",
            "SIGNING", "xq-signing-7f3a",
            "COMMAND", "xq-command-7f3a",
            "PAGER_URL", "xq-pager-url-7f3a",
            "PAGER_SIGNING", "xq-pager-signing-7f3a",
            "DATABASE", "xq-database-7f3a");

    private static final String MARK = "7f3a";

    @TempDir
    private Path folder;

    private final StringWriter seen = new StringWriter();
    private final PrintWriter lines = new PrintWriter(seen, true);
    private final Set<String> threads = ConcurrentHashMap.newKeySet();
    private final Set<String> received = ConcurrentHashMap.newKeySet();

    /** Answers what it was asked, as bad targets do, and refuses. */
    private HttpServer parrot() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            String asked = exchange.getRequestURI() + " " + Map.copyOf(exchange.getRequestHeaders());
            received.add(exchange.getRequestMethod() + " " + asked);
            byte[] answer = asked.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders()
                    .set("Location", exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(exchange.getRequestMethod().equals("POST") ? 500 : 200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    private Path planFile(int port) throws IOException {
        return Files.writeString(folder.resolve("plan.yaml"), """
                component: checkout
                stable: {version: 1.4.2}
                candidate: {version: 1.5.0}
                strategy:
                  canary: {steps: [10], bake: 10m, then: hold}
                signals:
                  - error-rate: {}
                steps:
                  - run:
                      webhook:
                        name: deploy
                        url: "http://127.0.0.1:%1$d/${env:URL_PATH}?token=${env:URL_QUERY}"
                        secret: "${env:SIGNING}"
                    attempts: 2
                    pause: 10ms
                    or-else:
                      command:
                        name: script
                        command-line: [/bin/sh, -c, "echo $TOKEN; echo $TOKEN >&2; exit 3"]
                        environment: {TOKEN: "${env:COMMAND}"}
                communication:
                  groups:
                    - name: on-call
                      role: on-call engineer
                      channels:
                        - webhook:
                            name: pager
                            url: "http://127.0.0.1:%1$d/${env:PAGER_URL}"
                            secret: "${env:PAGER_SIGNING}"
                      occasions: [rollback, needs-human]
                """.formatted(port));
    }

    private RollbackPlan plan(Path file) {
        return PlanFile.reader().environment(PLANTED::get).read(file);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(10_000_000);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private void see(Throwable thrown) {
        thrown.printStackTrace(lines);
    }

    private void seeThreads() {
        Thread.getAllStackTraces().keySet().forEach(thread -> threads.add(thread.getName()));
    }

    private void run(String url, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(out, true, StandardCharsets.UTF_8);
        Map<String, String> environment = Map.of(
                "ROLLBACK4J_STORE",
                url,
                "ROLLBACK4J_STORE_USER",
                "sa",
                "ROLLBACK4J_STORE_PASSWORD",
                PLANTED.get("DATABASE"),
                "USER",
                "ann");
        Main.run(words, both, both, name -> environment.getOrDefault(name, PLANTED.get(name)));
        String said = out.toString(StandardCharsets.UTF_8);
        assertThat(said).as(String.join(" ", words)).isNotBlank();
        lines.println(said);
    }

    @Test
    void planted_inAllThatTakesOne_areSeenNowhere() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Logger library = (Logger) LoggerFactory.getLogger("io.github.rollback4j");
        Level before = library.getLevel();
        log.start();
        root.addAppender(log);
        library.setLevel(Level.TRACE);
        String url = "jdbc:h2:" + folder.resolve("service") + ";AUTO_SERVER=TRUE";
        JdbcDataSource database = new JdbcDataSource();
        database.setURL(url);
        database.setUser("sa");
        database.setPassword(PLANTED.get("DATABASE"));
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        HttpServer server = parrot();
        Path file = planFile(server.getAddress().getPort());
        RollbackPlan plan = plan(file);
        try (JdbcStore store = JdbcStore.over(database).build();
                Rollouts rollouts =
                        Rollouts.builder().journal(store).host("service").build()) {
            Rollout rollout = rollouts.start(plan);
            RolloutMetrics metrics = new RolloutMetrics(rollouts);
            metrics.bindTo(meters);
            await(() -> rollout.state().phase() == Phase.RUNNING);
            lines.println(rollouts.drill(plan, "ann").get());
            rollout.rollBack("ann", "wrong prices");
            await(() -> {
                seeThreads();
                return rollout.state().phase() == Phase.NEEDS_HUMAN;
            });
            await(() -> rollout.status().messages().isEmpty()
                    && store.read(ID).stream()
                            .anyMatch(entry -> entry.event().type().equals("not-notified")));
            see(catchThrowable(() -> rollout.acknowledge("nothing", "ann", "nothing")));
            see(catchThrowable(() -> rollouts.start(plan(file.resolveSibling("nowhere.yaml")))));
            lines.println(rollout.status());
            lines.println(rollout + " " + rollouts + " " + store + " " + plan + " " + plan.describe());
            PostMortem postMortem = PostMortem.of(store.read(ID));
            lines.println(postMortem.document().markdown());
            lines.println(HtmlPage.of(postMortem.document()).html());
            lines.println(HtmlPage.of(Runbook.of(plan)).html());
            lines.println(HtmlPage.of(Runbook.criteriaSheet(plan)).html());
            lines.println(Csv.timeline(Timeline.of(store.read(ID))));
            for (String command : new String[] {"status", "timeline", "post-mortem"}) {
                run(url, command, ID);
            }
            for (String command : new String[] {"check", "runbook", "criteria"}) {
                run(url, command, file.toString());
            }
            run(url + ";IFEXISTS=TRUE;INIT=nonsense", "status");
            JdbcDataSource wrong = new JdbcDataSource();
            wrong.setURL(url);
            wrong.setUser("sa");
            wrong.setPassword(PLANTED.get("DATABASE") + "x");
            try (JdbcStore refused = JdbcStore.over(wrong).build()) {
                see(catchThrowable(refused::prepare));
            }
        } finally {
            server.stop(0);
            library.setLevel(before);
            root.detachAppender(log);
        }
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : new String[] {"rollout", "event", "member", "store"}) {
                try (ResultSet rows = statement.executeQuery("select * from rollback4j_" + table)) {
                    while (rows.next()) {
                        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                            lines.println(rows.getString(i));
                        }
                    }
                }
            }
        }
        meters.getMeters().forEach(meter -> lines.println(meter.getId()));
        threads.forEach(lines::println);
        for (ILoggingEvent event : log.list) {
            lines.println(event.getLoggerName() + " " + event.getFormattedMessage() + event.getMDCPropertyMap());
            if (event.getThrowableProxy() != null) {
                lines.println(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        }

        assertThat(received)
                .as("the secrets were used, so that the targets could tell them")
                .anyMatch(asked ->
                        asked.startsWith("POST /" + PLANTED.get("URL_PATH") + "?token=" + PLANTED.get("URL_QUERY")))
                .anyMatch(asked -> asked.startsWith("POST /" + PLANTED.get("PAGER_URL")));
        assertThat(seen.toString())
                .as("what was looked through")
                .contains("step-failed", "exit code 3", "answered 500", "NEEDS A HUMAN", "rollback4j.", "acknowledge");
        assertThat(seen.toString()).doesNotContain(MARK);
    }
}
