package io.github.rollback4j.spring.actuate;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.util.ClassUtils;

/** Makes a health indicator of Boot 3, against which this is not compiled. */
final class Boot3Health implements FactoryBean<Object> {

    static final String INDICATOR = "org.springframework.boot.actuate.health.HealthIndicator";

    private static final String HEALTH = "org.springframework.boot.actuate.health.Health";

    private final Supplier<RolloutsHealth> rollouts;
    private final ClassLoader loader;
    private final Class<?> indicator;

    /**
     * Makes the maker.
     *
     * @param rollouts asked for when the indicator is made: Spring makes its maker early, to see what it makes
     */
    Boot3Health(Supplier<RolloutsHealth> rollouts, ClassLoader loader) {
        this.rollouts = rollouts;
        this.loader = loader;
        this.indicator = ClassUtils.resolveClassName(INDICATOR, loader);
    }

    @Override
    public Class<?> getObjectType() {
        return indicator;
    }

    @Override
    public Object getObject() {
        RolloutsHealth shown = rollouts.get();
        return Proxy.newProxyInstance(
                loader,
                new Class<?>[] {indicator},
                (proxy, method, arguments) -> invoke(shown, proxy, method, arguments));
    }

    @SuppressWarnings("ReferenceEquality") // A proxy is equal to itself alone.
    private @Nullable Object invoke(RolloutsHealth shown, Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        if (method.isDefault()) {
            // It takes the details away where they are not to be shown.
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        return switch (method.getName()) {
            case "health" -> health(shown);
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> arguments != null && proxy == arguments[0];
            default -> "health of the rollouts";
        };
    }

    private Object health(RolloutsHealth shown) throws ReflectiveOperationException {
        Object builder =
                ClassUtils.resolveClassName(HEALTH, loader).getMethod("up").invoke(null);
        Class<?> type = builder.getClass();
        type.getMethod("withDetails", Map.class).invoke(builder, shown.details());
        return type.getMethod("build").invoke(builder);
    }
}
