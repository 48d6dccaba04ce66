/** What people read about a rollout, as pictures: the evidence chart. */
@NullMarked
package io.github.rollback4j.reports;

import org.jspecify.annotations.NullMarked;
