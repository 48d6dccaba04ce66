package io.github.rollback4j.spring;

import io.github.rollback4j.traffic.Subject;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out whose call it is: the first of the sources that knows counts. Thread-safe. */
final class CallKeys {

    private static final Logger LOG = LoggerFactory.getLogger(CallKeys.class);
    private static final @Nullable Object[] NO_ARGUMENTS = {};

    private final RolloutKeyResolver[] resolvers;
    private final Set<RolloutKeyResolver> warnedOf = ConcurrentHashMap.newKeySet();

    CallKeys(List<RolloutKeyResolver> resolvers) {
        this.resolvers = resolvers.toArray(RolloutKeyResolver[]::new);
    }

    /** Whether a parameter of this type can be a key. */
    static boolean isKey(Class<?> type) {
        return type == String.class
                || type == long.class
                || type == Long.class
                || type == int.class
                || type == Integer.class
                || type == UUID.class
                || type == Subject.class;
    }

    /** Returns the key of a call, or null where no source knows one. */
    @Nullable
    Object of(String rollout, RoutedMethod method, @Nullable Object @Nullable [] given) {
        @Nullable Object[] arguments = given == null ? NO_ARGUMENTS : given;
        if (method.keyParameter() >= 0) {
            Object key = arguments[method.keyParameter()];
            if (key != null) {
                return key;
            }
        }
        for (RolloutKeyResolver resolver : resolvers) {
            Object key = ask(resolver, rollout, method, arguments);
            if (key != null) {
                return key;
            }
        }
        return null;
    }

    private @Nullable Object ask(
            RolloutKeyResolver resolver, String rollout, RoutedMethod method, @Nullable Object[] arguments) {
        try {
            Object key = resolver.keyOf(rollout, method.method(), arguments);
            if (key == null || isKey(key.getClass())) {
                return key;
            }
            warn(resolver, rollout, method, "gave a " + key.getClass().getName(), null);
        } catch (RuntimeException | LinkageError thrown) {
            warn(resolver, rollout, method, "threw", thrown);
        }
        return null;
    }

    // The key itself is never logged: it may say who a person is.
    private void warn(
            RolloutKeyResolver resolver, String rollout, RoutedMethod method, String what, @Nullable Throwable thrown) {
        if (warnedOf.add(resolver)) {
            LOG.warn(
                    "rollout '{}': the key resolver {} {} for {} and is passed over there; said once. A key is a String, Long,"
                            + " Integer, UUID or Subject",
                    rollout,
                    resolver.getClass().getName(),
                    what,
                    method,
                    thrown);
        }
    }
}
