package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.reading.Statement;
import io.github.rollback4j.migrations.source.Migration;

/** Where a change is written. */
record Place(Migration migration, Statement statement) {}
