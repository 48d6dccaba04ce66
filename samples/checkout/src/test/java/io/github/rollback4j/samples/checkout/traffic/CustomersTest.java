package io.github.rollback4j.samples.checkout.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rollback4j.samples.checkout.Cart;
import io.github.rollback4j.samples.checkout.Chance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CustomersTest {

    private static Customers customers(double defectRate) {
        return new Customers(50_000, new Chance(1), defectRate);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.005, 0.05, 0.5, 1})
    void isHitByDefect_rate_isTheOneAskedFor(double rate) {
        Customers customers = customers(rate);
        long hit = customers.carts().stream()
                .filter(cart -> customers.isHitByDefect(cart.customer()))
                .count();
        assertThat(hit / 50_000.0).isCloseTo(rate, within(4 * Math.sqrt(rate * (1 - rate) / 50_000) + 1e-12));
    }

    @Test
    void isHitByDefect_vouchersAndForeignCurrenciesAlone_areNotHit() {
        Customers customers = customers(0.05);
        assertThat(customers.carts())
                .filteredOn(cart -> !customers.isHitByDefect(cart.customer()))
                .anyMatch(Cart::hasVoucher)
                .anyMatch(Cart::isForeign)
                .noneMatch(cart -> cart.hasVoucher() && cart.isForeign());
    }

    @Test
    void cart_sameSeed_isTheSame_anotherIsNot() {
        assertThat(customers(0.05).carts()).isEqualTo(customers(0.05).carts());
        assertThat(new Customers(50_000, new Chance(2), 0.05).carts())
                .isNotEqualTo(customers(0.05).carts());
    }
}
