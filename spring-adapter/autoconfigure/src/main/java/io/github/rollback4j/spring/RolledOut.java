package io.github.rollback4j.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method as the candidate release of another method of the same bean. For each call from outside the bean the rollout
 * decides which of the two serves it, before any other advice (transactions, caches, {@code @Async}, security). The stable method
 * is called through the bean's proxy: its own advice applies. What a method returns or throws comes back unchanged.
 *
 * <p>As with every Spring proxy, a call from within the bean is not seen. The service does not start if the stable method is
 * missing or does not fit, if one of the two can not be called through a proxy (private, static, final), or if the rollout is not
 * configured.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface RolledOut {

    /** Names the rollout, as in {@code rollback4j.rollouts.<name>}. */
    String rollout();

    /**
     * Names the method that serves in the stable release: the same parameters, a result that fits, no checked exception that this
     * method does not declare.
     */
    String stable();

    /**
     * Says that the call may safely be made twice: where the candidate fails, stable answers. Inside an active transaction, which
     * the candidate's failure may have spoilt, stable is called at once. Not for methods that return a {@code CompletionStage}.
     * Default false.
     */
    boolean idempotent() default false;

    /**
     * Allows that both methods use a cache of the same name, in which each finds what the other has put there. Default false: the
     * service does not start.
     */
    boolean allowSharedCache() default false;
}
