package io.github.rollback4j.spring;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Stands for two beans of the same interfaces, and gives each call to one of them. Thread-safe. */
final class RoutedPair implements InvocationHandler {

    private final CallRouter<Object> router;
    private final Map<Method, RoutedMethod> methods;

    RoutedPair(CallRouter<Object> router, Map<Method, RoutedMethod> methods) {
        this.router = router;
        this.methods = methods;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        RoutedMethod routed = methods.get(method);
        if (routed == null) {
            return ofObject(proxy, method, arguments);
        }
        return router.call(routed, arguments, version -> RoutedMethod.invoke(routed.method(), version, arguments));
    }

    // The proxy is an object of its own: equal to itself alone, whatever the two versions say of each other.
    @SuppressWarnings("ReferenceEquality")
    private Object ofObject(Object proxy, Method method, @Nullable Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> router.where();
        };
    }
}
