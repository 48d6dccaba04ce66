package io.github.rollback4j.spring;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of {@link StableRelease}, {@link CandidateRelease} and {@link RolledOut}. Before the rollouts': what is wrong
 * with an annotation is said before a rollout begins.
 */
@AutoConfiguration(beforeName = "io.github.rollback4j.spring.Rollback4jAutoConfiguration")
@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
public final class RolloutAnnotationsAutoConfiguration {

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static AnnotatedRollouts rollback4jAnnotatedRollouts(
            ConfigurableListableBeanFactory beans, Environment environment) {
        return new AnnotatedRollouts(beans, environment);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static ReleasePairProcessor rollback4jReleasePairs() {
        return new ReleasePairProcessor();
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static RolledOutMethodProcessor rollback4jRolledOutMethods(AnnotatedRollouts rollouts) {
        return new RolledOutMethodProcessor(rollouts);
    }
}
