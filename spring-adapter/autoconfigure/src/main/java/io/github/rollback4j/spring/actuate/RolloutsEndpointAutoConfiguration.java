package io.github.rollback4j.spring.actuate;

import io.github.rollback4j.rollout.Rollouts;
import io.github.rollback4j.spring.NamedRollouts;
import io.github.rollback4j.spring.Rollback4jAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** Shows a service's rollouts where the actuator is: the endpoint, the page, and in info. */
@AutoConfiguration(after = Rollback4jAutoConfiguration.class)
@ConditionalOnClass(
        name = {
            "org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint",
            "org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint"
        })
@ConditionalOnBean({Rollouts.class, NamedRollouts.class})
public class RolloutsEndpointAutoConfiguration {

    /** The endpoint {@code rollouts}. */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint(endpoint = RolloutsEndpoint.class)
    RolloutsEndpoint rolloutsEndpoint(Rollouts rollouts, NamedRollouts named) {
        return new RolloutsEndpoint(rollouts, named);
    }

    /** The endpoint {@code rolloutsignals}. */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint(endpoint = RolloutSignalsEndpoint.class)
    RolloutSignalsEndpoint rolloutSignalsEndpoint(Rollouts rollouts, NamedRollouts named) {
        return new RolloutSignalsEndpoint(rollouts, named);
    }

    /** The endpoint {@code rolloutspage}. */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint(endpoint = RolloutsPageEndpoint.class)
    RolloutsPageEndpoint rolloutsPageEndpoint(Environment environment) {
        return new RolloutsPageEndpoint(
                environment.getProperty("management.endpoints.web.path-mapping.rollouts", "rollouts"),
                environment.getProperty("management.endpoints.web.path-mapping.rolloutspage", "rolloutspage"));
    }

    /** Releases and phases in the endpoint {@code info}. */
    @Bean
    @ConditionalOnMissingBean(name = "rolloutsInfoContributor")
    @ConditionalOnEnabledInfoContributor("rollouts")
    InfoContributor rolloutsInfoContributor(Rollouts rollouts, NamedRollouts named) {
        RolloutsHealth health = new RolloutsHealth(rollouts, named);
        return info -> info.withDetail("rollouts", health.info());
    }
}
