package io.github.rollback4j.evidence;

/** Adds numbers that are given by their natural logarithms. */
final class LogSum {

    /** Beyond this distance the smaller term is below half a unit in the last place of 1: exp(-40) = 4e-18. */
    private static final double NEGLIGIBLE = 40;

    private LogSum() {}

    /** Returns log(exp(a) + exp(b)) for finite arguments, with an absolute error of about 1e-16 beside rounding. */
    static double add(double a, double b) {
        double larger = Math.max(a, b);
        double distance = Math.abs(a - b);
        // Math.log is an intrinsic and Math.log1p is not; here only the absolute error of the logarithm counts.
        return distance > NEGLIGIBLE ? larger : larger + Math.log(1 + Math.exp(-distance));
    }

    /** Returns the logarithm of the sum over {@code length > 0} finite logarithms beginning at {@code from}. */
    static double of(double[] logarithms, int from, int length) {
        double largest = logarithms[from];
        for (int i = from + 1; i < from + length; i++) {
            largest = Math.max(largest, logarithms[i]);
        }
        double sum = 0;
        for (int i = from; i < from + length; i++) {
            double distance = largest - logarithms[i];
            if (distance <= NEGLIGIBLE) {
                sum += Math.exp(-distance);
            }
        }
        return largest + Math.log(sum);
    }
}
