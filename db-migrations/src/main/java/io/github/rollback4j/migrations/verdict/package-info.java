/** The answer: whether the code may go back, from what was judged and what was proved. */
@NullMarked
package io.github.rollback4j.migrations.verdict;

import org.jspecify.annotations.NullMarked;
