package io.github.rollback4j.spring;

import io.github.rollback4j.migrations.reading.SqlDialect;
import io.github.rollback4j.migrations.source.LiquibaseMigrations;
import io.github.rollback4j.migrations.source.MigrationSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import liquibase.integration.spring.SpringLiquibase;
import liquibase.integration.spring.SpringResourceAccessor;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.beans.factory.config.BeanPostProcessor;

/** Has the changesets of each Liquibase of the service judged before it runs them, which it does when it is made. */
final class CheckedLiquibase implements BeanPostProcessor {

    private static final String TABLE = "DATABASECHANGELOG";

    private final MigrationChecks checks;

    CheckedLiquibase(MigrationChecks checks) {
        this.checks = checks;
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (!checks.isOff() && bean instanceof SpringLiquibase liquibase) {
            DirectFieldAccessor fields = new DirectFieldAccessor(liquibase);
            DataSource database = liquibase.getDataSource();
            if (database != null && Boolean.TRUE.equals(fields.getPropertyValue("shouldRun"))) {
                checks.judge("Liquibase", database, dialect -> pending(dialect, database, liquibase, fields));
            }
        }
        return bean;
    }

    private static MigrationSet pending(
            SqlDialect dialect, DataSource database, SpringLiquibase liquibase, DirectFieldAccessor fields) {
        boolean hasUsualTable = liquibase.getDatabaseChangeLogTable() == null
                || liquibase.getDatabaseChangeLogTable().equalsIgnoreCase(TABLE);
        if (!hasUsualTable
                || isSet(liquibase.getDefaultSchema())
                || isSet(liquibase.getLiquibaseSchema())
                || liquibase.isDropFirst()) {
            throw new IllegalStateException(
                    "another schema, another table of changesets and drop-first are not allowed where they are judged");
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        if (fields.getPropertyValue("parameters") instanceof Map<?, ?> set) {
            set.forEach((key, value) -> parameters.put(String.valueOf(key), String.valueOf(value)));
        }
        return LiquibaseMigrations.of(
                        dialect, new SpringResourceAccessor(liquibase.getResourceLoader()), liquibase.getChangeLog())
                .contexts(Objects.requireNonNullElse(liquibase.getContexts(), ""))
                .labels(Objects.requireNonNullElse(liquibase.getLabelFilter(), ""))
                .parameters(parameters)
                .after(database);
    }

    private static boolean isSet(@Nullable String value) {
        return value != null && !value.isBlank();
    }
}
