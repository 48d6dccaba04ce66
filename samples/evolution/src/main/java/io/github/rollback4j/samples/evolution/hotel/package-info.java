/** A hotel: guests, rooms, bookings and invoices. Its migrations are Flyway's. */
@NullMarked
package io.github.rollback4j.samples.evolution.hotel;

import org.jspecify.annotations.NullMarked;
