package io.github.rollback4j.spring;

import java.util.stream.Stream;
import org.springframework.util.ClassUtils;

/** The types of health, which have other names in Spring Boot 4 than in 3.5: the same tests run on both. */
public final class HealthTypes {

    private HealthTypes() {}

    /** Returns a type by its simple name. */
    public static Class<?> of(String name) {
        return Stream.of("org.springframework.boot.health.contributor.", "org.springframework.boot.actuate.health.")
                .filter(in -> ClassUtils.isPresent(in + name, null))
                .map(in -> ClassUtils.resolveClassName(in + name, null))
                .findFirst()
                .orElseThrow();
    }

    /** Asks a health indicator, for its status and its details as text. */
    public static String health(Object indicator) throws ReflectiveOperationException {
        return String.valueOf(of("HealthIndicator").getMethod("health").invoke(indicator));
    }
}
