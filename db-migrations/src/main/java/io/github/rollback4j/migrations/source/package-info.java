/** Where migrations come from: Flyway, Liquibase, folders of scripts. */
@NullMarked
package io.github.rollback4j.migrations.source;

import org.jspecify.annotations.NullMarked;
