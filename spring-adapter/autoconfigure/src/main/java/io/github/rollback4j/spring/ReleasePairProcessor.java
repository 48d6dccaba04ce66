package io.github.rollback4j.spring;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.CannotLoadBeanClassException;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.BeanDefinitionValidationException;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.annotation.ContextAnnotationAutowireCandidateResolver;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.type.MethodMetadata;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Finds the beans with {@link StableRelease} and {@link CandidateRelease}, and puts a routed one before each pair. */
final class ReleasePairProcessor implements BeanDefinitionRegistryPostProcessor {

    private static final Logger LOG = LoggerFactory.getLogger(ReleasePairProcessor.class);

    /** A bean of one of the two releases. */
    private record Version<A extends Annotation>(String bean, Class<?> type, MergedAnnotation<A> annotation) {

        String rollout() {
            return annotation.getString(MergedAnnotation.VALUE);
        }

        @Override
        public String toString() {
            return "'" + bean + "' (" + ClassUtils.getShortName(type) + ")";
        }
    }

    private record Pair(Version<StableRelease> stable, Version<CandidateRelease> candidate, List<Class<?>> interfaces) {

        /** Returns the pair in words, as messages begin. */
        String where() {
            return "rollout '" + candidate.rollout() + "' of the beans '" + stable.bean() + "' (stable) and '"
                    + candidate.bean() + "' (candidate)";
        }
    }

    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {}

