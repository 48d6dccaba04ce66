/** Real database servers for tests and benchmarks, without Docker. Not published. */
@NullMarked
package io.github.rollback4j.databases;

import org.jspecify.annotations.NullMarked;
