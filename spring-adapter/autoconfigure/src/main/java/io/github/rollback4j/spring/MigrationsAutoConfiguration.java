package io.github.rollback4j.spring;

import io.github.rollback4j.migrations.verdict.CompatibilityCheck;
import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.spring.Rollback4jProperties.MigrationCheck;
import io.github.rollback4j.spring.Rollback4jProperties.Migrations;
import java.time.InstantSource;
import liquibase.integration.spring.SpringLiquibase;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Judges the migrations of Flyway and Liquibase before they run, and gives plans a gate that goes by the verdict. Needs
 * {@code rollback4j-db-migrations}.
 */
@AutoConfiguration(before = Rollback4jAutoConfiguration.class)
@ConditionalOnClass(CompatibilityCheck.class)
public class MigrationsAutoConfiguration {

    /** The gate, which looks for a verdict also where no migration is checked in this process. */
    @Bean
    PlanPartProvider rolloutDatabasePart(ObjectProvider<Rollback4jProperties> properties, ListableBeanFactory beans) {
        return new DatabasePart(properties, beans);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = "rollback4j.enabled", havingValue = "true", matchIfMissing = true)
    static class Checked {

        /** Static, as what follows: it is there before the configuration's other beans. */
        @Bean
        static MigrationChecks rollback4jMigrationChecks(
                ConfigurableEnvironment environment,
                ObjectProvider<BuildProperties> build,
                ObjectProvider<GitProperties> git) {
            return new MigrationChecks(check(environment), environment, build, git, InstantSource.system());
        }

        /** Bound here: the bean with all properties would come too early. */
        private static MigrationCheck check(ConfigurableEnvironment environment) {
            return Binder.get(environment)
                    .bindOrCreate("rollback4j.migrations", Migrations.class)
                    .check();
        }

        @Configuration(proxyBeanMethods = false)
        @ConditionalOnClass(Flyway.class)
        static class OfFlyway {
            @Bean
            static CheckedFlyway rollback4jCheckedFlyway(MigrationChecks checks) {
                return new CheckedFlyway(checks);
            }
        }

        @Configuration(proxyBeanMethods = false)
        @ConditionalOnClass(SpringLiquibase.class)
        static class OfLiquibase {
            @Bean
            static CheckedLiquibase rollback4jCheckedLiquibase(MigrationChecks checks) {
                return new CheckedLiquibase(checks);
            }
        }
    }
}