    /** Comes when all definitions are there, those of other such processors too. */
    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        List<Version<StableRelease>> stables = versions(beans, StableRelease.class);
        List<Version<CandidateRelease>> candidates = versions(beans, CandidateRelease.class);
        if (stables.isEmpty() && candidates.isEmpty()) {
            return;
        }
        keepOutOfCollections(beans);
        for (Pair pair : pairs(stables, candidates)) {
            refuseOtherPrimaries(beans, pair);
            register(beans, pair);
        }
    }

    private static <A extends Annotation> List<Version<A>> versions(
            ConfigurableListableBeanFactory beans, Class<A> annotation) {
        List<Version<A>> versions = new ArrayList<>();
        for (String definition : beans.getBeanDefinitionNames()) {
            if (beans.getBeanDefinition(definition).isAbstract()) {
                continue;
            }
            Class<?> type = type(beans, definition);
            MergedAnnotation<A> found = annotation(beans, definition, type, annotation);
            if (found.isPresent()) {
                versions.add(version(beans, definition, type, found));
            }
        }
        return versions;
    }

    private static @Nullable Class<?> type(ConfigurableListableBeanFactory beans, String definition) {
        try {
            Class<?> type = beans.getType(definition, false);
            return type == null ? null : ClassUtils.getUserClass(type);
        } catch (CannotLoadBeanClassException notThere) {
            // Whoever wants that bean is told.
            return null;
        }
    }

    // Of the class itself only: a candidate often extends the stable version.
    private static <A extends Annotation> MergedAnnotation<A> annotation(
            ConfigurableListableBeanFactory beans, String definition, @Nullable Class<?> type, Class<A> annotation) {
        if (beans.getBeanDefinition(definition) instanceof AnnotatedBeanDefinition annotated) {
            MethodMetadata made = annotated.getFactoryMethodMetadata();
            if (made != null && made.isAnnotated(annotation.getName())) {
                return made.getAnnotations().get(annotation);
            }
        } else if (beans.getMergedBeanDefinition(definition) instanceof RootBeanDefinition processedAheadOfTime) {
            Method made = processedAheadOfTime.getResolvedFactoryMethod();
            if (made != null && made.isAnnotationPresent(annotation)) {
                return MergedAnnotations.from(made).get(annotation);
            }
        }
        return type == null
                ? MergedAnnotation.missing()
                : MergedAnnotations.from(type).get(annotation);
    }

    private static <A extends Annotation> Version<A> version(
            ConfigurableListableBeanFactory beans,
            String definition,
            @Nullable Class<?> type,
            MergedAnnotation<A> annotation) {
        String bean = ScopedProxyUtils.isScopedTarget(definition)
                ? ScopedProxyUtils.getOriginalBeanName(definition)
                : definition;
        String where = "@" + annotation.getType().getSimpleName() + " of the bean '" + bean + "'";
        if (type == null) {
            throw new BeanDefinitionValidationException(
                    where + ": its type is not known before it is made; let the @Bean method return it");
        }
        if (!beans.getMergedBeanDefinition(bean).isSingleton()) {
            throw new BeanDefinitionValidationException(
                    where + ": its scope is '"
                            + beans.getMergedBeanDefinition(bean).getScope()
                            + "', of which the routed bean would keep one for ever; make it a singleton, or give it a scoped proxy");
        }
        return new Version<>(bean, type, annotation);
    }

    private static List<Pair> pairs(List<Version<StableRelease>> stables, List<Version<CandidateRelease>> candidates) {
        Map<String, List<Version<StableRelease>>> stablesOf =
                new TreeMap<>(stables.stream().collect(Collectors.groupingBy(Version::rollout)));
        Map<String, List<Version<CandidateRelease>>> candidatesOf =
                new TreeMap<>(candidates.stream().collect(Collectors.groupingBy(Version::rollout)));
        stablesOf.forEach((rollout, beans) -> {
            if (!candidatesOf.containsKey(rollout)) {
                throw incomplete(rollout, "stable", beans, "candidate", "@CandidateRelease", candidatesOf.keySet());
            }
        });
        List<Pair> pairs = new ArrayList<>();
        candidatesOf.forEach((rollout, beans) -> {
            List<Version<StableRelease>> partners = stablesOf.get(rollout);
            if (partners == null) {
                throw incomplete(rollout, "candidate", beans, "stable", "@StableRelease", stablesOf.keySet());
            }
            pairs.addAll(pairsOf(rollout, partners, beans));
        });
        return pairs;
    }

    private static BeanDefinitionValidationException incomplete(
            String rollout, String has, List<?> beans, String misses, String annotation, Set<String> others) {
        return new BeanDefinitionValidationException("rollout '" + rollout + "' has a " + has + " bean, "
                + words(beans) + ", and no " + misses + " one: " + annotation + "(\"" + rollout + "\") is missing"
                + (others.isEmpty() ? "" : "; there is one of " + words(others)));
    }

    private static String words(Collection<?> values) {
        return values.stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    // A release may replace several services: those belong together that have an interface in common.
    private static List<Pair> pairsOf(
            String rollout, List<Version<StableRelease>> stables, List<Version<CandidateRelease>> candidates) {
        List<Pair> pairs = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Version<CandidateRelease> candidate : candidates) {
            List<Version<StableRelease>> partners = stables.stream()
                    .filter(stable -> !shared(stable.type(), candidate.type()).isEmpty())
                    .toList();
            if (partners.isEmpty()) {
                throw unrelated(rollout, stables, List.of(candidate));
            }
            if (partners.size() > 1) {
                throw new BeanDefinitionValidationException("rollout '" + rollout + "' has several stable beans, "
                        + words(partners) + ", for the candidate " + candidate + "; one is needed");
            }
            Version<StableRelease> stable = partners.get(0);
            if (stable.bean().equals(candidate.bean())) {
                throw new BeanDefinitionValidationException(
                        "rollout '" + rollout + "': the bean " + stable + " can not be both stable and candidate");
            }
            if (!taken.add(stable.bean())) {
                throw new BeanDefinitionValidationException("rollout '" + rollout + "' has several candidate beans, "
                        + words(candidates) + ", for the stable " + stable + "; one is needed");
            }
            pairs.add(new Pair(stable, candidate, shared(stable.type(), candidate.type())));
        }
        for (Version<StableRelease> stable : stables) {
            if (!taken.contains(stable.bean())) {
                throw unrelated(rollout, List.of(stable), candidates);
            }
        }
        return pairs;
    }

    private static BeanDefinitionValidationException unrelated(String rollout, List<?> stables, List<?> candidates) {
        return new BeanDefinitionValidationException("rollout '" + rollout + "': the stable " + words(stables)
                + " and the candidate " + words(candidates)
                + " have no interface in common by which callers could have either");
    }

    // The most special ones: what they extend comes with them.
    private static List<Class<?>> shared(Class<?> stable, Class<?> candidate) {
        Set<Class<?>> shared = new LinkedHashSet<>(ClassUtils.getAllInterfacesForClassAsSet(stable));
        shared.retainAll(ClassUtils.getAllInterfacesForClassAsSet(candidate));
        shared.removeIf(each -> !isForCallers(each));
        return shared.stream()
                .filter(each -> shared.stream().noneMatch(other -> other != each && each.isAssignableFrom(other)))
                .toList();
    }

    // Who implements an interface of Spring or Jakarta is called by the container, once for each bean.
    private static boolean isForCallers(Class<?> type) {
        return !ClassUtils.isJavaLanguageInterface(type)
                && !type.getName().startsWith("org.springframework.")
                && !type.getName().startsWith("jakarta.")
                && Arrays.stream(type.getMethods()).anyMatch(each -> !Modifier.isStatic(each.getModifiers()));
    }

    private static void keepOutOfCollections(ConfigurableListableBeanFactory beans) {
        if (beans instanceof DefaultListableBeanFactory factory
                && factory.getAutowireCandidateResolver().getClass()
                        == ContextAnnotationAutowireCandidateResolver.class) {
            factory.setAutowireCandidateResolver(new RoutedBeanResolver());
        } else {
            LOG.warn(
                    "Another library decides what is injected: collections of a routed interface hold the routed bean, too");
        }
    }

    private static void refuseOtherPrimaries(ConfigurableListableBeanFactory beans, Pair pair) {
        for (Class<?> type : pair.interfaces()) {
            for (String other : beans.getBeanNamesForType(type, true, false)) {
                if (beans.containsBeanDefinition(other)
                        && beans.getBeanDefinition(other).isPrimary()) {
                    throw new BeanDefinitionValidationException(pair.where() + ": the bean '" + other
                            + "' is @Primary too, so it is not said whom callers of " + ClassUtils.getShortName(type)
                            + " get; the routed bean is to be the primary one");
                }
            }
        }
    }

    private static void register(ConfigurableListableBeanFactory beans, Pair pair) {
        for (Class<?> type : pair.interfaces()) {
            if (type.isSealed()) {
                throw new BeanDefinitionValidationException(
                        pair.where() + ": " + type.getName() + " is sealed, so that there can be no routed bean of it");
            }
        }
        String prefix = "rollback4j." + pair.candidate().rollout() + ".";
        String shortName = prefix + ClassUtils.getShortName(pair.interfaces().get(0));
        String name = beans.containsBeanDefinition(shortName)
                ? prefix + pair.interfaces().get(0).getName()
                : shortName;
        RootBeanDefinition definition = new RootBeanDefinition();
        ResolvableType type = type(beans, pair);
        definition.setBeanClass(type.resolve(Object.class));
        definition.setTargetType(type);
        definition.setInstanceSupplier(() -> routed(beans, pair));
        definition.setPrimary(true);
        definition.setDependsOn(pair.stable().bean(), pair.candidate().bean());
        // Not even where the interface is AutoCloseable: the two beans are closed, each once.
        definition.setDestroyMethodName("");
        definition.setDescription(pair.where());
        definition.setAttribute(RoutedBeanResolver.ROUTED, true);
        // What is made ahead of time has no use for it: it is found again at run time.
        definition.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true);
        ((BeanDefinitionRegistry) beans).registerBeanDefinition(name, definition);
    }

    // With its type arguments, as far as the stable bean tells them: who wants a Function<Cart, Price> gets no other.
    private static ResolvableType type(ConfigurableListableBeanFactory beans, Pair pair) {
        List<Class<?>> interfaces = pair.interfaces();
        if (interfaces.size() > 1) {
            return ResolvableType.forClass(ClassUtils.createCompositeInterface(
                    interfaces.toArray(Class<?>[]::new), beans.getBeanClassLoader()));
        }
        ResolvableType declared = beans.getMergedBeanDefinition(pair.stable().bean())
                .getResolvableType()
                .as(interfaces.get(0));
        return declared.equals(ResolvableType.NONE)
                ? ResolvableType.forClass(pair.stable().type()).as(interfaces.get(0))
                : declared;
    }

    private static Object routed(ConfigurableListableBeanFactory beans, Pair pair) {
        Object stable = beans.getBean(pair.stable().bean());
        Object candidate = beans.getBean(pair.candidate().bean());
        Class<?> stableType = AopProxyUtils.ultimateTargetClass(stable);
        Class<?> candidateType = AopProxyUtils.ultimateTargetClass(candidate);
        boolean idempotent = pair.candidate().annotation().getBoolean("idempotent");
        Map<Method, RoutedMethod> methods = new HashMap<>();
        for (Class<?> type : pair.interfaces()) {
            for (Method method : type.getMethods()) {
                if (!Modifier.isStatic(method.getModifiers())) {
                    methods.put(
                            method,
                            RoutedMethod.of(
                                    pair.where(),
                                    method,
                                    RoutedMethod.Version.of(method, stableType),
                                    RoutedMethod.Version.of(method, candidateType),
                                    idempotent));
                }
            }
        }
        if (!pair.candidate().annotation().getBoolean("allowSharedCache")) {
            SharedCaches caches = new SharedCaches();
            caches.refuse(
                    pair.where(),
                    caches.of(callable(methods.keySet(), stableType), stableType),
                    caches.of(callable(methods.keySet(), candidateType), candidateType));
        }
        CallRouter<Object> router = new CallRouter<>(pair.candidate().rollout(), pair.where(), stable, candidate);
        beans.getBean(AnnotatedRollouts.class).add(router);
        return proxy(beans, pair, new RoutedPair(router, methods));
    }

    private static Set<Method> callable(Set<Method> ofInterfaces, Class<?> type) {
        Set<Method> callable = new HashSet<>(ofInterfaces);
        callable.addAll(List.of(ReflectionUtils.getUniqueDeclaredMethods(type)));
        return callable;
    }

    // Marked as infrastructure: no advice of Spring's is put around the router, which must be the first to see a call.
    private static Object proxy(ConfigurableListableBeanFactory beans, Pair pair, RoutedPair routed) {
        List<Class<?>> types = new ArrayList<>(pair.interfaces());
        types.add(AopInfrastructureBean.class);
        ClassLoader loader = pair.interfaces().stream()
                .filter(each -> !Modifier.isPublic(each.getModifiers()))
                .findFirst()
                .map(Class::getClassLoader)
                .orElse(beans.getBeanClassLoader());
        return Proxy.newProxyInstance(loader, types.toArray(Class<?>[]::new), routed);
    }
}
