package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.traffic.Subject;
import io.github.rollback4j.traffic.Tally;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.aot.BeanInstanceSupplier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.core.ResolvableType;
import org.springframework.core.io.InputStreamSource;
import org.springframework.javapoet.ClassName;

class ReleasePairTest {

    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withUserConfiguration(TestRollouts.class);

    interface Quotes {

        String quote(@RolloutKey String customer);

        default String greeting(@RolloutKey String customer) {
            return "dear customer of " + quote(customer);
        }

        default CompletionStage<String> later(@RolloutKey String customer) {
            return CompletableFuture.completedFuture(quote(customer));
        }

        default String failing(@RolloutKey String customer) throws IOException {
            throw new IOException(quote(customer));
        }

        default int unkeyed() {
            return quote("").length();
        }
    }

    static class Old implements Quotes {
        @Override
        public String quote(String customer) {
            return "old";
        }
    }

    static class New extends Old {
        @Override
        public String quote(String customer) {
            return "newer";
        }
    }

    @StableRelease("quotes")
    static class StableQuotes extends Old {}

    @CandidateRelease("quotes")
    static class CandidateQuotes extends StableQuotes {
        @Override
        public String quote(String customer) {
            return "newer";
        }
    }

    static class Caller {

        @Autowired
        Quotes one;

        @Autowired
        List<Quotes> all;

        @Autowired
        Set<Quotes> set;

        @Autowired
        Quotes[] array;

        @Autowired
        Map<String, Quotes> named;

        @Autowired
        Optional<Quotes> optional;

        @Autowired
        ObjectProvider<Quotes> provider;

        @Autowired
        ObjectProvider<List<Quotes>> providerOfAll;

        @Autowired
        @Lazy
        Quotes lazy;

        @Autowired
        @Qualifier("stableQuotes")
        Quotes stable;

        @Autowired
        @Qualifier("candidateQuotes")
        Quotes candidate;

        final Quotes constructed;
        final List<Quotes> constructedAll;

        Caller(Quotes constructed, List<Quotes> constructedAll) {
            this.constructed = constructed;
            this.constructedAll = constructedAll;
        }
    }

    private ApplicationContextRunner shop() {
        return context.withBean("stableQuotes", StableQuotes.class)
                .withBean("candidateQuotes", CandidateQuotes.class)
                .withBean(Caller.class);
    }

    @Nested
    class Injection {

        @Test
        void injected_oneWanted_isRouted() {
            shop().run(started -> {
                Caller caller = started.getBean(Caller.class);
                Quotes routed = started.getBean(Quotes.class);
                assertThat(caller.one).isSameAs(routed);
                assertThat(caller.constructed).isSameAs(routed);
                assertThat(caller.optional).containsSame(routed);
                assertThat(caller.provider.getObject()).isSameAs(routed);
                assertThat(caller.provider.getIfAvailable()).isSameAs(routed);
                assertThat(caller.provider.getIfUnique()).isSameAs(routed);
                assertThat(caller.lazy.quote("new")).isEqualTo("newer");
                assertThat(routed.quote("new")).isEqualTo("newer");
                assertThat(routed.quote("old")).isEqualTo("old");
            });
        }

        @Test
        void injected_allWanted_areTheTwoReleasesAlone() {
            shop().run(started -> {
                Caller caller = started.getBean(Caller.class);
                Object stable = started.getBean("stableQuotes");
                Object candidate = started.getBean("candidateQuotes");
                assertThat(caller.all).containsExactlyInAnyOrder((Quotes) stable, (Quotes) candidate);
                assertThat(caller.constructedAll).hasSize(2);
                assertThat(caller.set).hasSize(2);
                assertThat(caller.array).hasSize(2);
                assertThat(caller.named).containsOnlyKeys("stableQuotes", "candidateQuotes");
                assertThat(caller.providerOfAll.getObject()).hasSize(2);
                assertThat(caller.provider.stream()).hasSize(2);
                assertThat(caller.provider.orderedStream()).hasSize(2);
                assertThat(new ArrayList<>(caller.provider.stream().toList())).contains((Quotes) stable);
            });
        }

