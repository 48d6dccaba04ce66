package io.github.rollback4j.test;

import static io.github.rollback4j.plan.Communication.Occasion.ASKED;
import static io.github.rollback4j.plan.Communication.Occasion.NEEDS_HUMAN;
import static io.github.rollback4j.plan.Communication.Occasion.NOT_STARTED;
import static io.github.rollback4j.plan.Communication.Occasion.PROMOTED;
import static io.github.rollback4j.plan.Communication.Occasion.RECOMMENDED;
import static io.github.rollback4j.plan.Communication.Occasion.ROLLBACK;
import static io.github.rollback4j.plan.Communication.Occasion.ROLLED_BACK;
import static io.github.rollback4j.plan.Communication.Occasion.SCOPE;
import static io.github.rollback4j.plan.Communication.Occasion.STARTED;
import static io.github.rollback4j.plan.Communication.Occasion.UPDATE;
import static io.github.rollback4j.signal.Signals.errorRate;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.rollback4j.plan.Communication;
import io.github.rollback4j.plan.Communication.Group;
import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.Rollouts;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Does what docs/communication.md shows, with a real receiver. All that stands there as Java stands here, too. */
class CommunicationPageTest {

    private static final String SECRET = "a secret of both sides";

    private final VirtualTime time = VirtualTime.create();
    private final Rollouts rollouts = time.rollouts(7).build();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final List<Boolean> genuine = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestMethod().equals("OPTIONS")) {
                // The preflight looks whether anybody is there.
                exchange.sendResponseHeaders(204, -1);
                exchange.close();
                return;
            }
            String timestamp = exchange.getRequestHeaders().getFirst("X-Rollback4j-Timestamp");
            String signature = exchange.getRequestHeaders().getFirst("X-Rollback4j-Signature");
            genuine.add(isGenuine(SECRET, timestamp, signature, body, Instant.now()));
            genuine.add(!isGenuine("another", timestamp, signature, body, Instant.now()));
            genuine.add(!isGenuine(SECRET, timestamp, signature, (timestamp + "x").getBytes(UTF_8), Instant.now()));
            genuine.add(
                    !isGenuine(SECRET, timestamp, signature, body, Instant.now().plusSeconds(600)));
            received.add(exchange.getRequestURI().getPath() + " "
                    + new String(body, UTF_8).replaceAll(".*\"occasion\":\"([^\"]+)\".*", "$1"));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        rollouts.close();
        server.stop(0);
    }

    private URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + path);
    }

    private RollbackPlan example() {
        URI pager = url("pager");
        URI phone = url("phone");
        URI chat = url("chat");
        URI statusPage = url("status-page");
        Supplier<String> secret = () -> SECRET;

        Communication people = Communication.of(
                Group.of("on-call", "on-call", Notifier.webhook("pager", pager, secret))
                        .orBy(Notifier.log("on-call"))
                        .on(RECOMMENDED, ROLLBACK, SCOPE, UPDATE, ASKED, NEEDS_HUMAN, ROLLED_BACK)
                        .acknowledgedWithin(Duration.ofMinutes(10), "lead"),
                Group.of("lead", "team lead", Notifier.webhook("phone", phone, secret))
                        .onlyWhenEscalated(),
                Group.of("support", "support", Notifier.webhook("chat", chat, secret)),
                Group.of("product-owner", "Product Owner", Notifier.webhook("chat", chat, secret))
                        .on(NOT_STARTED, STARTED, ROLLBACK, SCOPE, ASKED, ROLLED_BACK, PROMOTED),
                Group.of("customers", "customers", Notifier.webhook("status-page", statusPage, secret))
                        .on(ROLLBACK, UPDATE, ROLLED_BACK)
                        .after(Duration.ofMinutes(2))
                        .saying("{component} had a problem. {what}. Next update: {next-update}.")
                        .approvedBy("Product Owner"));

        RollbackPlan plan = RollbackPlan.from(Release.of("checkout", "1.4.2"))
                .to(Release.of("checkout", "1.5.0"))
                .watch(errorRate())
                .communication(people)
                .build();
        return plan;
    }

    private static boolean isGenuine(String secret, String timestamp, String signature, byte[] body, Instant now) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            mac.update((timestamp + ".").getBytes(UTF_8));
            byte[] expected = ("sha256=" + HexFormat.of().formatHex(mac.doFinal(body))).getBytes(UTF_8);
            boolean isGenuine = MessageDigest.isEqual(expected, signature.getBytes(UTF_8))
                    && Math.abs(now.getEpochSecond() - Long.parseLong(timestamp)) < 300;
            return isGenuine;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void example_anHourOfARollback_tellsEachGroupWhatIsItsOwn() {
        Rollout rollout = rollouts.start(example());
        rollout.rollBack("ann", "wrong prices");
        time.advance(Duration.ofMinutes(3));
        assertThat(rollout.status().messages())
                .filteredOn(Rollout.WaitingMessage::forApproval)
                .extracting(Rollout.WaitingMessage::text)
                .containsExactly(
                        "checkout had a problem. All calls are served by checkout 1.4.2 again; 1.5.0 has been taken back."
                                + " Next update: none is planned.",
                        "checkout had a problem. checkout 1.5.0 has been taken back; 1.4.2 serves all calls. Next update:"
                                + " none is planned.");
        rollout.approveMessage(rollout.id() + "/customers/rolled-back/1", "pia");
        time.advance(Duration.ofHours(1));
        assertThat(received)
                .containsExactlyInAnyOrder(
                        "/chat started",
                        "/pager rollback",
                        "/pager rolled-back",
                        "/pager scope",
                        "/phone rollback",
                        "/chat rollback",
                        "/chat rolled-back",
                        "/chat scope",
                        "/chat rollback",
                        "/chat rolled-back",
                        "/chat scope",
                        "/chat asked",
                        "/chat asked",
                        "/status-page rolled-back");
        assertThat(genuine).hasSize(4 * received.size()).containsOnly(true);
    }

    @Test
    void page_eachOccasion_hasItsRowWithItsSeverity() throws IOException {
        String page = Page.of("docs/communication.md").text();
        for (Occasion occasion : Occasion.values()) {
            assertThat(page)
                    .contains("| `" + occasion + "` | "
                            + occasion.severity().name().toLowerCase(Locale.ROOT) + " | ");
        }
    }

    @Test
    void page_everyLineOfJava_standsHere_andEveryCallExists() throws IOException {
        Page page = Page.of("docs/communication.md");
        page.assertJavaStandsIn(getClass(), 21);

        Matcher calls = Pattern.compile("`rollout\\.([a-zA-Z]+)\\(").matcher(page.text());
        List<String> methods = new ArrayList<>();
        while (calls.find()) {
            methods.add(calls.group(1));
        }
        assertThat(methods)
                .hasSize(2)
                .allSatisfy(method -> assertThat(Rollout.class.getMethods())
                        .extracting(Method::getName)
                        .contains(method));
    }
}
