package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.annotation.Order;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Parameter, resolver, user, header: the first that knows counts. */
class RolloutKeyTest {

    private final ApplicationContextRunner context = new ApplicationContextRunner()
            .withUserConfiguration(TestRollouts.class)
            .withPropertyValues("rollback4j.key-header=X-Customer")
            .withBean(Shop.class);

    public static class Shop {

        @RolledOut(rollout = "quotes", stable = "old")
        public String quote(@RolloutKey @Nullable String customer) {
            return "new";
        }

        public String old(@Nullable String customer) {
            return "old";
        }
    }

    @Order(1)
    static class First implements RolloutKeyResolver {
        @Override
        public @Nullable Object keyOf(String rollout, Method method, @Nullable Object[] arguments) {
            return method.getName().equals("quote") && rollout.equals("quotes") && arguments.length == 1 ? 7 : null;
        }
    }

    @Order(2)
    static class Second implements RolloutKeyResolver {
        @Override
        public Object keyOf(String rollout, Method method, @Nullable Object[] arguments) {
            return 8L;
        }
    }

    @AfterEach
    void leave() {
        SecurityContextHolder.clearContext();
        RequestContextHolder.resetRequestAttributes();
    }

    private static void user(String name) {
        SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken(name, "secret", "USER"));
    }

    private static void header(String value) {
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.addHeader("X-Customer", value);
        RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(request));
    }

    @Test
    void key_parameterGiven_winsOverAll() {
        user("new");
        header("new");
        context.withBean(First.class)
                .run(started ->
                        assertThat(started.getBean(Shop.class).quote("old")).isEqualTo("old"));
    }

    @Test
    void key_severalResolvers_theFirstInOrderCounts() {
        user("old");
        context.withBean(Second.class)
                .withBean(First.class)
                .run(started ->
                        assertThat(started.getBean(Shop.class).quote(null)).isEqualTo("new"));
        user("new");
        context.withBean(Second.class)
                .run(started ->
                        assertThat(started.getBean(Shop.class).quote(null)).isEqualTo("old"));
    }

    @Test
    void key_authenticatedUser_comesBeforeTheHeader() {
        user("new");
        header("old");
        context.run(
                started -> assertThat(started.getBean(Shop.class).quote(null)).isEqualTo("new"));
    }

    @Test
    void key_anonymousOrUnauthenticatedUser_isNone() {
        SecurityContextHolder.getContext()
                .setAuthentication(new AnonymousAuthenticationToken(
                        "new", "new", AuthorityUtils.createAuthorityList("ANONYMOUS")));
        context.run(started -> {
            assertThat(started.getBean(Shop.class).quote(null)).isEqualTo("old");
            SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("new", "secret"));
            SecurityContextHolder.getContext().getAuthentication().setAuthenticated(false);
            assertThat(started.getBean(Shop.class).quote(null)).isEqualTo("old");
        });
    }

    @Test
    void key_header_isTheLast() {
        header("new");
        context.run(
                started -> assertThat(started.getBean(Shop.class).quote(null)).isEqualTo("new"));
    }

    @Test
    void key_headerNotConfigured_isNotRead() {
        header("new");
        context.withPropertyValues("rollback4j.key-header=")
                .run(started ->
                        assertThat(started.getBean(Shop.class).quote(null)).isEqualTo("old"));
    }

    @Test
    void key_noSecurityAndNoWebOnTheClassPath_isNone() {
        context.withClassLoader(new FilteredClassLoader("org.springframework.security", "org.springframework.web"))
                .run(started -> {
                    user("new");
                    header("new");
                    assertThat(started.getBean(Shop.class).quote(null)).isEqualTo("old");
                });
    }

    static class Throwing implements RolloutKeyResolver {
        @Override
        public Object keyOf(String rollout, Method method, @Nullable Object[] arguments) {
            throw new IllegalStateException("no tenant");
        }
    }

    static class OfAnotherType implements RolloutKeyResolver {
        @Override
        public Object keyOf(String rollout, Method method, @Nullable Object[] arguments) {
            return new StringBuilder("secret-customer");
        }
    }

    @Test
    @Tag("R-6")
    @Tag("R-10")
    void key_resolverThrowsOrGivesAnotherType_isPassedOverAndSaidOnce() {
        Logger logger = (Logger) LoggerFactory.getLogger(CallKeys.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            header("new");
            context.withBean(Throwing.class).withBean(OfAnotherType.class).run(started -> {
                for (int i = 0; i < 3; i++) {
                    assertThat(started.getBean(Shop.class).quote(null)).isEqualTo("new");
                }
            });
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .hasSize(2)
                .extracting(ILoggingEvent::getFormattedMessage)
                .noneMatch(message -> message.contains("secret-customer"))
                .anyMatch(message -> message.contains("Throwing threw for Shop.quote"))
                .anyMatch(message -> message.contains("gave a java.lang.StringBuilder"));
    }
}