        @Test
        void lookedUp_byType_isTheRoutedOneAndAllAreThree() {
            shop().run(started -> {
                assertThat(started.getBean(Quotes.class).quote("new")).isEqualTo("newer");
                // Not what is injected: Spring asks nobody there.
                assertThat(started.getBeansOfType(Quotes.class)).hasSize(3);
                assertThat(started.getBeanProvider(Quotes.class).stream()).hasSize(3);
            });
        }

        @Test
        void injected_byName_isThatRelease() {
            shop().run(started -> {
                assertThat(started.getBean(Caller.class).stable.quote("new")).isEqualTo("old");
                assertThat(started.getBean(Caller.class).candidate.quote("old")).isEqualTo("newer");
            });
        }

        interface Prices {
            int price(@RolloutKey String customer);
        }

        interface Discounts {
            int discount(@RolloutKey String customer);
        }

        @StableRelease("quotes")
        static class OldPrices implements Prices, Discounts {
            @Override
            public int price(String customer) {
                return 1;
            }

            @Override
            public int discount(String customer) {
                return 10;
            }
        }

        @CandidateRelease("quotes")
        static class NewPrices implements Discounts, Prices {
            @Override
            public int price(String customer) {
                return 2;
            }

            @Override
            public int discount(String customer) {
                return 20;
            }
        }

        @Test
        void injected_severalInterfacesAndServicesOfOneRelease_eachIsRouted() {
            shop().withBean(OldPrices.class).withBean(NewPrices.class).run(started -> {
                assertThat(started.getBean(Prices.class).price("new")).isEqualTo(2);
                assertThat(started.getBean(Discounts.class).discount("new")).isEqualTo(20);
                assertThat(started.getBean(Discounts.class).discount("old")).isEqualTo(10);
                assertThat(started.getBean(Quotes.class).quote("new")).isEqualTo("newer");
            });
        }

        @Configuration(proxyBeanMethods = false)
        static class Functions {

            @Bean
            @StableRelease("quotes")
            Function<String, Integer> oldLength() {
                return word -> word.length();
            }

            @Bean
            @CandidateRelease("quotes")
            Function<String, Integer> newLength() {
                return word -> -word.length();
            }

            @Bean
            Function<Integer, Integer> otherFunction() {
                return number -> number;
            }

            @Bean
            RolloutKeyResolver keys() {
                return (rollout, method, arguments) -> arguments[0];
            }

            @Bean
            String lengths(Function<String, Integer> length) {
                return "" + length.apply("new") + length.apply("old");
            }
        }

        @Test
        void injected_methodsOfConfigurationAndTypeArguments_isTheRoutedOneOfThatType() {
            context.withUserConfiguration(Functions.class).run(started -> {
                @SuppressWarnings("unchecked")
                Function<String, Integer> routed = started.getBean("rollback4j.quotes.Function", Function.class);
                assertThat(routed.apply("new")).isEqualTo(-3);
                assertThat(routed.apply("older")).isEqualTo(5);
                // Made before the rollout started: stable.
                assertThat(started.getBean("lengths")).isEqualTo("33");
            });
        }

