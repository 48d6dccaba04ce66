package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.traffic.Tally;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;

class RolledOutTest {

    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withUserConfiguration(TestRollouts.class);

    static class Plain {

        final String tag = "new";

        @RolledOut(rollout = "quotes", stable = "oldQuote")
        String quote(@RolloutKey String customer) {
            return tag + "er";
        }

        String oldQuote(String customer) {
            return tag.isEmpty() ? "" : "old";
        }

        @RolledOut(rollout = "quotes", stable = "oldFailing")
        protected int failing(@RolloutKey long customer) throws Exception {
            throw new IOException("new");
        }

        protected int oldFailing(long customer) throws IOException {
            throw new IOException("old");
        }

        @RolledOut(rollout = "quotes", stable = "oldLater")
        public CompletionStage<String> later(@RolloutKey UUID customer) {
            return new CompletableFuture<>();
        }

        public CompletableFuture<String> oldLater(UUID customer) {
            return CompletableFuture.completedFuture("old");
        }

        @RolledOut(rollout = "quotes", stable = "oldNothing")
        public void nothing() {}

        public void oldNothing() {}
    }

    @Nested
    class Calls {

        @Test
        void call_keys_decideWhichMethod() {
            context.withBean(Plain.class).run(started -> {
                Plain bean = started.getBean(Plain.class);
                assertThat(List.of(bean.quote("new"), bean.quote("old"))).containsExactly("newer", "old");
                assertThat(bean.oldQuote("new")).isEqualTo("old");
                assertThat(bean.later(TestRollouts.NEW_ID)).isNotCompleted();
                assertThat(bean.later(TestRollouts.OLD_ID)).isCompletedWithValue("old");
                bean.nothing();
                Tally.Totals totals = ReleasePairTest.totals(started);
                // The candidate's stage has not come to its end.
                assertThat(List.of(totals.candidateApart(), totals.stableApart()))
                        .containsExactly(1L, 3L);
            });
        }

        @Test
        @Tag("R-7")
        void call_exceptionsOfEither_comeBackUnchanged() {
            context.withBean(Plain.class).run(started -> {
                Plain bean = started.getBean(Plain.class);
                assertThatThrownBy(() -> bean.failing(7))
                        .isExactlyInstanceOf(IOException.class)
                        .hasMessage("new");
                assertThatThrownBy(() -> bean.failing(8))
                        .isExactlyInstanceOf(IOException.class)
                        .hasMessage("old");
                assertThat(ReleasePairTest.totals(started).candidateApartFailures())
                        .isEqualTo(1);
                assertThat(ReleasePairTest.totals(started).stableApartFailures())
                        .isEqualTo(1);
            });
        }

        interface Service {
            @RolledOut(rollout = "quotes", stable = "oldQuote")
            String quote(@RolloutKey String customer);

            String oldQuote(String customer);
        }

        static final class FinalService implements Service {
            @Override
            public String quote(String customer) {
                return "newer";
            }

            @Override
            public String oldQuote(String customer) {
                return "old";
            }
        }

        @Test
        void call_finalClassWithInterface_isRoutedByTheInterface() {
            context.withBean(FinalService.class).run(started -> {
                Service bean = started.getBean(Service.class);
                assertThat(List.of(bean.quote("new"), bean.quote("old"))).containsExactly("newer", "old");
            });
        }

        @Scope(scopeName = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
        static class Scoped extends Plain {}

        @Test
        void call_scopedProxy_isCountedOnce() {
            context.withUserConfiguration(Scoped.class).run(started -> {
                assertThat(started.getBean("rolledOutTest.Calls.Scoped", Scoped.class)
                                .quote("new"))
                        .isEqualTo("newer");
                assertThat(ReleasePairTest.totals(started).candidateApart()).isEqualTo(1);
            });
        }

        @Configuration(proxyBeanMethods = false)
        static class TwoNames {

            @Bean
            Plain plain() {
                return new Plain();
            }

            @Bean
            Object same(Plain plain) {
                return plain;
            }
        }

        @Test
        void call_beanWithTwoNames_isCountedOnce() {
            context.withUserConfiguration(TwoNames.class).run(started -> {
                assertThat(started.getBean("plain", Plain.class).quote("new")).isEqualTo("newer");
                assertThat(ReleasePairTest.totals(started).candidateApart()).isEqualTo(1);
            });
        }

        @Test
        @EnabledForJreRange(min = JRE.JAVA_21)
        void call_onAVirtualThread_isRouted() throws Exception {
            var startVirtual = Thread.class.getMethod("startVirtualThread", Runnable.class);
            context.withBean(Plain.class).run(started -> {
                Plain bean = started.getBean(Plain.class);
                AtomicReference<String> quote = new AtomicReference<>("");
                Thread thread = (Thread) startVirtual.invoke(null, (Runnable) () -> quote.set(bean.quote("new")));
                thread.join();
                assertThat(quote).hasValue("newer");
                assertThat(ReleasePairTest.totals(started).candidateApart()).isEqualTo(1);
            });
        }
    }

