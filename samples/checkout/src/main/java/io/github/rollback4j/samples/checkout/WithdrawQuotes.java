package io.github.rollback4j.samples.checkout;

import io.github.rollback4j.strategy.Check;
import io.github.rollback4j.strategy.RollbackStrategy;
import org.springframework.stereotype.Component;

/** A step back of the service's own, after the traffic: withdraws what the candidate quoted. */
@Component
final class WithdrawQuotes implements RollbackStrategy {

    private final QuoteBook book;

    WithdrawQuotes(QuoteBook book) {
        this.book = book;
    }

    @Override
    public String name() {
        return "withdraw-quotes";
    }

    @Override
    public String description() {
        return "withdraws the quotes that the candidate made";
    }

    /** To withdraw quotes twice is to withdraw them once, so after a crash nobody needs to look whether it was done. */
    @Override
    public boolean recognisesKey() {
        return true;
    }

    @Override
    public Check.Result check(Context context) {
        int open = book.open(context.candidate().version());
        return Check.Result.pass("the book can be read, it holds " + open + " quotes of the candidate");
    }

    @Override
    public Done rollBack(Context context) {
        return Done.done(book.withdraw(context.candidate().version()) + " quotes withdrawn");
    }
}
