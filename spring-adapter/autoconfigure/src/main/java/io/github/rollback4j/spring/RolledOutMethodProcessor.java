package io.github.rollback4j.spring;

import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.traffic.Arm;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.support.BeanDefinitionValidationException;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.ResolvableType;
import org.springframework.core.SmartClassLoader;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Puts the router before the methods with {@link RolledOut}. It has no order on purpose: it comes after Spring's own processors,
 * which all have one, and puts its advice before theirs. Thread-safe.
 */
final class RolledOutMethodProcessor implements BeanPostProcessor, BeanClassLoaderAware {

    private static final ReflectionUtils.MethodFilter MARKED =
            method -> AnnotatedElementUtils.hasAnnotation(method, RolledOut.class);

    private record Kind(Class<?> type, boolean byInterface) {}

    private static final class OneMethod extends StaticMethodMatcherPointcut {

        private final Method method;

        OneMethod(Method method) {
            this.method = method;
        }

        @Override
        public boolean matches(Method called, Class<?> type) {
            return AopUtils.getMostSpecificMethod(called, type).equals(method);
        }
    }

    private final AnnotatedRollouts rollouts;
    private final SharedCaches caches = new SharedCaches();
    private final Map<Kind, List<Advisor>> known = new ConcurrentHashMap<>();
    private @Nullable ClassLoader classLoader = ClassUtils.getDefaultClassLoader();

    RolledOutMethodProcessor(AnnotatedRollouts rollouts) {
        this.rollouts = rollouts;
    }

