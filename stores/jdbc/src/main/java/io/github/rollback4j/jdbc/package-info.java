/** The durable journal and the fleet's shared state, on a database that the service has anyway, or in a file. */
@NullMarked
package io.github.rollback4j.jdbc;

import org.jspecify.annotations.NullMarked;
