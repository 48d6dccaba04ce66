package io.github.rollback4j.spring;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.support.BeanDefinitionValidationException;
import org.springframework.core.KotlinDetector;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/** A method whose calls a rollout decides, with all that can be known of it at start. Thread-safe. */
final class RoutedMethod {

    private static final Logger LOG = LoggerFactory.getLogger(RoutedMethod.class);

    /** How a call is made. */
    enum Verb {
        CALL,
        CALL_IDEMPOTENT,
        CALL_ASYNC
    }

    /** A method as one of the two versions has it. */
    record Version(Method method, Class<?> owner) {

        /** Returns what a class makes of a method of its interface. */
        static Version of(Method method, Class<?> owner) {
            return new Version(AopUtils.getMostSpecificMethod(method, owner), owner);
        }

        Class<?> result() {
            return ResolvableType.forMethodReturnType(method, owner).resolve(Object.class);
        }
    }

    private final Method method;
    private final Verb verb;
    private final int keyParameter;
    private final AtomicBoolean warnedOfTransaction = new AtomicBoolean();

    private RoutedMethod(Method method, Verb verb, int keyParameter) {
        this.method = method;
        this.verb = verb;
        this.keyParameter = keyParameter;
    }

    /**
     * Looks at a method.
     *
     * @param method that callers call
     * @param where the annotation stands, for people
     * @throws BeanDefinitionValidationException if there are two keys, or one that can not be a key
     */
    static RoutedMethod of(String where, Method method, Version stable, Version candidate, boolean idempotent) {
        method.trySetAccessible();
        boolean async = CompletionStage.class.isAssignableFrom(stable.result())
                && CompletionStage.class.isAssignableFrom(candidate.result());
        Verb verb = async ? Verb.CALL_ASYNC : idempotent ? Verb.CALL_IDEMPOTENT : Verb.CALL;
        if (!async) {
            warnOfUnseenEnd(where, stable);
        }
        return new RoutedMethod(method, verb, keyParameter(where, method, stable, candidate));
    }

    private static void warnOfUnseenEnd(String where, Version version) {
        Class<?> result = version.result();
        if (Future.class.isAssignableFrom(result)
                || ReactiveAdapterRegistry.getSharedInstance().getAdapter(result) != null
                || KotlinDetector.isSuspendingFunction(version.method())) {
            LOG.warn(
                    "{}: {} ends later than it returns, and only its beginning is watched: return a CompletionStage to have"
                            + " its failures and its time count",
                    where,
                    named(version.method()));
        }
    }

    private static int keyParameter(String where, Method method, Version stable, Version candidate) {
        Set<Integer> marked = new TreeSet<>(keyParameters(method));
        for (Version version : List.of(stable, candidate)) {
            for (Class<?> type : hierarchy(version.owner())) {
                for (Method each : type.getDeclaredMethods()) {
                    if (overrides(version.method(), each)) {
                        marked.addAll(keyParameters(each));
                    }
                }
            }
        }
        if (marked.isEmpty()) {
            return -1;
        }
        if (marked.size() > 1) {
            throw new BeanDefinitionValidationException(
                    where + ": " + named(method) + " has @RolloutKey on several parameters; a call has one key");
        }
        int index = marked.iterator().next();
        Class<?> type = ResolvableType.forMethodParameter(candidate.method(), index, candidate.owner())
                .resolve(Object.class);
        if (!CallKeys.isKey(type)) {
            throw new BeanDefinitionValidationException(where + ": @RolloutKey of " + named(method) + " is a "
                    + type.getName() + "; a key is a String, long, int, UUID or Subject");
        }
        return index;
    }

    private static boolean overrides(Method method, Method other) {
        return other.getName().equals(method.getName())
                && !Modifier.isPrivate(other.getModifiers())
                && Arrays.equals(other.getParameterTypes(), method.getParameterTypes());
    }

    private static Set<Class<?>> hierarchy(Class<?> type) {
        Set<Class<?>> hierarchy = new LinkedHashSet<>(ClassUtils.getAllInterfacesForClassAsSet(type));
        for (Class<?> each = type; each != null && each != Object.class; each = each.getSuperclass()) {
            hierarchy.add(each);
        }
        return hierarchy;
    }

    private static Set<Integer> keyParameters(Method method) {
        Set<Integer> marked = new TreeSet<>();
        Parameter[] parameters = method.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i].isAnnotationPresent(RolloutKey.class)) {
                marked.add(i);
            }
        }
        return marked;
    }

    Method method() {
        return method;
    }

    Verb verb() {
        return verb;
    }

    /** Returns the index of the parameter that is the key, -1 where none is. */
    int keyParameter() {
        return keyParameter;
    }

    /** Calls a method; what it returns or throws is passed on unchanged. */
    static @Nullable Object invoke(Method method, Object target, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getTargetException();
        }
    }

    void warnOfTransaction(String rollout) {
        if (warnedOfTransaction.compareAndSet(false, true)) {
            LOG.warn(
                    "rollout '{}': {} is idempotent but was called inside an active transaction, which a failing candidate could"
                            + " spoil: stable is called at once; said once",
                    rollout,
                    this);
        }
    }

    static String named(Method method) {
        return ClassUtils.getUserClass(method.getDeclaringClass()).getSimpleName() + "." + method.getName();
    }

    @Override
    public String toString() {
        return named(method);
    }
}