        @StableRelease("quotes")
        @Scope(scopeName = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
        static class ScopedQuotes extends Old {
            final UUID id = UUID.randomUUID();

            @Override
            public String greeting(String customer) {
                return id.toString();
            }
        }

        @Configuration(proxyBeanMethods = false)
        @Import({ScopedQuotes.class, CandidateQuotes.class})
        static class Scoped {}

        @Test
        void injected_scopedProxy_isAskedForEachCall() {
            context.withUserConfiguration(Scoped.class).run(started -> {
                Quotes routed = started.getBean(Quotes.class);
                assertThat(routed.greeting("old")).isNotEqualTo(routed.greeting("old"));
                assertThat(routed.greeting("new")).isEqualTo("dear customer of newer");
            });
        }

        interface Pipe extends AutoCloseable {
            @Override
            void close();
        }

        @StableRelease("quotes")
        static class OldPipe implements Pipe {
            int closed;

            @Override
            public void close() {
                closed++;
            }
        }

        @CandidateRelease("quotes")
        static class NewPipe extends OldPipe {}

        @Test
        void close_ofTheContext_closesEachReleaseOnce() {
            List<OldPipe> pipes = new ArrayList<>();
            context.withBean(OldPipe.class).withBean(NewPipe.class).run(started -> {
                started.getBean(Pipe.class).close();
                pipes.addAll(started.getBeansOfType(OldPipe.class).values());
            });
            assertThat(pipes).extracting(pipe -> pipe.closed).containsExactlyInAnyOrder(1, 2);
        }
    }

    @Nested
    class Calls {

        @Test
        @Tag("R-7")
        void call_exceptionsOfEither_comeBackUnchanged() {
            shop().run(started -> {
                assertThatThrownBy(() -> started.getBean(Quotes.class).failing("new"))
                        .isExactlyInstanceOf(IOException.class)
                        .hasMessage("newer")
                        .hasNoCause();
                assertThatThrownBy(() -> started.getBean(Quotes.class).failing("old"))
                        .isExactlyInstanceOf(IOException.class)
                        .hasMessage("old");
                Tally.Totals totals = totals(started);
                assertThat(totals.candidateApartFailures()).isEqualTo(1);
                assertThat(totals.stableApartFailures()).isEqualTo(1);
            });
        }

        @Test
        void call_defaultMethod_isOneCallOfOneRelease() {
            shop().run(started -> {
                assertThat(started.getBean(Quotes.class).greeting("new")).isEqualTo("dear customer of newer");
                assertThat(totals(started).candidateApart()).isEqualTo(1);
                assertThat(totals(started).stableApart()).isZero();
            });
        }

        @Test
        void call_withoutKey_isDecidedByChance() {
            shop().withBean(RollbackPlan.class, TestRollouts::byCoin).run(started -> {
                Quotes routed = started.getBean(Quotes.class);
                Set<Integer> seen = new HashSet<>();
                for (int i = 0; i < 200; i++) {
                    seen.add(routed.unkeyed());
                }
                assertThat(seen).containsExactlyInAnyOrder(3, 5);
                assertThat(totals(started).candidateCalls() + totals(started).stableCalls())
                        .isEqualTo(200);
            });
        }

        @Test
        void call_ofObjectMethods_speaksOfTheProxyItself() {
            shop().run(started -> {
                Quotes routed = started.getBean(Quotes.class);
                assertThat(routed.equals(routed)).isTrue();
                assertThat(routed.equals(started.getBean("stableQuotes"))).isFalse();
                assertThat(routed.hashCode()).isEqualTo(System.identityHashCode(routed));
                assertThat(routed)
                        .hasToString(
                                "rollout 'quotes' of the beans 'stableQuotes' (stable) and 'candidateQuotes' (candidate)");
                assertThat(totals(started).stableApart()).isZero();
            });
        }

        @CandidateRelease("quotes")
        static class LateQuotes extends New {
            final CompletableFuture<String> pending = new CompletableFuture<>();

            @Override
            public CompletionStage<String> later(String customer) {
                return pending;
            }
        }

        @Test
        @Tag("R-7")
        void call_stageReturned_isTheBeansOwnAndCountsAtItsEnd() {
            context.withBean(StableQuotes.class).withBean(LateQuotes.class).run(started -> {
                LateQuotes late = started.getBean(LateQuotes.class);
                assertThat(started.getBean(Quotes.class).later("new")).isSameAs(late.pending);
                assertThat(totals(started).candidateApartFailures()).isZero();
                late.pending.completeExceptionally(new IOException("later"));
                assertThat(totals(started).candidateApartFailures()).isEqualTo(1);
            });
        }

