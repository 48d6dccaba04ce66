/** The command line over the store: tells where rollouts stand, asks for something, waits, and finishes what a process left. */
@NullMarked
package io.github.rollback4j.cli;

import org.jspecify.annotations.NullMarked;
