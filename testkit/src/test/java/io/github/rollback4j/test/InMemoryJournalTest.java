package io.github.rollback4j.test;

import io.github.rollback4j.journal.Journal;

class InMemoryJournalTest extends JournalContract {

    @Override
    protected Journal emptyJournal() {
        return Journal.inMemory();
    }
}
