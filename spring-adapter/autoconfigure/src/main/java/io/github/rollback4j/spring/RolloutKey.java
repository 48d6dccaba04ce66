package io.github.rollback4j.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the parameter that says whose call it is: a key keeps its release. One a method, of type {@code String}, {@code long},
 * {@code int}, their boxes, {@code UUID} or {@code Subject}; on the interface's method or on the bean's. Where it is null, the
 * sources of keys after it are asked ({@link RolloutKeyResolver}).
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface RolloutKey {}
