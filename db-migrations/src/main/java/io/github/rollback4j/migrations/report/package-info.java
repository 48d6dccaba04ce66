/** What people and tools read: text, JSON, SARIF. */
@NullMarked
package io.github.rollback4j.migrations.report;

import org.jspecify.annotations.NullMarked;
