package io.github.rollback4j.spring;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Says whose call it is, where the method's parameters do not: a bean of this type is asked on the caller's thread, before
 * anything else happens to the call. Of several the first one in {@code @Order} that gives a key counts. After them come the name
 * of the authenticated user (with Spring Security) and the request's header that {@code rollback4j.key-header} names.
 *
 * <p>Must be thread-safe and quick. One that throws, or gives a key of another type, is passed over, with a warning once.
 */
@FunctionalInterface
public interface RolloutKeyResolver {

    /**
     * Returns the key of a call.
     *
     * @param rollout the rollout's name
     * @param method of the interface, or that carries {@link RolledOut}
     * @param arguments of the call; not to be changed
     * @return of type {@code String}, {@code Long}, {@code Integer}, {@code UUID} or {@code Subject}; null where it is not known
     */
    @Nullable
    Object keyOf(String rollout, Method method, @Nullable Object[] arguments);
}
