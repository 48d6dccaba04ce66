/** What it costs to judge migrations. */
@NullMarked
package io.github.rollback4j.benchmarks.migrations;

import org.jspecify.annotations.NullMarked;
