package io.github.rollback4j.strategy;

/** Asks a person. */
record Manual(String name, String instruction) implements RollbackStrategy {

    private static final int LONGEST_INSTRUCTION = 2000;

    Manual {
        WaysBack.requireName(name);
        if (instruction.isBlank() || instruction.length() > LONGEST_INSTRUCTION) {
            throw new IllegalArgumentException("instruction of manual step " + name + " has " + instruction.length()
                    + " characters: 1 to " + LONGEST_INSTRUCTION + " that are not all blank are allowed");
        }
    }

    @Override
    public String description() {
        return name + ": asks a person: " + instruction.strip().replaceAll("\\s+", " ");
    }

    @Override
    public Check.Result check(Context context) {
        return Check.Result.pass("a person will be asked");
    }

    @Override
    public Done rollBack(Context context) {
        return Done.asked(instruction);
    }

    /** To ask again is harmless. */
    @Override
    public boolean recognisesKey() {
        return true;
    }

    @Override
    public String toString() {
        return description();
    }
}
