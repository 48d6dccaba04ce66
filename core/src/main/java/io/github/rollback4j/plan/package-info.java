/** What the team decided beforehand. */
@NullMarked
package io.github.rollback4j.plan;

import org.jspecify.annotations.NullMarked;
