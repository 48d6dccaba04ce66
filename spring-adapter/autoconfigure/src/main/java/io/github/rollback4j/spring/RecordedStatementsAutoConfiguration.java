package io.github.rollback4j.spring;

import io.github.rollback4j.migrations.statements.StatementRecorder;
import io.github.rollback4j.spring.Rollback4jProperties.Migrations;
import net.ttddyy.dsproxy.support.ProxyDataSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Records what a service asks its databases while its tests run, where {@code rollback4j.migrations.record} names a file. Needs
 * {@code rollback4j-db-migrations} and {@code net.ttddyy:datasource-proxy}.
 */
@AutoConfiguration
@ConditionalOnClass({StatementRecorder.class, ProxyDataSource.class})
@ConditionalOnProperty("rollback4j.migrations.record")
public class RecordedStatementsAutoConfiguration {

    /** Wraps each data source; static, since it is there before the configuration's other beans. */
    @Bean
    static RecordedDataSources rollback4jRecordedDataSources(Environment environment) {
        // Bound here: the bean with all properties would come too early.
        Migrations migrations = Binder.get(environment)
                .bind("rollback4j.migrations", Migrations.class)
                .get();
        return new RecordedDataSources(migrations);
    }
}
