package io.github.rollback4j.spring;

import ch.qos.logback.classic.LoggerContext;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.rollback4j.plan.PlanPartProvider;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;

/** Gives plans the signals that a Spring Boot service has already: meters, health indicators, circuit breakers, logged errors. */
@AutoConfiguration(before = Rollback4jAutoConfiguration.class)
public class RolloutSignalsAutoConfiguration {

    private static final String INDICATOR = "org.springframework.boot.health.contributor.HealthIndicator";
    private static final String INDICATOR_OF_BOOT_3 = "org.springframework.boot.actuate.health.HealthIndicator";

    /** Limits on meters. */
    @Bean
    PlanPartProvider rolloutMeterPart(ObjectProvider<MeterRegistry> registries) {
        return new MeterPart(registries);
    }

    /** Limits on circuit breakers. */
    @Bean
    PlanPartProvider rolloutCircuitBreakerPart(ObjectProvider<CircuitBreakerRegistry> registries) {
        return new CircuitBreakerPart(registries);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = INDICATOR)
    static class Health {
        @Bean
        PlanPartProvider rolloutHealthPart(ListableBeanFactory beans) {
            return new HealthPart(beans, ClassUtils.resolveClassName(INDICATOR, Health.class.getClassLoader()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = INDICATOR_OF_BOOT_3)
    static class HealthOfBoot3 {
        @Bean
        PlanPartProvider rolloutHealthPart(ListableBeanFactory beans) {
            return new HealthPart(
                    beans, ClassUtils.resolveClassName(INDICATOR_OF_BOOT_3, HealthOfBoot3.class.getClassLoader()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(LoggerContext.class)
    static class Logback {
        @Bean
        LoggedErrors rolloutLoggedErrors() {
            return LoggedErrors.listening();
        }

        @Bean
        PlanPartProvider rolloutLoggedErrorsPart(LoggedErrors errors) {
            return new LoggedErrorsPart(errors);
        }
    }
}
