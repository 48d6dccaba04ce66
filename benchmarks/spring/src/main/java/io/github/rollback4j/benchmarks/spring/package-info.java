/** What the starter costs a Spring Boot service. */
@NullMarked
package io.github.rollback4j.benchmarks.spring;

import org.jspecify.annotations.NullMarked;
