package io.github.rollback4j.spring;

import io.github.rollback4j.plan.PlanPartProvider;
import io.github.rollback4j.signal.Signals;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;

/**
 * One of the service's health indicators. Their types have other names in Spring Boot 4 than in 3.5, so that they are asked without
 * being named here.
 */
record HealthPart(ListableBeanFactory beans, Class<?> indicatorType) implements PlanPartProvider {

    private static final String INDICATOR = "indicator";
    private static final List<String> SUFFIXES = List.of("HealthIndicator", "HealthContributor");

    @Override
    public Kind kind() {
        return Kind.SIGNAL;
    }

    @Override
    public String name() {
        return "health";
    }

    @Override
    public String description() {
        return "Watches one of the service's health indicators: the candidate is taken back when it stays DOWN or"
                + " OUT_OF_SERVICE.";
    }

    @Override
    public List<Option> options() {
        return List.of(
                LimitOptions.name(),
                Option.required(INDICATOR, Type.TEXT, "The indicator as the health endpoint names it, for example db."),
                LimitOptions.readings("3"),
                LimitOptions.during("10s"),
                LimitOptions.every());
    }

    @Override
    public Object create(Options values) {
        Map<String, String> known = new TreeMap<>();
        for (String bean : beans.getBeanNamesForType(indicatorType, true, false)) {
            known.put(endpointName(bean), bean);
        }
        String bean = known.get(values.text(INDICATOR));
        if (bean == null) {
            throw values.refused(
                    INDICATOR,
                    known.isEmpty()
                            ? "an indicator of the service, which has none"
                            : "one of " + String.join(", ", new ArrayList<>(known.keySet())));
        }
        return LimitOptions.judged(Signals.healthCheck(values.text(LimitOptions.NAME), check(bean)), values);
    }

    private static String endpointName(String bean) {
        for (String suffix : SUFFIXES) {
            if (bean.endsWith(suffix)) {
                return bean.substring(0, bean.length() - suffix.length());
            }
        }
        return bean;
    }

    private Callable<@Nullable Boolean> check(String bean) {
        return () -> {
            Object health = indicatorType.getMethod("health").invoke(beans.getBean(bean, indicatorType));
            if (health == null) {
                return null;
            }
            Object status = health.getClass().getMethod("getStatus").invoke(health);
            return switch (String.valueOf(status.getClass().getMethod("getCode").invoke(status))) {
                case "DOWN", "OUT_OF_SERVICE" -> false;
                case "UP" -> true;
                default -> null;
            };
        };
    }
}
