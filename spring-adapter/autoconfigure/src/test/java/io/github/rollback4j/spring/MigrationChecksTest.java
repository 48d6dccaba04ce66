package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.migrations.gate.RecordedVerdict;
import io.github.rollback4j.migrations.gate.VerdictTable;
import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import io.github.rollback4j.migrations.verdict.Verdict;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.Preflight.Outcome;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutState.Phase;
import io.github.rollback4j.signal.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import liquibase.integration.spring.SpringLiquibase;
import org.awaitility.Awaitility;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.ClassUtils;

/** Services with real Flyway and Liquibase, as Spring Boot sets them up, start one release after the other on one database. */
@ExtendWith(OutputCaptureExtension.class)
class MigrationChecksTest {

    private static final String TABLE = "CREATE TABLE guest (id BIGINT PRIMARY KEY, phone VARCHAR(20));\n";
    private static final String DROP = "ALTER TABLE guest DROP COLUMN phone;\n";
    private static final String ADD = "ALTER TABLE guest ADD COLUMN mail VARCHAR(80);\n";

    private static final String WARNED = "WARN " + MigrationChecks.class.getName();

    @TempDir
    private Path folder;

    private final JdbcDataSource database = new JdbcDataSource();

    @BeforeEach
    void write() throws IOException {
        database.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        script("V1__guest.sql", TABLE);
    }

