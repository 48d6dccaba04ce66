package io.github.rollback4j.migrations.reading;

import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.TokenSource;

/** The tokens of one statement for a generated parser, which is given up in the midst of them when its deadline has passed. */
final class TimedTokens extends CommonTokenStream {

    /** A look at the clock costs as much as some looks at a token. */
    private static final int LOOKS_BETWEEN = 256;

    private final Deadline deadline;
    private int looks;

    TimedTokens(TokenSource source, Deadline deadline) {
        super(source);
        this.deadline = deadline;
    }

    @Override
    public int LA(int i) {
        look();
        return super.LA(i);
    }

    @Override
    public void consume() {
        look();
        super.consume();
    }

    @Override
    protected int fetch(int count) {
        deadline.check();
        return super.fetch(count);
    }

    private void look() {
        looks++;
        if (looks >= LOOKS_BETWEEN) {
            looks = 0;
            deadline.check();
        }
    }
}
