package io.github.rollback4j.samples.checkout;

import java.util.Objects;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Tells the customer by which release the answer is, whether it is a quote or an error. */
record LabelledQuotes(String release, QuoteService service) implements QuoteService {

    @Override
    public Quote quote(long customer, String request) {
        ServletRequestAttributes attributes =
                (ServletRequestAttributes) RequestContextHolder.currentRequestAttributes();
        Objects.requireNonNull(attributes.getResponse()).setHeader(QuoteController.RELEASE, release);
        return service.quote(customer, request);
    }
}
