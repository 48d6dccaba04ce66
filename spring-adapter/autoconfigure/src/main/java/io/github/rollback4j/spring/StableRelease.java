package io.github.rollback4j.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the bean that serves in the stable release of a rollout: on its class or on its {@code @Bean} method. Its counterpart is
 * the one bean with {@link CandidateRelease} of the same rollout and interface; who injects that interface gets both, routed.
 */
@Documented
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface StableRelease {

    /** Names the rollout, as in {@code rollback4j.rollouts.<name>}. */
    String value();
}
