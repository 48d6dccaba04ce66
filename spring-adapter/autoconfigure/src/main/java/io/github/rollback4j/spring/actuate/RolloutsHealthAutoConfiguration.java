package io.github.rollback4j.spring.actuate;

import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.spring.NamedRollouts;
import io.github.rollback4j.spring.Rollback4jAutoConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Shows a service's rollouts in its health. They never make it worse than UP: after a rollback stable serves, also where people are
 * needed for the rest, and an instance that is taken out of traffic for that would be the second outage.
 */
@AutoConfiguration(after = Rollback4jAutoConfiguration.class)
@ConditionalOnBean({Rollouts.class, NamedRollouts.class})
public class RolloutsHealthAutoConfiguration {

    /** As it is from Boot 4 on. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(
            name = {
                "org.springframework.boot.health.contributor.HealthIndicator",
                "org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator"
            })
    static class OfBoot4 {

        /** The rollouts, as details. */
        @Bean
        @ConditionalOnMissingBean(name = "rolloutsHealthIndicator")
        @ConditionalOnEnabledHealthIndicator("rollouts")
        HealthIndicator rolloutsHealthIndicator(Rollouts rollouts, NamedRollouts named) {
            RolloutsHealth health = new RolloutsHealth(rollouts, named);
            return () -> Health.up().withDetails(health.details()).build();
        }
    }

    /** As it was in Boot 3. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = Boot3Health.INDICATOR)
    @ConditionalOnMissingClass("org.springframework.boot.health.contributor.HealthIndicator")
    static class OfBoot3 {

        /** The rollouts, as details. */
        @Bean
        @ConditionalOnMissingBean(name = "rolloutsHealthIndicator")
        @ConditionalOnProperty(name = "management.health.rollouts.enabled", matchIfMissing = true)
        static Boot3Health rolloutsHealthIndicator(
                ObjectProvider<Rollouts> rollouts, ObjectProvider<NamedRollouts> named) {
            return new Boot3Health(
                    () -> new RolloutsHealth(rollouts.getObject(), named.getObject()), OfBoot3.class.getClassLoader());
        }
    }
}