        interface Keyed {
            String byLong(@RolloutKey long id);

            String byBox(String other, @RolloutKey Integer id);

            String byId(@RolloutKey UUID id);

            String bySubject(@RolloutKey Subject subject);

            String byImplementation(String a, String b);
        }

        @StableRelease("quotes")
        static class StableKeyed implements Keyed {
            String answer() {
                return "old";
            }

            @Override
            public String byLong(long id) {
                return answer();
            }

            @Override
            public String byBox(String other, Integer id) {
                return answer();
            }

            @Override
            public String byId(UUID id) {
                return answer();
            }

            @Override
            public String bySubject(Subject subject) {
                return answer();
            }

            @Override
            public String byImplementation(String a, @RolloutKey String b) {
                return answer();
            }
        }

        @CandidateRelease("quotes")
        static class CandidateKeyed extends StableKeyed {
            @Override
            String answer() {
                return "new";
            }
        }

        @Test
        void call_keysOfAllTypes_decide() {
            context.withBean(StableKeyed.class).withBean(CandidateKeyed.class).run(started -> {
                Keyed routed = started.getBean(Keyed.class);
                assertThat(List.of(routed.byLong(7), routed.byLong(8))).containsExactly("new", "old");
                assertThat(List.of(routed.byBox("", 7), routed.byBox("", 8))).containsExactly("new", "old");
                assertThat(routed.byBox("", null)).isEqualTo("old");
                assertThat(List.of(routed.byId(TestRollouts.NEW_ID), routed.byId(TestRollouts.OLD_ID)))
                        .containsExactly("new", "old");
                assertThat(routed.bySubject(Subject.of("any").with("tenant", "new")))
                        .isEqualTo("new");
                assertThat(List.of(routed.byImplementation("new", "old"), routed.byImplementation("old", "new")))
                        .containsExactly("old", "new");
            });
        }

        @CandidateRelease(value = "quotes", idempotent = true)
        static class FailingQuotes extends Old {
            @Override
            public String quote(String customer) {
                throw new IllegalStateException("candidate");
            }
        }

        @Test
        void call_idempotentAndCandidateFails_stableAnswers() {
            context.withBean(StableQuotes.class).withBean(FailingQuotes.class).run(started -> {
                assertThat(started.getBean(Quotes.class).quote("new")).isEqualTo("old");
                assertThat(totals(started).candidateApartFailures()).isEqualTo(1);
            });
        }
    }

    @Nested
    @Tag("R-12")
    class Mistakes {

        @StableRelease("quotes")
        static class SecondStable extends Old {}

        @CandidateRelease("quotes")
        static class SecondCandidate extends New {}

        @CandidateRelease("quotes")
        static class Unrelated implements Runnable, Serializable {
            private static final long serialVersionUID = 1;

            @Override
            public void run() {}
        }

        @StableRelease("qoutes")
        static class MistypedStable extends Old {}

        @CandidateRelease("qoutes")
        static class MistypedCandidate extends New {}

        @Test
        void start_stableAlone_saysWhatIsMissing() {
            fails(
                    context.withBean("stableQuotes", StableQuotes.class),
                    "rollout 'quotes' has a stable bean, 'stableQuotes' (ReleasePairTest.StableQuotes), and no candidate one:"
                            + " @CandidateRelease(\"quotes\") is missing");
        }

        @Test
        void start_candidateAlone_saysWhatIsMissingAndThere() {
            fails(
                    context.withBean("candidateQuotes", CandidateQuotes.class).withBean(MistypedStable.class),
                    "@CandidateRelease(\"qoutes\") is missing; there is one of quotes");
        }

        @Test
        void start_twoStables_namesBoth() {
            fails(
                    shop().withBean("second", SecondStable.class),
                    "several stable beans, 'stableQuotes' (ReleasePairTest.StableQuotes), 'second'");
        }

