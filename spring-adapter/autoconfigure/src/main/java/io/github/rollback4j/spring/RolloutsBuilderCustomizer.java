package io.github.rollback4j.spring;

import io.github.rollback4j.rollout.Rollouts;

/** Changes the service's {@link Rollouts} before they are built, after the properties: a bean of this type sets threads or a clock. */
@FunctionalInterface
public interface RolloutsBuilderCustomizer {

    /** Changes the builder. */
    void customize(Rollouts.Builder builder);
}
