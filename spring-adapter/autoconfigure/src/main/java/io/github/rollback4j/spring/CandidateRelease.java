package io.github.rollback4j.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the bean that serves in the candidate release of a rollout: on its class or on its {@code @Bean} method.
 *
 * <p>Beside the two beans there is a third one, a proxy of the interfaces that both have, which is {@code @Primary}: for each call
 * the rollout decides which of the two serves it. Both stay beans of their own, to be had by name; collections of the interface
 * hold them and not the proxy. What a bean returns or throws comes back unchanged.
 *
 * <p>The service does not start if one of the two is missing or there twice, if they share no interface, if the rollout is not
 * configured, or if another bean of the interface is {@code @Primary}.
 */
@Documented
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface CandidateRelease {

    /** Names the rollout, as in {@code rollback4j.rollouts.<name>}. */
    String value();

    /**
     * Says that every method of the interface may safely be called twice: where the candidate fails, stable answers. Inside an
     * active transaction, which the candidate's failure may have spoilt, stable is called at once. Methods that return a
     * {@code CompletionStage} are never called twice. Default false.
     */
    boolean idempotent() default false;

    /**
     * Allows that both beans use a cache of the same name, in which each finds what the other has put there. Default false: the
     * service does not start.
     */
    boolean allowSharedCache() default false;
}
