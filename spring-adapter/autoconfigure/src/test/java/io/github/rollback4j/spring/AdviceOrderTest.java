package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.rollback4j.traffic.Tally;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.annotation.AdviceMode;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The router sees a call before transactions, caches and {@code @Async} do. */
class AdviceOrderTest {

    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withUserConfiguration(Advice.class, TestRollouts.class);

    /** Where the key was asked for. */
    record Asked(boolean inTransaction, Thread by) {}

    static final class Transactions extends AbstractPlatformTransactionManager {
        private static final long serialVersionUID = 1;

        @Override
        protected Object doGetTransaction() {
            return new Object();
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {}

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement(mode = AdviceMode.PROXY)
    @EnableCaching
    @EnableAsync
    static class Advice {

        final List<Asked> asked = new CopyOnWriteArrayList<>();

        @Bean
        PlatformTransactionManager transactions() {
            return new Transactions();
        }

        @Bean
        CacheManager caches() {
            return new ConcurrentMapCacheManager();
        }

        @Bean
        AsyncTaskExecutor taskExecutor() {
            return new SimpleAsyncTaskExecutor("task-");
        }

        @Bean
        RolloutKeyResolver keys() {
            return (rollout, method, arguments) -> {
                asked.add(new Asked(
                        TransactionSynchronizationManager.isActualTransactionActive(), Thread.currentThread()));
                return arguments.length == 0 ? null : arguments[0];
            };
        }
    }

    static String transaction(String release) {
        String name = TransactionSynchronizationManager.getCurrentTransactionName();
        return release + (TransactionSynchronizationManager.isActualTransactionActive() ? " in " + name : " in none");
    }

    // Spring would put a transaction around whatever implements this, the routed bean too.
    @Transactional
    interface Orders {

        String order(String customer);

        CompletableFuture<String> later(String customer);
    }

    @StableRelease("quotes")
    static class OldOrders implements Orders {

        @Override
        @Transactional(label = "old")
        public String order(String customer) {
            return transaction("old");
        }

        @Override
        @Async
        public CompletableFuture<String> later(String customer) {
            return CompletableFuture.completedFuture("old");
        }
    }

    @CandidateRelease("quotes")
    static class NewOrders implements Orders {

        @Override
        @Cacheable("new-orders")
        public String order(String customer) {
            return transaction("new");
        }

        @Override
        @Async
        public CompletableFuture<String> later(String customer) {
            return CompletableFuture.failedFuture(
                    new IOException(Thread.currentThread().getName()));
        }
    }

    @Nested
    class Pairs {

        private ApplicationContextRunner orders() {
            return context.withBean(OldOrders.class).withBean(NewOrders.class);
        }

        @Test
        void call_transactional_beginsAfterTheRouter() {
            orders().run(started -> {
                Orders routed = started.getBean(Orders.class);
                assertThat(routed.order("old")).isEqualTo("old in " + OldOrders.class.getName() + ".order");
                assertThat(routed.order("new")).startsWith("new in ");
                assertThat(started.getBean(Advice.class).asked)
                        .extracting(Asked::inTransaction)
                        .containsExactly(false, false);
            });
        }

        @Test
        void call_cached_isCountedAllTheSame() {
            orders().run(started -> {
                Orders routed = started.getBean(Orders.class);
                for (int i = 0; i < 3; i++) {
                    routed.order("new");
                }
                assertThat(ReleasePairTest.totals(started).candidateApart()).isEqualTo(3);
            });
        }

        @Test
        void call_async_isDecidedOnTheCallersThreadAndCountsAtItsEnd() {
            orders().run(started -> {
                Orders routed = started.getBean(Orders.class);
                CompletableFuture<String> later = routed.later("new");
                assertThatThrownBy(later::get)
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isExactlyInstanceOf(IOException.class)
                        .hasMessageStartingWith("task-");
                assertThat(routed.later("old").get()).isEqualTo("old");
                assertThat(started.getBean(Advice.class).asked)
                        .extracting(Asked::by)
                        .containsOnly(Thread.currentThread());
            });
        }

        @StableRelease("quotes")
        static class StableCached implements UnaryOperator<String> {
            @Override
            @Cacheable({"prices", "old-prices"})
            public String apply(String customer) {
                return "old";
            }
        }

        @CandidateRelease("quotes")
        static class CandidateCached implements UnaryOperator<String> {
            @Override
            public String apply(String customer) {
                return "new";
            }

            @CacheEvict("prices")
            public void forget() {}
        }

        @CandidateRelease(value = "quotes", allowSharedCache = true)
        static class AllowedCached extends CandidateCached {}

        @Test
        void start_cacheShared_isRefusedUnlessAllowed() {
            context.withBean(StableCached.class)
                    .withBean(CandidateCached.class)
                    .run(started -> assertThat(started.getStartupFailure())
                            .hasStackTraceContaining(
                                    "stable and candidate share the cache prices, and each would serve"));
            context.withBean(StableCached.class)
                    .withBean(AllowedCached.class)
                    .run(started -> assertThat(started).hasNotFailed());
        }
    }

    static class Shop {

        @RolledOut(rollout = "quotes", stable = "oldOrder")
        @Transactional(label = "new")
        public String order(String customer) {
            return transaction("new");
        }

        @Transactional
        public String oldOrder(String customer) {
            return transaction("old");
        }

        @RolledOut(rollout = "quotes", stable = "oldPrice")
        @Cacheable("new-prices")
        public Object price(String customer) {
            return new Object();
        }

        @Cacheable("old-prices")
        public Object oldPrice(String customer) {
            return new Object();
        }

        @RolledOut(rollout = "quotes", stable = "oldLater")
        @Async
        public CompletableFuture<String> later(String customer) {
            return CompletableFuture.completedFuture(Thread.currentThread().getName());
        }

        @Async
        public CompletableFuture<String> oldLater(String customer) {
            return CompletableFuture.completedFuture(Thread.currentThread().getName());
        }

        @RolledOut(rollout = "quotes", stable = "oldFuture")
        @Async
        public Future<String> future(String customer) {
            return CompletableFuture.completedFuture("new");
        }

        @Async
        public Future<String> oldFuture(String customer) {
            return CompletableFuture.completedFuture("old");
        }

        @RolledOut(rollout = "quotes", stable = "oldRead", idempotent = true)
        public String read(String customer) {
            throw new IllegalStateException("new");
        }

        public String oldRead(String customer) {
            return "old";
        }
    }

    static class SharedCacheShop {

        @RolledOut(rollout = "quotes", stable = "oldPrice")
        @Cacheable("prices")
        public String price(String customer) {
            return "new";
        }

        @Cacheable("prices")
        public String oldPrice(String customer) {
            return "old";
        }
    }

    static class AllowedCacheShop {

        @RolledOut(rollout = "quotes", stable = "oldPrice", allowSharedCache = true)
        @Cacheable("prices")
        public String price(String customer) {
            return "new";
        }

        @Cacheable("prices")
        public String oldPrice(String customer) {
            return "old";
        }
    }

    @Nested
    class Methods {

        @Test
        void call_transactional_beginsAfterTheRouterForBoth() {
            context.withBean(Shop.class).run(started -> {
                Shop shop = started.getBean(Shop.class);
                assertThat(shop.order("new")).isEqualTo("new in " + Shop.class.getName() + ".order");
                assertThat(shop.order("old")).isEqualTo("old in " + Shop.class.getName() + ".oldOrder");
                assertThat(started.getBean(Advice.class).asked)
                        .extracting(Asked::inTransaction)
                        .containsExactly(false, false);
            });
        }

        @Test
        void call_cached_isRoutedAndCountedEachTime() {
            context.withBean(Shop.class).run(started -> {
                Shop shop = started.getBean(Shop.class);
                assertThat(shop.price("new")).isSameAs(shop.price("new"));
                assertThat(shop.price("old")).isSameAs(shop.price("old")).isSameAs(shop.oldPrice("old"));
                Tally.Totals totals = ReleasePairTest.totals(started);
                assertThat(List.of(totals.candidateApart(), totals.stableApart()))
                        .containsExactly(2L, 2L);
            });
        }

        @Test
        void call_async_isDecidedOnTheCallersThread() {
            context.withBean(Shop.class).run(started -> {
                Shop shop = started.getBean(Shop.class);
                assertThat(shop.later("new").get()).startsWith("task-");
                assertThat(shop.later("old").get()).startsWith("task-");
                assertThat(List.of(shop.future("new").get(), shop.future("old").get()))
                        .containsExactly("new", "old");
                assertThat(started.getBean(Advice.class).asked)
                        .hasSize(4)
                        .extracting(Asked::by)
                        .containsOnly(Thread.currentThread());
            });
        }

        @Test
        void call_idempotentOutsideATransaction_stableAnswersForTheCandidate() {
            context.withBean(Shop.class).run(started -> {
                assertThat(started.getBean(Shop.class).read("new")).isEqualTo("old");
                assertThat(ReleasePairTest.totals(started).candidateApartFailures())
                        .isEqualTo(1);
            });
        }

        @Test
        void call_idempotentInsideATransaction_stableIsCalledAtOnceAndThatIsSaidOnce() {
            Logger logger = (Logger) LoggerFactory.getLogger(RoutedMethod.class);
            ListAppender<ILoggingEvent> log = new ListAppender<>();
            log.start();
            logger.addAppender(log);
            try {
                context.withBean(Shop.class).run(started -> {
                    Shop shop = started.getBean(Shop.class);
                    TransactionTemplate transaction =
                            new TransactionTemplate(started.getBean(PlatformTransactionManager.class));
                    for (int i = 0; i < 3; i++) {
                        assertThat(transaction.<String>execute(status -> shop.read("new")))
                                .isEqualTo("old");
                    }
                    Tally.Totals totals = ReleasePairTest.totals(started);
                    assertThat(totals.candidateApart()).isZero();
                });
            } finally {
                logger.detachAppender(log);
            }
            assertThat(log.list)
                    .filteredOn(event -> event.getFormattedMessage().contains("inside an active transaction"))
                    .singleElement()
                    .satisfies(event -> assertThat(event.getFormattedMessage())
                            .startsWith("rollout 'quotes': Shop.read is idempotent"));
            assertThat(log.list)
                    .filteredOn(event -> event.getFormattedMessage().contains("only its beginning is watched"))
                    .singleElement()
                    .satisfies(event -> assertThat(event.getFormattedMessage()).contains("Shop.oldFuture"));
        }

        @Test
        void start_cacheShared_isRefusedUnlessAllowed() {
            context.withBean(SharedCacheShop.class)
                    .run(started -> assertThat(started.getStartupFailure())
                            .hasStackTraceContaining("stable and candidate share the cache prices"));
            context.withBean(AllowedCacheShop.class)
                    .run(started -> assertThat(
                                    started.getBean(AllowedCacheShop.class).price("new"))
                            .isEqualTo("new"));
        }
    }

    interface Vault {
        String open(@RolloutKey String customer);
    }

    @StableRelease("quotes")
    static class OldVault implements Vault {
        @Override
        @PreAuthorize("hasRole('GUARD')")
        public String open(String customer) {
            return "old";
        }
    }

    @CandidateRelease("quotes")
    static class NewVault implements Vault {
        @Override
        @PreAuthorize("hasRole('OWNER')")
        public String open(String customer) {
            return "new";
        }
    }

    static class Safe {
        @RolledOut(rollout = "quotes", stable = "oldOpen")
        @PreAuthorize("hasRole('OWNER')")
        public String open(@RolloutKey String customer) {
            return "new";
        }

        @PreAuthorize("hasRole('GUARD')")
        public String oldOpen(String customer) {
            return "old";
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableMethodSecurity
    static class Security {}

    @Nested
    class Secured {

        @AfterEach
        void leave() {
            SecurityContextHolder.clearContext();
        }

        @Test
        void call_secured_asksForWhatTheChosenReleaseAsksFor() {
            SecurityContextHolder.getContext()
                    .setAuthentication(new TestingAuthenticationToken("somebody", "secret", "ROLE_OWNER"));
            context.withUserConfiguration(Security.class)
                    .withBean(OldVault.class)
                    .withBean(NewVault.class)
                    .withBean(Safe.class)
                    .run(started -> {
                        Vault vault = started.getBean(Vault.class);
                        Safe safe = started.getBean(Safe.class);
                        assertThat(List.of(vault.open("new"), safe.open("new"))).containsOnly("new");
                        assertThatThrownBy(() -> vault.open("old")).isInstanceOf(AccessDeniedException.class);
                        assertThatThrownBy(() -> safe.open("old")).isInstanceOf(AccessDeniedException.class);
                        assertThat(ReleasePairTest.totals(started).stableApartFailures())
                                .isEqualTo(2);
                    });
        }
    }
}
