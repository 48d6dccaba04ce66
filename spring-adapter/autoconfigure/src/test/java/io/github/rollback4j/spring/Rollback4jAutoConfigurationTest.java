package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutListener;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.signal.Signals;
import io.github.rollback4j.strategy.RollbackStrategy;
import io.github.rollback4j.strategy.WaysBack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;

@ExtendWith(OutputCaptureExtension.class)
class Rollback4jAutoConfigurationTest {

    private static final String[] QUOTES = {
        "rollback4j.rollouts.quotes.stable=1.4.2",
        "rollback4j.rollouts.quotes.candidate=1.5.0",
        "rollback4j.rollouts.quotes.signals[0]=error-rate",
    };

    private final ApplicationContextRunner service = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(Rollback4jAutoConfiguration.class))
            .withPropertyValues("rollback4j.instance=here-1");

    private static JdbcDataSource database(String name) {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1");
        database.setUser("sa");
        database.setPassword("");
        return database;
    }

    private static String told(Throwable failure) {
        FailureAnalysis analysis = new RolloutConfigurationFailureAnalyzer().analyze(failure);
        assertThat(analysis).isNotNull();
        return analysis.getDescription();
    }

    @Configuration(proxyBeanMethods = false)
    static class OneDatabase {
        @Bean
        DataSource dataSource() {
            return database("one");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoDatabases {
        @Bean
        DataSource orders() {
            return database("orders");
        }

        @Bean
        DataSource archive() {
            return database("archive");
        }
    }

    @Test
    void nothingConfigured_startsWithoutRollouts() {
        service.run(context ->
                assertThat(context.getBean(NamedRollouts.class).names()).isEmpty());
    }

    @Test
    void rollout_isStarted_inTheServicesDatabase() {
        service.withUserConfiguration(OneDatabase.class)
                .withPropertyValues(QUOTES)
                .run(context -> {
                    assertThat(context).getBean(Journal.class).isInstanceOf(JdbcStore.class);
                    Rollout quotes = context.getBean(NamedRollouts.class).get("quotes");
                    assertThat(quotes.status().state().phase()).isEqualTo(Phase.RUNNING);
                    assertThat(new JdbcTemplate(context.getBean(DataSource.class))
                                    .queryForObject("select count(*) from rollback4j_event", Long.class))
                            .isPositive();
                });
    }

    @Test
    void noDatabase_keepsRolloutsInMemory_andSaysSo(CapturedOutput output) {
        service.withPropertyValues(QUOTES).run(context -> {
            assertThat(context.getBean(NamedRollouts.class).get("quotes").call("key", () -> 1, () -> 2))
                    .isBetween(1, 2);
            assertThat(output).contains("Rollouts are kept in memory, since the service has no data source");
        });
    }

    @Test
    void memoryAskedFor_isNoReasonToWarn(CapturedOutput output) {
        service.withUserConfiguration(OneDatabase.class)
                .withPropertyValues(QUOTES)
                .withPropertyValues("rollback4j.store.type=memory")
                .run(context -> {
                    assertThat(context).getBean(Journal.class).isNotInstanceOf(JdbcStore.class);
                    assertThat(output).doesNotContain("kept in memory");
                });
    }

    @Test
    void fileAskedFor_survivesTheService(@TempDir Path folder) {
        ApplicationContextRunner inFile = service.withPropertyValues(QUOTES)
                .withPropertyValues(
                        "rollback4j.store.type=file", "rollback4j.store.file=" + folder.resolve("rollouts"));
        inFile.run(context -> context.getBean(Rollouts.class).all().get(0).rollBack("Ann", "it is odd"));
        inFile.run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(NamedRollouts.class)
                            .get("quotes")
                            .status()
                            .state()
                            .phase())
                    .isEqualTo(Phase.ROLLED_BACK);
        });
    }

    @Test
    void severalDatabases_oneMustBeNamed() {
        ApplicationContextRunner two = service.withUserConfiguration(TwoDatabases.class);
        two.run(context -> assertThat(told(context.getStartupFailure()))
                .contains("rollback4j.store.data-source")
                .contains("is missing: of the data sources [orders, archive] none is primary"));
        two.withPropertyValues("rollback4j.store.data-source=ordres")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("'ordres' is no data source of the service: [orders, archive] are"));
        two.withPropertyValues("rollback4j.store.data-source=orders", "rollback4j.store.table-prefix=ops_")
                .withPropertyValues(QUOTES)
                .run(context -> assertThat(new JdbcTemplate(context.getBean("orders", DataSource.class))
                                .queryForObject("select count(*) from ops_event", Long.class))
                        .isPositive());
    }

    @Test
    void storeThatContradictsItself_isRefused() {
        service.withPropertyValues("rollback4j.store.type=data-source")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("rollback4j.store.type")
                        .contains("the service has none"));
        service.withPropertyValues("rollback4j.store.type=file")
                .run(context -> assertThat(told(context.getStartupFailure())).contains("rollback4j.store.file"));
        service.withPropertyValues("rollback4j.store.file=/tmp/rollouts")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("rollback4j.store.file")
                        .contains("with type file it is"));
    }

    @Test
    void valueOutOfRange_namesTheProperty() {
        service.withPropertyValues("rollback4j.tick-interval=1ms")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("rollback4j.tick-interval")
                        .contains("PT0.001S is not allowed: 10 ms to 10 s is"));
        service.withUserConfiguration(OneDatabase.class)
                .withPropertyValues("rollback4j.store.connections=0")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("rollback4j.store.connections")
                        .contains("from 1 to 100 are"));
    }

    @Test
    void unknownProperty_isRefused_withTheNearest() {
        service.withPropertyValues("rollback4j.tik-interval=1s", "rollback4j.store.tipe=file")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("2 properties that are not allowed")
                        .contains("rollback4j.tik-interval")
                        .contains("'rollback4j.tick-interval' is the nearest")
                        .contains("'rollback4j.store.type' is the nearest"));
        service.withPropertyValues(QUOTES)
                .withPropertyValues("rollback4j.tik-interval=1s", "rollback4j.rollouts.quotes.mode=ackt")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("rollback4j.tik-interval")
                        .contains("rollback4j.rollouts.quotes.mode"));
        service.withPropertyValues("rollback4j.control=all-to-stable")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("ROLLBACK4J_CONTROL or a system property alone"));
        service.withSystemProperties("rollback4j.control=all-to-stable")
                .withPropertyValues(QUOTES)
                .run(context -> assertThat(context.getBean(NamedRollouts.class)
                                .get("quotes")
                                .call("key", () -> 1, () -> 2))
                        .isEqualTo(1));
    }

    @Test
    void mistakeInAPlan_isToldBeforeAnythingIsJournalled() {
        service.withPropertyValues(QUOTES)
                .withPropertyValues("rollback4j.rollouts.quotes.mode=ackt")
                .run(context -> assertThat(told(context.getStartupFailure()))
                        .contains("rollback4j cannot start with a property that is not allowed")
                        .contains("    rollback4j.rollouts.quotes.mode")
                        .contains("ackt"));
    }

    @Test
    void switchedOff_nothingStarts(CapturedOutput output) {
        service.withUserConfiguration(OneDatabase.class)
                .withPropertyValues(QUOTES)
                .withPropertyValues("rollback4j.enabled=false")
                .run(context -> {
                    assertThat(context.getBean(NamedRollouts.class).find("quotes"))
                            .isNull();
                    assertThat(context.getBean(Rollouts.class).all()).isEmpty();
                    assertThat(context).getBean(Journal.class).isNotInstanceOf(JdbcStore.class);
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnParts {
        final List<String> told = new CopyOnWriteArrayList<>();

        @Bean
        RolloutListener listener() {
            return (rollout, event) -> told.add(event.type());
        }

        @Bean
        RollbackStrategy newPricesOff() {
            return WaysBack.manual("off", "Switch the new prices off.");
        }

        @Bean
        RollbackPlan newPrices() {
            return RollbackPlan.from(Release.of("prices", "1"))
                    .to(Release.of("prices", "2"))
                    .watch(Signals.errorRate())
                    .build();
        }
    }

    @Test
    void beans_areNamedByPlans_listen_andArePlansThemselves() {
        service.withUserConfiguration(OwnParts.class)
                .withPropertyValues(QUOTES)
                .withPropertyValues("rollback4j.rollouts.quotes.steps[0].run.bind=new-prices-off")
                .run(context -> {
                    assertThat(context.getBean(NamedRollouts.class).names()).containsExactly("quotes", "new-prices");
                    context.getBean(NamedRollouts.class).get("quotes").rollBack("Ann", "it is odd");
                    Awaitility.await()
                            .untilAsserted(() -> assertThat(context.getBean(OwnParts.class).told)
                                    .contains("started", "decided"));
                });
    }

    @Test
    void customizer_hasTheLastWord() {
        service.withPropertyValues(QUOTES)
                .withBean(RolloutsBuilderCustomizer.class, () -> builder -> builder.random(new Random(1)))
                .run(one -> service.withPropertyValues(QUOTES)
                        .withBean(RolloutsBuilderCustomizer.class, () -> builder -> builder.random(new Random(1)))
                        .run(other -> assertThat(salt(one)).isEqualTo(salt(other))));
        service.withPropertyValues(QUOTES)
                .run(one -> service.withPropertyValues(QUOTES)
                        .run(other -> assertThat(salt(one)).isNotEqualTo(salt(other))));
    }

    private static String salt(ApplicationContext context) {
        Journal journal = context.getBean(Journal.class);
        return journal.read(journal.rolloutIds().get(0)).stream()
                .map(entry -> entry.event().data().get("salt"))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void beansOfTheService_takePrecedence() {
        Rollouts own = Rollouts.create();
        service.withBean(Rollouts.class, () -> own)
                .withPropertyValues(QUOTES)
                .run(context -> assertThat(context.getBean(NamedRollouts.class).get("quotes"))
                        .isSameAs(own.all().get(0)));
    }

    @Test
    void databaseIsLate_serviceStarts_andStableServes(CapturedOutput output) {
        AtomicBoolean isThere = new AtomicBoolean();
        DataSource late = new DelegatingDataSource(database("late")) {
            @Override
            public Connection getConnection() throws SQLException {
                if (!isThere.get()) {
                    throw new SQLException("connection refused", "08001");
                }
                return super.getConnection();
            }
        };
        service.withBean(DataSource.class, () -> late)
                .withPropertyValues(QUOTES)
                .run(context -> {
                    assertThat(output).contains("The store of rollouts is not there yet");
                    assertThat(context.getBean(NamedRollouts.class)
                                    .get("quotes")
                                    .call("key", () -> 1, () -> 2))
                            .isEqualTo(1);
                });
    }

    @Test
    void unknownRollout_isNamedWithTheNearest() {
        service.withPropertyValues(QUOTES)
                .run(context -> org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                        .isThrownBy(() -> context.getBean(NamedRollouts.class).get("qotes"))
                        .withMessage("rollout 'qotes' is not configured, 'quotes' is the nearest: quotes"));
    }
}
