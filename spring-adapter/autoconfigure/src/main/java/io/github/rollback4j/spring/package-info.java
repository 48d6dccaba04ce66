/** A Spring Boot service rolls itself back: properties, annotations, the store, operations. */
@NullMarked
package io.github.rollback4j.spring;

import org.jspecify.annotations.NullMarked;
