package io.github.rollback4j.campaign;

/**
 * Where a process is killed: before or after an event is appended.
 *
 * @param isBefore whether before it
 * @param number the how-manieth event that the process appends, from 1; 0 where the type says which
 * @param type the event's type; empty where the number says which
 * @param step the event's step; empty for any
 */
record KillPoint(boolean isBefore, int number, String type, String step) {

    /** Nowhere. */
    static final KillPoint NONE = new KillPoint(false, 0, "", "");

    static KillPoint at(boolean isBefore, int number) {
        return new KillPoint(isBefore, number, "", "");
    }

    static KillPoint before(String type, String step) {
        return new KillPoint(true, 0, type, step);
    }

    static KillPoint after(String type, String step) {
        return new KillPoint(false, 0, type, step);
    }

    boolean isAt(int appended, String appendedType, String appendedStep) {
        return type.isEmpty()
                ? number == appended
                : type.equals(appendedType) && (step.isEmpty() || step.equals(appendedStep));
    }

    /** Reads what {@link #written} has written. */
    static KillPoint read(String text) {
        String[] parts = text.split(":", -1);
        return new KillPoint(parts[0].equals("before"), Integer.parseInt(parts[1]), parts[2], parts[3]);
    }

    String written() {
        return (isBefore ? "before" : "after") + ":" + number + ":" + type + ":" + step;
    }
}
