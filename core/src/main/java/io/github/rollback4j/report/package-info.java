/** What people read afterwards and beforehand, as data and as Markdown. */
@NullMarked
package io.github.rollback4j.report;

import org.jspecify.annotations.NullMarked;
