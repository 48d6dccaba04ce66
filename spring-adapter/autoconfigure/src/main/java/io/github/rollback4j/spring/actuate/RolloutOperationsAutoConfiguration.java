package io.github.rollback4j.spring.actuate;

import io.github.rollback4j.metrics.RolloutMetrics;
import io.github.rollback4j.rollout.RolloutListener;
import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.spring.Rollback4jAutoConfiguration;
import io.github.rollback4j.spring.Rollback4jProperties;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Tells a service of its rollouts: by application events, by meters, and by reminders. */
@AutoConfiguration(after = Rollback4jAutoConfiguration.class)
public class RolloutOperationsAutoConfiguration {

    /** Publishes {@link RolloutChanged}. */
    @Bean
    @ConditionalOnMissingBean(name = "rolloutEventPublisher")
    RolloutListener rolloutEventPublisher(ConfigurableApplicationContext context) {
        return (rollout, event) -> {
            // While the context closes, its listeners may be gone already.
            if (context.isActive()) {
                context.publishEvent(new RolloutChanged(rollout, event));
            }
        };
    }

    /** The meters, which Boot binds to the service's registries; nothing is measured where there is none. */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(Rollouts.class)
    @ConditionalOnClass(name = "io.micrometer.core.instrument.binder.MeterBinder")
    RolloutMetrics rolloutMetrics(Rollouts rollouts) {
        return new RolloutMetrics(rollouts);
    }

    /** Reminds of stable code. */
    @Bean
    @ConditionalOnBean(Rollouts.class)
    @ConditionalOnMissingBean
    StableCodeReminder stableCodeReminder(Rollouts rollouts, Rollback4jProperties properties) {
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1, runnable -> {
            Thread thread = new Thread(runnable, "rollback4j-reminder");
            thread.setDaemon(true);
            return thread;
        });
        return new StableCodeReminder(
                rollouts, properties.remindOfStableCodeAfter(), InstantSource.system(), scheduler);
    }
}