    private void script(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    /** Their packages differ between Spring Boot 3.5 and 4. */
    private static Class<?> boot(String tool, String name) {
        String before = "org.springframework.boot.autoconfigure." + tool + "." + name;
        ClassLoader loader = MigrationChecksTest.class.getClassLoader();
        return ClassUtils.resolveClassName(
                ClassUtils.isPresent(before, loader)
                        ? before
                        : "org.springframework.boot." + tool + ".autoconfigure." + name,
                loader);
    }

    private ApplicationContextRunner service(String version, Class<?>... tools) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(tools))
                .withConfiguration(
                        AutoConfigurations.of(MigrationsAutoConfiguration.class, Rollback4jAutoConfiguration.class))
                .withUserConfiguration(Build.class)
                .withBean(DataSource.class, () -> database)
                .withPropertyValues(
                        "built=" + version,
                        "spring.flyway.locations=filesystem:" + folder,
                        "rollback4j.instance=here-1",
                        "rollback4j.store.type=memory",
                        "rollback4j.rollouts.shop.strategy.canary.steps=10",
                        "rollback4j.rollouts.shop.stable=1.4.1",
                        "rollback4j.rollouts.shop.candidate=" + version,
                        "rollback4j.rollouts.shop.signals[0]=error-rate");
    }

    private ApplicationContextRunner withFlyway(String version) {
        return service(version, boot("flyway", "FlywayAutoConfiguration"));
    }

    private void start(ApplicationContextRunner service) {
        service.run(context -> assertThat(context).hasNotFailed());
    }

    private RecordedVerdict recorded(String version) {
        return VerdictTable.in(database).find(Release.of("shop", version)).orElseThrow();
    }

    private List<String> columns() {
        return new JdbcTemplate(database)
                .queryForList(
                        "SELECT column_name FROM information_schema.columns WHERE table_name = 'GUEST'"
                                + " ORDER BY ordinal_position",
                        String.class);
    }

    @Test
    void report_incompatible_runsAndIsLoggedAndRecorded(CapturedOutput output) throws IOException {
        start(withFlyway("1.4.2"));
        assertThat(recorded("1.4.2").verdict()).isEqualTo(Verdict.COMPATIBLE);
        assertThat(output).doesNotContain(WARNED);
        script("V2__drop.sql", DROP);
        script("U2__drop.sql", "ALTER TABLE guest ADD COLUMN phone VARCHAR(20);\n");
        start(withFlyway("1.5.0"));
        assertThat(output).contains(WARNED, "BLOCKED", "V2__drop.sql:1", "DROP_COLUMN");
        assertThat(columns()).containsExactly("ID");
        assertThat(recorded("1.5.0").verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(recorded("1.5.0").migrations()).containsExactly("2");
        assertThat(recorded("1.5.0").undo()).singleElement().asString().contains("ADD COLUMN phone");
        assertThat(recorded("1.4.2").verdict()).isEqualTo(Verdict.COMPATIBLE);
    }

    /** Flyway refuses a schema that has tables, and no history of its own. */
    @Test
    void start_storeInAnEmptyDatabase_isSetUpAfterTheMigrations() {
        start(withFlyway("1.4.2").withPropertyValues("rollback4j.store.type=data-source"));
        assertThat(columns()).containsExactly("ID", "PHONE");
    }

    @Test
    void report_nothingPending_leavesWhatIsRecorded() throws IOException {
        start(withFlyway("1.4.2"));
        script("V2__drop.sql", DROP);
        start(withFlyway("1.5.0"));
        RecordedVerdict before = recorded("1.5.0");
        start(withFlyway("1.5.0"));
        assertThat(recorded("1.5.0")).isEqualTo(before);
        start(withFlyway("1.5.1"));
        assertThat(recorded("1.5.1").verdict()).isEqualTo(Verdict.COMPATIBLE);
    }

    @Test
    void report_moreOfTheSameRelease_keepsTheWorseVerdict() throws IOException {
        start(withFlyway("1.4.2"));
        script("V2__drop.sql", DROP);
        start(withFlyway("1.5.0"));
        script("V3__add.sql", ADD);
        start(withFlyway("1.5.0"));
        assertThat(recorded("1.5.0").verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(recorded("1.5.0").migrations()).containsExactly("2", "3");
    }

    @Test
    void report_compatible_isRecorded(CapturedOutput output) throws IOException {
        start(withFlyway("1.4.2"));
        script("V2__add.sql", ADD);
        start(withFlyway("1.5.0"));
        assertThat(recorded("1.5.0").verdict()).isEqualTo(Verdict.COMPATIBLE);
        assertThat(recorded("1.5.0").migrations()).containsExactly("2");
        assertThat(output).doesNotContain(WARNED);
    }

    @Test
    void report_candidateNotNamed_isTheRunningRelease() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        boot("flyway", "FlywayAutoConfiguration"),
                        MigrationsAutoConfiguration.class,
                        Rollback4jAutoConfiguration.class))
                .withUserConfiguration(Build.class)
                .withBean(DataSource.class, () -> database)
                .withPropertyValues(
                        "built=1.5.0",
                        "spring.flyway.locations=filesystem:" + folder,
                        "rollback4j.store.type=memory",
                        "rollback4j.rollouts.shop.strategy=deployment",
                        "rollback4j.rollouts.shop.signals[0]=error-rate")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(recorded("1.5.0").verdict()).isEqualTo(Verdict.COMPATIBLE);
    }

    @Test
    void report_candidateOfABean_isRecordedToo_whicheverBeanIsFirst() {
        ApplicationContextRunner service = withFlyway("1.5.0")
                .withBean(
                        "parts",
                        RollbackPlan.class,
                        () -> RollbackPlan.from(Release.of("parts", "7"))
                                .to(Release.of("parts", "8"))
                                .watch(Signals.errorRate())
                                .build());
        for (Class<?> first : List.of(NamedRollouts.class, Flyway.class)) {
            database.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
            start(service.withUserConfiguration(first == Flyway.class ? OwnFlyway.class : Build.class));
            assertThat(VerdictTable.in(database).find(Release.of("parts", "8")))
                    .as("%s first", first)
                    .isPresent();
        }
    }

    @Test
    void report_cannotBeJudged_isUnknown_andTheServiceStarts(CapturedOutput output) throws IOException {
        start(withFlyway("1.4.2"));
        script("V2__odd.sql", ADD);
        script("U2__one.sql", DROP);
        script("U2__two.sql", DROP);
        start(withFlyway("1.5.0"));
        assertThat(recorded("1.5.0").verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(output).contains("cannot be judged", "two undos");
        assertThat(columns()).contains("MAIL");
    }

    @Test
    void refuse_incompatible_failsTheStartBeforeAnythingRuns() throws IOException {
        start(withFlyway("1.4.2").withPropertyValues("rollback4j.migrations.check=refuse"));
        script("V2__drop.sql", DROP);
        withFlyway("1.5.0")
                .withPropertyValues("rollback4j.migrations.check=refuse")
                .run(context -> {
                    assertThat(context).hasFailed();
                    assertThat(analysis(context))
                            .contains("BLOCKED", "V2__drop.sql:1", "DROP_COLUMN", "No migration has run");
                });
        assertThat(columns()).containsExactly("ID", "PHONE");
        assertThat(VerdictTable.in(database).find(Release.of("shop", "1.5.0"))).isEmpty();
    }

    private static String analysis(AssertableApplicationContext context) {
        var analysis = new MigrationsRefusedFailureAnalyzer().analyze(context.getStartupFailure());
        assertThat(analysis).isNotNull();
        return analysis.getDescription() + analysis.getAction();
    }

    @Test
    void refuse_compatible_starts() throws IOException {
        start(withFlyway("1.4.2").withPropertyValues("rollback4j.migrations.check=refuse"));
        script("V2__add.sql", ADD);
        start(withFlyway("1.5.0").withPropertyValues("rollback4j.migrations.check=refuse"));
        assertThat(columns()).contains("MAIL");
    }

    @Test
    void off_orWithoutRollouts_orWithoutLibrary_looksAtNothing() throws IOException {
        start(withFlyway("1.4.2").withPropertyValues("rollback4j.migrations.check=off"));
        script("V2__drop.sql", DROP);
        start(withFlyway("1.5.0").withPropertyValues("rollback4j.enabled=false", "rollback4j.migrations.check=refuse"));
        assertThat(columns()).containsExactly("ID");
        start(withFlyway("1.5.0").withClassLoader(new FilteredClassLoader(CompatibilityCheck.class)));
        assertThat(VerdictTable.in(database).find(Release.of("shop", "1.5.0"))).isEmpty();
    }

    @Test
    void flywayOfTheService_isJudgedToo() throws IOException {
        start(withFlyway("1.4.2"));
        script("V2__drop.sql", DROP);
        start(withFlyway("1.5.0").withUserConfiguration(OwnFlyway.class));
        assertThat(columns()).containsExactly("ID");
        assertThat(recorded("1.5.0").verdict()).isEqualTo(Verdict.BLOCKED);
    }

    // ---- Liquibase.

    private ApplicationContextRunner withLiquibase(String version, String... statements) throws IOException {
        StringBuilder text = new StringBuilder("--liquibase formatted sql\n");
        for (int i = 0; i < statements.length; i++) {
            text.append("--changeset ann:").append(i + 1).append('\n').append(statements[i]);
        }
        script("changes.sql", text.toString());
        return service(version, boot("liquibase", "LiquibaseAutoConfiguration"))
                .withPropertyValues("spring.liquibase.change-log=file:" + folder.resolve("changes.sql"));
    }

    @Test
    void liquibase_incompatible_isReported_orRefused() throws IOException {
        start(withLiquibase("1.4.2", TABLE));
        assertThat(recorded("1.4.2").verdict()).isEqualTo(Verdict.COMPATIBLE);
        withLiquibase("1.5.0", TABLE, DROP)
                .withPropertyValues("rollback4j.migrations.check=refuse")
                .run(context -> {
                    assertThat(context).hasFailed();
                    assertThat(analysis(context)).contains("BLOCKED", "DROP_COLUMN");
                });
        assertThat(columns()).containsExactly("ID", "PHONE");
        start(withLiquibase("1.5.0", TABLE, DROP));
        assertThat(columns()).containsExactly("ID");
        assertThat(recorded("1.5.0").verdict()).isEqualTo(Verdict.BLOCKED);
    }

    @Test
    void liquibase_parametersAndContexts_areItsOwn() throws IOException {
        start(withLiquibase("1.4.2", TABLE));
        start(withLiquibase("1.5.0", TABLE, "ALTER TABLE guest ADD COLUMN ${what} INT;\n")
                .withPropertyValues("spring.liquibase.parameters.what=age", "spring.liquibase.contexts=live"));
        assertThat(recorded("1.5.0").verdict()).isEqualTo(Verdict.COMPATIBLE);
        assertThat(columns()).contains("AGE");
    }

    @Test
    void liquibase_anotherTable_isUnknown() throws IOException {
        start(withLiquibase("1.5.0", TABLE).withPropertyValues("spring.liquibase.database-change-log-table=CHANGES"));
        assertThat(recorded("1.5.0").verdict()).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void liquibaseMissing_flywayIsJudged() throws IOException {
        start(withFlyway("1.5.0").withClassLoader(new FilteredClassLoader(SpringLiquibase.class)));
        assertThat(recorded("1.5.0").verdict()).isEqualTo(Verdict.COMPATIBLE);
    }

    // ---- The gate.

    private Preflight.Item gate(String version, String... more) {
        AtomicReference<Preflight.Item> item = new AtomicReference<>();
        withFlyway(version)
                .withPropertyValues(
                        "rollback4j.rollouts.shop.steps[0].run.webhook.name=deploy",
                        "rollback4j.rollouts.shop.steps[0].run.webhook.url=http://127.0.0.1:1/",
                        "rollback4j.rollouts.shop.steps[0].run.webhook.secret=only-for-tests",
                        "rollback4j.rollouts.shop.steps[0].gates[0].database.name=data")
                .withPropertyValues(more)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    Rollout rollout = context.getBean(NamedRollouts.class).get("shop");
                    Preflight.Item found = Awaitility.await()
                            .until(
                                    () -> Optional.ofNullable(rollout.preflight()).stream()
                                            .flatMap(preflight -> preflight.items().stream())
                                            .filter(each -> each.name().startsWith("gate data"))
                                            .findFirst(),
                                    Optional::isPresent)
                            .orElseThrow();
                    if (found.outcome() == Outcome.FAILED) {
                        assertThat(rollout.state().phase()).isEqualTo(Phase.PLANNED);
                    }
                    item.set(found);
                });
        return item.get();
    }

    @Test
    void gate_goesByTheVerdict_beforeTheRolloutStarts() throws IOException {
        assertThat(gate("1.4.2").outcome()).isEqualTo(Outcome.PASSED);
        script("V2__drop.sql", DROP);
        assertThat(gate("1.5.0")).satisfies(item -> {
            assertThat(item.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(item.detail()).contains("blocked", "V2__drop.sql:1");
        });
        assertThat(gate("1.5.1").outcome()).isEqualTo(Outcome.PASSED);
    }

    @Test
    void gate_nothingWasJudged_isClosed() {
        assertThat(gate("1.5.0", "rollback4j.migrations.check=off")).satisfies(item -> {
            assertThat(item.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(item.detail()).contains("no verdict is recorded");
        });
    }

    @Test
    void gate_undoneBy_letsTheUndoBeCarriedOut() throws IOException {
        start(withFlyway("1.4.2"));
        VerdictTable.in(database)
                .record(new RecordedVerdict(
                        Release.of("shop", "1.5.0"),
                        Verdict.UNDO_NEEDED,
                        List.of(),
                        List.of("2"),
                        List.of("SELECT 1"),
                        Instant.EPOCH));
        assertThat(gate("1.5.0").detail()).contains("the database must go back");
        assertThat(gate("1.5.0", "rollback4j.rollouts.shop.steps[0].gates[0].database.undone-by=deploy")
                        .detail())
                .contains("deploy carries them out");
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnFlyway {
        @Bean(initMethod = "migrate")
        Flyway flyway(DataSource database, Environment environment) {
            return Flyway.configure()
                    .dataSource(database)
                    .locations(environment.getRequiredProperty("spring.flyway.locations"))
                    .load();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Build {
        @Bean
        BuildProperties build(Environment environment) {
            Properties build = new Properties();
            build.setProperty("version", environment.getRequiredProperty("built"));
            return new BuildProperties(build);
        }
    }
}
