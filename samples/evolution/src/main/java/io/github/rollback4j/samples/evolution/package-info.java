/** Applications as they grow from release to release, each with its migrations, on whatever database they are given. */
@NullMarked
package io.github.rollback4j.samples.evolution;

import org.jspecify.annotations.NullMarked;
