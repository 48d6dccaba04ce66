package io.github.rollback4j.samples.checkout;

/** Says that the warehouse did not answer. */
final class WarehouseException extends RuntimeException {

    private static final long serialVersionUID = 1;

    WarehouseException(String message) {
        super(message);
    }
}
