package io.github.rollback4j.strategy;

/** Looks whether something is as it must be, without changing it. */
@FunctionalInterface
public interface Check {

    /** Looks. What it throws counts as failed, with the exception's message as detail. */
    Result run() throws Exception;

    /**
     * What a check found.
     *
     * @param passed whether all is as it must be
     * @param detail one sentence for people; contains no secret
     */
    record Result(boolean passed, String detail) {

        /** Returns a result that passed. */
        public static Result pass(String detail) {
            return new Result(true, detail);
        }

        /** Returns a result that failed. */
        public static Result fail(String detail) {
            return new Result(false, detail);
        }
    }
}