    static class Missing {
        @RolledOut(rollout = "quotes", stable = "oldQoute")
        public String quote(String customer) {
            return "";
        }

        public String oldQuote(String customer) {
            return "";
        }
    }

    static class OtherParameters {
        @RolledOut(rollout = "quotes", stable = "old")
        public String quote(String customer) {
            return "";
        }

        public String old(long customer) {
            return "";
        }

        public String old(String customer, String more) {
            return "";
        }
    }

    static class OtherResult {
        @RolledOut(rollout = "quotes", stable = "old")
        public List<String> quote(String customer) {
            return List.of();
        }

        public List<Integer> old(String customer) {
            return List.of();
        }
    }

    static class OtherException {
        @RolledOut(rollout = "quotes", stable = "old")
        public String quote(String customer) {
            return "";
        }

        public String old(String customer) throws IOException {
            throw new IOException();
        }
    }

    static class Itself {
        @RolledOut(rollout = "quotes", stable = "quote")
        public String quote(String customer) {
            return "";
        }
    }

    static class Chain {
        @RolledOut(rollout = "quotes", stable = "older")
        public String quote() {
            return "";
        }

        @RolledOut(rollout = "quotes", stable = "oldest")
        public String older() {
            return "";
        }

        public String oldest() {
            return "";
        }
    }

    static class PrivateStable {
        @RolledOut(rollout = "quotes", stable = "old")
        public String quote() {
            return old();
        }

        private String old() {
            return "";
        }
    }

    static class FinalCandidate {
        @RolledOut(rollout = "quotes", stable = "old")
        public final String quote() {
            return "";
        }

        public String old() {
            return "";
        }
    }

    static final class FinalClass implements Runnable {
        @RolledOut(rollout = "quotes", stable = "old")
        @Override
        public void run() {}

        public void old() {}
    }

    static class Unconfigured {
        @RolledOut(rollout = "qoutes", stable = "old")
        public void run() {}

        public void old() {}
    }

    static class IdempotentStage {
        @RolledOut(rollout = "quotes", stable = "old", idempotent = true)
        public CompletionStage<String> later() {
            return new CompletableFuture<>();
        }

        public CompletionStage<String> old() {
            return new CompletableFuture<>();
        }
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        Missing.class,
                        "@RolledOut of RolledOutTest.Missing.quote (bean 'bean'): stable = \"oldQoute\" is no method of"
                                + " RolledOutTest.Missing, 'oldQuote' is the nearest"),
                Arguments.of(
                        OtherParameters.class,
                        "stable = \"old\" does not fit: public old(String, String) does not have the parameters of public"
                                + " quote(String); public old(long) does not"),
                Arguments.of(
                        OtherResult.class,
                        "public old(String) returns java.util.List<java.lang.Integer>, not java.util.List<java.lang.String>"),
                Arguments.of(
                        OtherException.class,
                        "public old(String) throws java.io.IOException, which public quote(String) does not declare"),
                Arguments.of(Itself.class, "public quote(String) is the candidate itself"),
                Arguments.of(Chain.class, "public older() is rolled out itself"),
                Arguments.of(PrivateStable.class, "private old() is private, static or final"),
                Arguments.of(FinalCandidate.class, "public final quote() is private, static or final"),
                Arguments.of(FinalClass.class, "public old() is in none of them"),
                Arguments.of(
                        Unconfigured.class,
                        "@RolledOut of RolledOutTest.Unconfigured.run (bean 'bean'): rollout 'qoutes' is not configured,"
                                + " 'quotes' is the nearest"),
                Arguments.of(IdempotentStage.class, "idempotent = true, but the method returns a CompletionStage"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    @Tag("R-12")
    void start_mistake_isNamed(Class<?> type, String message) {
        context.withBean("bean", type)
                .run(started -> assertThat(started.getStartupFailure()).hasStackTraceContaining(message));
    }
}
