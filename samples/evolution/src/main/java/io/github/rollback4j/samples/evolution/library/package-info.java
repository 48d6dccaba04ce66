/** A library: members, titles, copies, loans, fines. Its migrations are Liquibase's. */
@NullMarked
package io.github.rollback4j.samples.evolution.library;

import org.jspecify.annotations.NullMarked;
