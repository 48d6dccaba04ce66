package io.github.rollback4j.spring;

import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionValidationException;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Brings what is annotated together with the rollouts of that name: when all beans are there, and for a bean that is made later
 * when it is made. Thread-safe.
 */
final class AnnotatedRollouts implements SmartInitializingSingleton {

    private final ConfigurableListableBeanFactory beans;
    private final Environment environment;
    private final Queue<CallRouter<?>> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean allBeansThere;
    private volatile @Nullable CallKeys keys;

    AnnotatedRollouts(ConfigurableListableBeanFactory beans, Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    /** Adds a router. */
    void add(CallRouter<?> router) {
        waiting.add(router);
        if (allBeansThere) {
            openAll();
        }
    }

    @Override
    public void afterSingletonsInstantiated() {
        for (String name : beans.getBeanDefinitionNames()) {
            BeanDefinition definition = beans.getBeanDefinition(name);
            if (definition.hasAttribute(RoutedBeanResolver.ROUTED)) {
                // Also where beans are lazy: what is wrong is said at start.
                beans.getBean(name);
                refuseOwnCaller(name, definition);
            }
        }
        allBeansThere = true;
        openAll();
    }

    private void refuseOwnCaller(String routed, BeanDefinition definition) {
        String[] versions = definition.getDependsOn();
        for (String version : versions == null ? new String[0] : versions) {
            if (List.of(beans.getDependenciesForBean(version)).contains(routed)) {
                throw new BeanDefinitionValidationException("bean '" + version + "' is given the routed bean '" + routed
                        + "', through which it would call itself: inject the other one by name, with @Qualifier");
            }
        }
    }

    private void openAll() {
        CallRouter<?> next = waiting.poll();
        while (next != null) {
            open(next);
            next = waiting.poll();
        }
    }

    private void open(CallRouter<?> router) {
        NamedRollouts rollouts = beans.getBeanProvider(NamedRollouts.class).getIfAvailable();
        if (rollouts == null) {
            if (environment.getProperty("rollback4j.enabled", Boolean.class, true)) {
                throw new BeanDefinitionValidationException(router.where()
                        + ": no rollouts are configured; rollback4j.rollouts." + router.rollout() + " is needed");
            }
            return;
        }
        CallKeys with = keys;
        if (with == null) {
            with = new CallKeys(sources());
            keys = with;
        }
        try {
            router.open(rollouts, with, labels());
        } catch (IllegalArgumentException unknown) {
            throw new BeanDefinitionValidationException(router.where() + ": " + unknown.getMessage(), unknown);
        }
    }

    private List<RolloutKeyResolver> sources() {
        List<RolloutKeyResolver> sources = new ArrayList<>(
                beans.getBeanProvider(RolloutKeyResolver.class).orderedStream().toList());
        if (isPresent("org.springframework.security.core.context.SecurityContextHolder")) {
            sources.add(new AuthenticatedUser());
        }
        String header = header("rollback4j.key-header");
        if (header != null) {
            sources.add(new RequestHeader(header));
        }
        return sources;
    }

    private List<ReleaseLabel> labels() {
        List<ReleaseLabel> labels = new ArrayList<>();
        ObservationRegistry registry =
                beans.getBeanProvider(ObservationRegistry.class).getIfUnique();
        if (registry != null && !registry.isNoop()) {
            labels.add(new ObservationLabel(registry));
        }
        String header = header("rollback4j.response-header");
        if (header != null) {
            labels.add(new ResponseHeaderLabel(header));
        }
        return List.copyOf(labels);
    }

    /** Returns the header that a property names; null where it names none, or there are no servlets. */
    private @Nullable String header(String property) {
        String header = environment.getProperty(property);
        return header != null
                        && !header.isBlank()
                        && isPresent("org.springframework.web.context.request.ServletRequestAttributes")
                        && isPresent("jakarta.servlet.http.HttpServletRequest")
                ? header.strip()
                : null;
    }

    private boolean isPresent(String type) {
        return ClassUtils.isPresent(type, beans.getBeanClassLoader());
    }
}