        @Test
        void start_twoCandidates_namesBoth() {
            fails(shop().withBean("second", SecondCandidate.class), "several candidate beans", "'second'");
        }

        @Test
        void start_noInterfaceInCommon_namesBoth() {
            fails(
                    context.withBean(StableQuotes.class).withBean(Unrelated.class),
                    "have no interface in common by which callers could have either");
        }

        @Test
        void start_unknownRollout_namesTheNearest() {
            fails(
                    context.withBean(MistypedStable.class).withBean(MistypedCandidate.class),
                    "rollout 'qoutes' is not configured, 'quotes' is the nearest");
        }

        @Test
        void start_unknownRolloutAndLazyBeans_failsAllTheSame() {
            fails(
                    context.withInitializer(started -> started.addBeanFactoryPostProcessor(
                                    new LazyInitializationBeanFactoryPostProcessor()))
                            .withBean(MistypedStable.class)
                            .withBean(MistypedCandidate.class),
                    "rollout 'qoutes' is not configured");
        }

        @Configuration(proxyBeanMethods = false)
        static class Preferred {
            @Bean
            @Primary
            Quotes preferred() {
                return new Old();
            }
        }

        @Test
        void start_anotherPrimary_namesIt() {
            fails(
                    shop().withUserConfiguration(Preferred.class),
                    "the bean 'preferred' is @Primary too, so it is not said whom callers of ReleasePairTest.Quotes get");
        }

        @CandidateRelease("quotes")
        static class CallingItself extends New {
            @Autowired
            Quotes before;
        }

        @Test
        void start_candidateIsGivenTheRoutedBeanWhereCirclesAreAllowed_saysHowToAskForTheOther() {
            fails(
                    context.withAllowCircularReferences(true)
                            .withBean(StableQuotes.class)
                            .withBean("calling", CallingItself.class),
                    "bean 'calling' is given the routed bean 'rollback4j.quotes.ReleasePairTest.Quotes', through which it would"
                            + " call itself: inject the other one by name");
        }

        @CandidateRelease("quotes")
        static class Circular extends New {
            Circular(Quotes before) {}
        }

        @Test
        void start_candidateIsGivenTheRoutedBean_fails() {
            fails(
                    context.withBean(StableQuotes.class).withBean(Circular.class),
                    "Requested bean is currently in creation");
        }

        @CandidateRelease("quotes")
        static class Prototype extends New {}

        @Test
        void start_prototype_saysWhatIsAllowed() {
            fails(
                    context.withBean(StableQuotes.class)
                            .withBean(
                                    "many",
                                    Prototype.class,
                                    Prototype::new,
                                    definition -> definition.setScope("prototype")),
                    "@CandidateRelease of the bean 'many': its scope is 'prototype'",
                    "make it a singleton, or give it a scoped proxy");
        }

        interface TwoKeys {
            void of(@RolloutKey String a, @RolloutKey String b);
        }

        @StableRelease("quotes")
        static class StableTwoKeys implements TwoKeys {
            @Override
            public void of(String a, String b) {}
        }

        @CandidateRelease("quotes")
        static class CandidateTwoKeys extends StableTwoKeys {}

        @Test
        void start_twoKeys_fails() {
            fails(
                    context.withBean(StableTwoKeys.class).withBean(CandidateTwoKeys.class),
                    "TwoKeys.of has @RolloutKey on several parameters");
        }

        interface WrongKey {
            void of(@RolloutKey Object a);
        }

        @StableRelease("quotes")
        static class StableWrongKey implements WrongKey {
            @Override
            public void of(Object a) {}
        }

        @CandidateRelease("quotes")
        static class CandidateWrongKey extends StableWrongKey {}

