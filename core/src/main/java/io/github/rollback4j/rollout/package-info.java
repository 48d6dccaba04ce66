/** The live thing: registry, state machine, deciding, the execution of a rollback. */
@NullMarked
package io.github.rollback4j.rollout;

import org.jspecify.annotations.NullMarked;
