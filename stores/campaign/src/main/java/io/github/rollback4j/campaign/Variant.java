package io.github.rollback4j.campaign;

/** What else happens while processes are killed. */
enum Variant {
    ONE("one instance", 1),
    TWO("two instances", 2),
    FIVE("five instances", 5),
    PAUSED("leader stopped for longer than its lease, then woken", 2),
    CLOCK("clock jumps by an hour to and fro", 1),
    SERVER("database server killed and started again", 1),
    CUT("connections and answers cut", 1),
    DISK("disk full for a while", 1),
    NEWER("events of a newer version in the journal", 1);

    private final String title;
    private final int instances;

    Variant(String title, int instances) {
        this.title = title;
        this.instances = instances;
    }

    String title() {
        return title;
    }

    int instances() {
        return instances;
    }

    boolean needsServer() {
        return this == SERVER || this == CUT;
    }
}
