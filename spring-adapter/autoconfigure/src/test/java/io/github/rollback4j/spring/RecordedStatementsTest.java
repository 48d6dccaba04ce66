package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.github.rollback4j.migrations.statements.RecordedStatement;
import io.github.rollback4j.migrations.statements.StatementCatalogue;
import io.github.rollback4j.migrations.statements.StatementRecorder;
import java.nio.file.Path;
import java.util.UUID;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.support.ProxyDataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

class RecordedStatementsTest {

    @TempDir
    private Path folder;

    private final ApplicationContextRunner service = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(RecordedStatementsAutoConfiguration.class, Rollback4jAutoConfiguration.class))
            .withPropertyValues("rollback4j.instance=here-1", "rollback4j.store.data-source=pool")
            .withUserConfiguration(Databases.class);

    private Path file() {
        return folder.resolve("statements.sql");
    }

    @Test
    void file_named_getsTheStatementsWhenTheContextCloses() {
        service.withPropertyValues("rollback4j.migrations.record=" + file()).run(context -> {
            DataSource pool = context.getBean("pool", DataSource.class);
            JdbcTemplate guests = new JdbcTemplate(pool);
            guests.execute("CREATE TABLE guest (name VARCHAR(10))");
            guests.update("INSERT INTO guest (name) VALUES (?)", "Pia");
            new JdbcTemplate(context.getBean("plain", DataSource.class)).queryForObject("SELECT 1", Integer.class);
            assertThat(file()).doesNotExist();
            assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize())
                    .isEqualTo(3);
            assertThat(pool.unwrap(HikariDataSource.class)).isNotNull();
        });

        assertThat(StatementCatalogue.of(file()).statements())
                .extracting(RecordedStatement::sql)
                .containsExactly("INSERT INTO guest (name) VALUES (?)", "SELECT 1");
        assertThat(StatementCatalogue.of(file()).text()).contains("-- sample: 'Pia'");
    }

    @Test
    void file_ofAnEarlierContext_isAddedTo() {
        for (String name : new String[] {"a", "b"}) {
            service.withPropertyValues("rollback4j.migrations.record=" + file())
                    .run(context -> new JdbcTemplate(context.getBean("plain", DataSource.class))
                            .queryForList("SELECT 1 AS " + name));
        }

        assertThat(StatementCatalogue.of(file()).statements()).hasSize(2);
    }

    @Test
    void options_areHeeded() {
        service.withPropertyValues(
                        "rollback4j.migrations.record=" + file(),
                        "rollback4j.migrations.record-samples=false",
                        "rollback4j.migrations.record-leave-out=of_tests, more_of_tests")
                .run(context -> {
                    JdbcTemplate plain = new JdbcTemplate(context.getBean("plain", DataSource.class));
                    plain.execute("CREATE TABLE more_of_tests (a INT)");
                    plain.queryForList("SELECT a FROM more_of_tests");
                    plain.queryForList("SELECT CAST(? AS VARCHAR) AS secret", "Pia");
                });

        assertThat(StatementCatalogue.of(file()).text())
                .contains("AS secret")
                .doesNotContain("Pia")
                .doesNotContain("of_tests");
    }

    @Test
    void file_notNamed_leavesDataSourcesAsTheyAre() {
        service.run(context -> {
            assertThat(context).hasNotFailed().doesNotHaveBean(RecordedDataSources.class);
            assertThat(context.getBean("pool").getClass()).isEqualTo(HikariDataSource.class);
        });
    }

    @Test
    void library_missing_leavesDataSourcesAsTheyAre() {
        for (Class<?> missing : new Class<?>[] {StatementRecorder.class, ProxyDataSource.class}) {
            service.withClassLoader(new FilteredClassLoader(missing))
                    .withPropertyValues("rollback4j.migrations.record=" + file())
                    .run(context ->
                            assertThat(context).hasNotFailed().doesNotHaveBean("rollback4jRecordedDataSources"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Databases {

        @Bean
        HikariDataSource pool() {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID());
            pool.setMaximumPoolSize(3);
            return pool;
        }

        /** Its class cannot be extended. */
        @Bean
        DataSource plain() {
            JdbcDataSource plain = new JdbcDataSource();
            plain.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
            return plain;
        }
    }
}