    @Override
    public void setBeanClassLoader(ClassLoader loader) {
        this.classLoader = loader;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof AopInfrastructureBean) {
            return bean;
        }
        Class<?> type = ClassUtils.getUserClass(AopProxyUtils.ultimateTargetClass(bean));
        if (!AnnotationUtils.isCandidateClass(type, RolledOut.class)) {
            return bean;
        }
        boolean byInterface = Proxy.isProxyClass(bean.getClass())
                || Modifier.isFinal(bean.getClass().getModifiers());
        Kind kind = new Kind(type, byInterface);
        List<Advisor> advisors = known.get(kind);
        if (advisors == null) {
            advisors = advisors(kind, name);
            known.put(kind, advisors);
        }
        return advisors.isEmpty() ? bean : advise(bean, advisors, byInterface);
    }

    private Object advise(Object bean, List<Advisor> advisors, boolean byInterface) {
        if (bean instanceof Advised advised && !advised.isFrozen()) {
            for (Advisor advisor : advisors) {
                // It is there already where another @Bean method returns the same bean.
                if (advised.indexOf(advisor) < 0) {
                    advised.addAdvisor(0, advisor);
                }
            }
            return bean;
        }
        ProxyFactory proxy = new ProxyFactory();
        proxy.setTarget(bean);
        if (byInterface) {
            proxy.setInterfaces(ClassUtils.getAllInterfacesForClass(bean.getClass(), classLoader));
        } else {
            proxy.setProxyTargetClass(true);
        }
        proxy.addAdvisors(advisors);
        return proxy.getProxy(loaderOf(bean));
    }

    // As Spring's own processors do: a class that was not loaded anew is not extended by one that was.
    private @Nullable ClassLoader loaderOf(Object bean) {
        return classLoader instanceof SmartClassLoader smart
                        && !smart.equals(bean.getClass().getClassLoader())
                ? smart.getOriginalClassLoader()
                : classLoader;
    }

    private List<Advisor> advisors(Kind kind, String bean) {
        List<Advisor> advisors = new ArrayList<>();
        for (Method method : MethodIntrospector.selectMethods(kind.type(), MARKED)) {
            RolledOut annotation = AnnotatedElementUtils.findMergedAnnotation(method, RolledOut.class);
            if (annotation != null) {
                advisors.add(advisor(kind, bean, method, annotation));
            }
        }
        return List.copyOf(advisors);
    }

    private Advisor advisor(Kind kind, String bean, Method method, RolledOut annotation) {
        String where = "@RolledOut of " + ClassUtils.getShortName(kind.type()) + "." + method.getName() + " (bean '"
                + bean + "')";
        Method stable = stable(where, kind.type(), method, annotation.stable());
        Method throughProxy = throughProxy(where, kind, stable);
        throughProxy.trySetAccessible();
        throughProxy(where, kind, method);
        RoutedMethod.Version ofStable = new RoutedMethod.Version(stable, kind.type());
        if (annotation.idempotent() && CompletionStage.class.isAssignableFrom(ofStable.result())) {
            throw new BeanDefinitionValidationException(
                    where
                            + ": idempotent = true, but the method returns a CompletionStage: its call is made once; leave idempotent out");
        }
        if (!annotation.allowSharedCache()) {
            caches.refuse(where, caches.of(List.of(stable), kind.type()), caches.of(List.of(method), kind.type()));
        }
        CallRouter<Arm> router = new CallRouter<>(annotation.rollout(), where, Arm.STABLE, Arm.CANDIDATE);
        RoutedMethod routed = RoutedMethod.of(
                where, method, ofStable, new RoutedMethod.Version(method, kind.type()), annotation.idempotent());
        rollouts.add(router);
        return new DefaultPointcutAdvisor(new OneMethod(method), new RolledOutAdvice(router, routed, throughProxy));
    }

    private static Method stable(String where, Class<?> type, Method candidate, String name) {
        Method[] all =
                ReflectionUtils.getUniqueDeclaredMethods(type.isInterface() ? candidate.getDeclaringClass() : type);
        List<Method> named =
                Arrays.stream(all).filter(each -> each.getName().equals(name)).toList();
        if (named.isEmpty()) {
            String nearest = nearest(name, all);
            throw new BeanDefinitionValidationException(where + ": stable = \"" + name + "\" is no method of "
                    + ClassUtils.getShortName(type) + (nearest == null ? "" : ", '" + nearest + "' is the nearest"));
        }
        Map<Method, String> misfits =
                new TreeMap<>((one, other) -> one.toString().compareTo(other.toString()));
        for (Method each : named) {
            String misfit = misfit(type, each, candidate);
            if (misfit.isEmpty()) {
                return each;
            }
            misfits.put(each, misfit);
        }
        throw new BeanDefinitionValidationException(where + ": stable = \"" + name + "\" does not fit: "
                + misfits.entrySet().stream()
                        .map(each -> words(each.getKey()) + " " + each.getValue())
                        .collect(Collectors.joining("; ")));
    }

    private static @Nullable String nearest(String name, Method[] all) {
        Map<String, String> byLowerCase = new TreeMap<>();
        for (Method each : all) {
            byLowerCase.put(each.getName().toLowerCase(Locale.ROOT), each.getName());
        }
        String nearest = PlanParts.nearest(name, byLowerCase.keySet());
        return nearest == null ? null : byLowerCase.get(nearest);
    }

    private static String misfit(Class<?> type, Method stable, Method candidate) {
        if (stable.equals(candidate)) {
            return "is the candidate itself";
        }
        if (AnnotatedElementUtils.hasAnnotation(stable, RolledOut.class)) {
            return "is rolled out itself";
        }
        if (!sameParameters(type, stable, candidate)) {
            return "does not have the parameters of " + words(candidate);
        }
        ResolvableType result = ResolvableType.forMethodReturnType(candidate, type);
        if (!result.isAssignableFrom(ResolvableType.forMethodReturnType(stable, type))) {
            return "returns " + stable.getGenericReturnType().getTypeName() + ", not "
                    + candidate.getGenericReturnType().getTypeName();
        }
        for (Class<?> thrown : stable.getExceptionTypes()) {
            if (!RuntimeException.class.isAssignableFrom(thrown)
                    && !Error.class.isAssignableFrom(thrown)
                    && Arrays.stream(candidate.getExceptionTypes()).noneMatch(each -> each.isAssignableFrom(thrown))) {
                return "throws " + thrown.getName() + ", which " + words(candidate) + " does not declare";
            }
        }
        return "";
    }

    private static boolean sameParameters(Class<?> type, Method stable, Method candidate) {
        if (stable.getParameterCount() != candidate.getParameterCount()) {
            return false;
        }
        for (int i = 0; i < stable.getParameterCount(); i++) {
            ResolvableType given = ResolvableType.forMethodParameter(candidate, i, type);
            if (!ResolvableType.forMethodParameter(stable, i, type).isAssignableFrom(given)) {
                return false;
            }
        }
        return true;
    }

    private static Method throughProxy(String where, Kind kind, Method method) {
        int modifiers = method.getModifiers();
        if (Modifier.isPrivate(modifiers) || Modifier.isStatic(modifiers) || Modifier.isFinal(modifiers)) {
            throw new BeanDefinitionValidationException(where + ": " + words(method)
                    + " is private, static or final, and can not be called through a proxy");
        }
        if (!kind.byInterface() || method.getDeclaringClass().isInterface()) {
            return method;
        }
        Method ofInterface = ClassUtils.getInterfaceMethodIfPossible(method, kind.type());
        if (!ofInterface.getDeclaringClass().isInterface()) {
            throw new BeanDefinitionValidationException(
                    where + ": the bean's proxy has its interfaces only, and " + words(method)
                            + " is in none of them; declare it there, or proxy the class (proxyTargetClass = true)");
        }
        return ofInterface;
    }

    private static String words(Method method) {
        return Modifier.toString(method.getModifiers() & Modifier.methodModifiers())
                .concat(" ")
                .concat(method.getName())
                .concat(Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")")))
                .strip();
    }
}