        @Test
        void start_keyOfAnotherType_saysWhatIsAllowed() {
            fails(
                    context.withBean(StableWrongKey.class).withBean(CandidateWrongKey.class),
                    "@RolloutKey of WrongKey.of is a java.lang.Object; a key is a String, long, int, UUID or Subject");
        }

        @Test
        void start_noRolloutsAtAll_saysWhatIsNeeded() {
            ApplicationContextRunner bare = new ApplicationContextRunner()
                    .withUserConfiguration(RolloutAnnotationsAutoConfiguration.class)
                    .withBean(StableQuotes.class)
                    .withBean(CandidateQuotes.class);
            fails(bare, "no rollouts are configured; rollback4j.rollouts.quotes is needed");
            bare.withPropertyValues("rollback4j.enabled=false")
                    .run(started -> assertThat(started.getBean(Quotes.class).quote("new"))
                            .isEqualTo("old"));
        }

        @Test
        void start_nothingAnnotated_addsNothing() {
            context.withBean(Old.class).run(started -> {
                assertThat(started).hasSingleBean(Quotes.class);
                assertThat(started.getBean(Quotes.class)).isExactlyInstanceOf(Old.class);
            });
        }

        private void fails(ApplicationContextRunner shop, String... messages) {
            shop.run(started -> {
                assertThat(started).hasFailed();
                for (String message : messages) {
                    assertThat(started.getStartupFailure()).hasStackTraceContaining(message);
                }
            });
        }
    }

    @Test
    void processedAheadOfTime_routedBean_isLeftToTheRunTime() {
        AnnotationConfigApplicationContext service = new AnnotationConfigApplicationContext();
        service.register(TestRollouts.class, StableQuotes.class, CandidateQuotes.class);
        InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
        DefaultGenerationContext generation = new DefaultGenerationContext(
                new ClassNameGenerator(ClassName.get("io.github.rollback4j.spring", "Service")), files);
        new ApplicationContextAotGenerator().processAheadOfTime(service, generation);
        generation.writeGeneratedContent();
        assertThat(files.getGeneratedFiles(GeneratedFiles.Kind.SOURCE).values())
                .isNotEmpty()
                .noneSatisfy(source -> assertThat(text(source)).contains("rollback4j.quotes."));
    }

    private static RootBeanDefinition madeAheadOfTime(String method) {
        RootBeanDefinition definition = new RootBeanDefinition(Function.class);
        definition.setTargetType(ResolvableType.forClassWithGenerics(Function.class, String.class, Integer.class));
        definition.setInstanceSupplier(BeanInstanceSupplier.<Function<String, Integer>>forFactoryMethod(
                        Injection.Functions.class, method)
                .withGenerator(registered -> method.startsWith("old") ? String::length : word -> -word.length()));
        return definition;
    }

    @Test
    void injected_methodsProcessedAheadOfTime_isTheRoutedOne() {
        context.withInitializer(service -> {
                    BeanDefinitionRegistry registry = (BeanDefinitionRegistry) service.getBeanFactory();
                    registry.registerBeanDefinition("oldLength", madeAheadOfTime("oldLength"));
                    registry.registerBeanDefinition("newLength", madeAheadOfTime("newLength"));
                })
                .withBean(RolloutKeyResolver.class, () -> (rollout, method, arguments) -> arguments[0])
                .run(started -> {
                    @SuppressWarnings("unchecked")
                    Function<String, Integer> routed = started.getBean(Function.class);
                    assertThat(List.of(routed.apply("new"), routed.apply("old")))
                            .containsExactly(-3, 3);
                });
    }

    private static String text(InputStreamSource source) throws IOException {
        return new String(source.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void imports_ofTheModule_nameTheAutoConfiguration() {
        assertThat(ImportCandidates.load(AutoConfiguration.class, null))
                .contains(RolloutAnnotationsAutoConfiguration.class.getName());
    }

    static Tally.Totals totals(ApplicationContext started) {
        Rollout rollout = started.getBean(NamedRollouts.class).get("quotes");
        return rollout.status().totals();
    }
}
