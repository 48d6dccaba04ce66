/** What people run a service's rollouts by: endpoint, page, health, info, events. */
@NullMarked
package io.github.rollback4j.spring.actuate;

import org.jspecify.annotations.NullMarked;
