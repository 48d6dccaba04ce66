package io.github.rollback4j.samples.checkout;

import io.github.rollback4j.spring.CandidateRelease;
import io.github.rollback4j.spring.StableRelease;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/**
 * The two releases of the quotes that one process has. A service of one's own annotates their classes; this one has three of
 * them, so that one run can show a good and a bad end.
 */
@Configuration(proxyBeanMethods = false)
class Releases {

    private final Carts carts;
    private final Warehouse warehouse;
    private final QuoteBook book;

    Releases(Carts carts, Warehouse warehouse, QuoteBook book) {
        this.carts = carts;
        this.warehouse = warehouse;
        this.book = book;
    }

    @Bean
    @StableRelease("quotes")
    QuoteService stableQuotes(CheckoutProperties properties) {
        return version(properties.stable());
    }

    @Bean
    @CandidateRelease("quotes")
    @Profile("!idempotent")
    QuoteService candidateQuotes(CheckoutProperties properties) {
        return version(properties.candidate());
    }

    /** Where the candidate fails, stable answers: a quote may safely be made twice. */
    @Bean
    @CandidateRelease(value = "quotes", idempotent = true)
    @Profile("idempotent")
    QuoteService idempotentCandidateQuotes(CheckoutProperties properties) {
        return version(properties.candidate());
    }

    private QuoteService version(String version) {
        return switch (version) {
            case "1.4.2" -> new QuotesV1(carts, warehouse, book);
            case "1.5.0" -> new QuotesV2(carts, warehouse, book);
            case "1.6.0" -> new QuotesV3(carts, warehouse, book);
            default -> throw new IllegalArgumentException("there is no release " + version);
        };
    }
}
