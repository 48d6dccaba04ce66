/** Rolls a service back by itself. The packages below are listed in the order in which data flow through them. */
@NullMarked
package io.github.rollback4j;

import org.jspecify.annotations.NullMarked;
