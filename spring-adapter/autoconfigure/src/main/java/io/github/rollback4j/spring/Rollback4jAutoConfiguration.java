package io.github.rollback4j.spring;

import io.github.rollback4j.RollbackException;
import io.github.rollback4j.jdbc.JdbcStore;
import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.plan.PlanParts;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.planfile.PlanFile;
import io.github.rollback4j.rollout.RolloutListener;
import io.github.rollback4j.rollout.Rollouts;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;

/**
 * Gives a service its rollouts: those below {@code rollback4j.rollouts.*}, and its own beans of type {@link RollbackPlan}, by the
 * bean's name. The journal and the {@link Rollouts} give way to the service's own.
 */
@AutoConfiguration
@EnableConfigurationProperties(Rollback4jProperties.class)
public class Rollback4jAutoConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(Rollback4jAutoConfiguration.class);

    /** Where rollouts are kept. Its tables come after the service's own migrations, which may want an empty schema. */
    @Bean
    @ConditionalOnMissingBean
    @DependsOnDatabaseInitialization
    Journal rolloutJournal(Rollback4jProperties properties, ListableBeanFactory beans) {
        Journal journal = StoreSelection.journal(properties, beans);
        if (journal instanceof JdbcStore store) {
            try {
                store.prepare();
            } catch (RollbackException unreachable) {
                // A service must be able to start where its database is late; nothing is tried before the store is
                // there.
                LOG.warn(
                        "The store of rollouts is not there yet, each call gets the stable release until it is: {}",
                        unreachable.getMessage());
            }
        }
        return journal;
    }

    /** The rollouts of this process. */
    @Bean
    @ConditionalOnMissingBean
    Rollouts rollouts(
            Rollback4jProperties properties,
            Journal journal,
            ObjectProvider<RolloutsBuilderCustomizer> customizers,
            ObjectProvider<RolloutListener> listeners) {
        Rollouts.Builder builder = Rollouts.builder().journal(journal);
        set("instance", properties.instance(), builder::host);
        set("control-file", properties.controlFile(), builder::controlFile);
        set("tick-interval", properties.tickInterval(), builder::tickInterval);
        set("poll-interval", properties.pollInterval(), builder::pollInterval);
        set("lease-duration", properties.leaseDuration(), builder::leaseDuration);
        set(
                "boot-loop-guard",
                properties.bootLoopGuard(),
                guard -> builder.bootLoopGuard(guard.starts(), guard.within()));
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        if (properties.remindOfStableCodeAfter().isNegative()) {
            throw new RolloutConfigurationException(
                    KnownProperties.PREFIX + ".remind-of-stable-code-after",
                    properties.remindOfStableCodeAfter() + " is not allowed: 0, which is never, or more is");
        }
        Rollouts rollouts = builder.build();
        listeners.orderedStream().forEach(rollouts::addListener);
        return rollouts;
    }

    @Bean
    DeployedRelease deployedRelease(ApplicationContext service) {
        return new DeployedRelease(service);
    }

    @Bean
    KnownReleases knownReleases(
            Journal journal,
            ObjectProvider<BuildProperties> build,
            ObjectProvider<GitProperties> git,
            ConfigurableEnvironment environment) {
        return new KnownReleases(journal, build, git, environment);
    }

    /** The rollouts by name. */
    @Bean
    NamedRollouts namedRollouts(
            Rollback4jProperties properties,
            Rollouts rollouts,
            DeployedRelease deployed,
            ListableBeanFactory beans,
            KnownReleases releases,
            Environment environment,
            ResourceLoader resources) {
        ConfiguredPlans.Plans configured = ConfiguredPlans.read(environment, resources, reader(beans), releases);
        Map<String, RollbackPlan> plans = new LinkedHashMap<>(configured.byName());
        named(beans, RollbackPlan.class).forEach((bean, plan) -> {
            String name = DataObjectPropertyName.toDashedForm(bean);
            if (plans.putIfAbsent(name, plan) != null) {
                throw new RolloutConfigurationException(
                        KnownProperties.PREFIX + "." + ConfiguredPlans.ROLLOUTS + "." + name,
                        "is there, and a bean '" + bean + "' with a plan of this name: one of them is allowed");
            }
        });
        return new NamedRollouts(rollouts, plans, deployed, configured.served(), properties.enabled());
    }

    private static PlanFile.Reader reader(ListableBeanFactory beans) {
        PlanFile.Reader reader = PlanFile.reader()
                .parts(PlanParts.load()
                        .with(named(beans, PlanPartProvider.class).values()));
        for (Class<?> type : PlanFile.bindable()) {
            reader = bind(reader, type, beans);
        }
        return reader;
    }

    private static <T> PlanFile.Reader bind(PlanFile.Reader reader, Class<T> type, ListableBeanFactory beans) {
        PlanFile.Reader bound = reader;
        for (Map.Entry<String, T> bean : named(beans, type).entrySet()) {
            bound = bound.bind(type, DataObjectPropertyName.toDashedForm(bean.getKey()), bean.getValue());
        }
        return bound;
    }

    /** Returns the beans of a type, without making those early that other factories would have to be asked for. */
    private static <T> Map<String, T> named(ListableBeanFactory beans, Class<T> type) {
        return beans.getBeansOfType(type, true, false);
    }

    /** Sets a value where there is one; an error names the property. */
    static <T> void set(String property, @Nullable T value, Consumer<T> setter) {
        if (value == null) {
            return;
        }
        try {
            setter.accept(value);
        } catch (IllegalArgumentException wrong) {
            throw new RolloutConfigurationException(
                    KnownProperties.PREFIX + "." + property, String.valueOf(wrong.getMessage()));
        }
    }
}
