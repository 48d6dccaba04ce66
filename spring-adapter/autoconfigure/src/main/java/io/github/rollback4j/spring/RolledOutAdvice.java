package io.github.rollback4j.spring;

import io.github.rollback4j.traffic.Arm;
import java.lang.reflect.Method;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;

/** Goes on with a call, or gives it to the stable method of the same bean. Thread-safe. */
final class RolledOutAdvice implements MethodInterceptor {

    private final CallRouter<Arm> router;
    private final RoutedMethod candidate;
    private final Method stable;

    /** @param stable as the bean's proxy has it */
    RolledOutAdvice(CallRouter<Arm> router, RoutedMethod candidate, Method stable) {
        this.router = router;
        this.candidate = candidate;
        this.stable = stable;
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        @Nullable Object[] arguments = invocation.getArguments();
        return router.call(
                candidate,
                arguments,
                release -> release == Arm.CANDIDATE
                        ? invocation.proceed()
                        : RoutedMethod.invoke(stable, ((ProxyMethodInvocation) invocation).getProxy(), arguments));
    }
}
