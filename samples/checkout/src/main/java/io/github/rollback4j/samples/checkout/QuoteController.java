package io.github.rollback4j.samples.checkout;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Answers {@code POST /quote?customer=…}. */
@RestController
public class QuoteController {

    /** The request's header with its id. */
    public static final String REQUEST = "X-Request-Id";

    private static final Logger LOG = LoggerFactory.getLogger(QuoteController.class);

    private final QuoteService quotes;

    QuoteController(QuoteService quotes) {
        this.quotes = quotes;
    }

    @PostMapping("/quote")
    Quote quote(@RequestParam long customer, @RequestHeader(REQUEST) String request) {
        return quotes.quote(customer, request);
    }

    @ExceptionHandler
    ProblemDetail unavailable(WarehouseException away) {
        LOG.info("{}", away.getMessage());
        return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, "The warehouse does not answer");
    }

    @ExceptionHandler
    ProblemDetail failed(RuntimeException bug) {
        LOG.warn("A quote failed", bug);
        return ProblemDetail.forStatusAndDetail(HttpStatus.INTERNAL_SERVER_ERROR, "The quote failed");
    }
}
