package io.github.rollback4j.spring;

import io.github.rollback4j.migrations.source.FlywayMigrations;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Lets each Flyway of the service, Spring Boot's or its own, have its migrations judged just before it runs them: by a callback,
 * which is the same in all releases of Spring Boot, and follows the service's own strategy.
 */
final class CheckedFlyway implements BeanPostProcessor {

    private final MigrationChecks checks;

    CheckedFlyway(MigrationChecks checks) {
        this.checks = checks;
    }

    /** Before the bean is initialised: some services let that migrate. */
    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (checks.isOff() || bean.getClass() != Flyway.class) {
            return bean;
        }
        Configuration configuration = ((Flyway) bean).getConfiguration();
        List<Callback> callbacks = new ArrayList<>(List.of(configuration.getCallbacks()));
        callbacks.add(new Judging(checks));
        return new FluentConfiguration(configuration.getClassLoader())
                .configuration(configuration)
                .callbacks(callbacks.toArray(Callback[]::new))
                .load();
    }

    /** The table of the history is there when it is called, so that one more table is not taken for a schema of others. */
    private record Judging(MigrationChecks checks) implements Callback {

        @Override
        public boolean supports(Event event, Context context) {
            return event == Event.BEFORE_MIGRATE;
        }

        @Override
        public boolean canHandleInTransaction(Event event, Context context) {
            return true;
        }

        @Override
        public void handle(Event event, Context context) {
            Configuration its = context.getConfiguration();
            checks.judge(
                    "Flyway",
                    its.getDataSource(),
                    dialect -> FlywayMigrations.of(dialect, its).after(its.getDataSource()));
        }

        @Override
        public String getCallbackName() {
            return "rollback4j";
        }
    }
}
