package io.github.rollback4j.rollout;

import java.nio.charset.StandardCharsets;

/**
 * What one instance tells the others of how it serves: a line each, so that an older or newer version of the library skips what it does
 * not know.
 *
 * @param isStable whether its release has proved itself here: only such a one is stable capacity for the release after it, so that two
 *     releases that are each taken back in favour of the other cannot both go
 * @param isRefusing whether it refuses traffic
 * @param slices its calls of the last minutes, in slices of {@link Windows#SLICE}
 * @param windows its calls of the last hours, in windows of {@link Windows#WINDOW} that are over
 */
record ServingPage(boolean isStable, boolean isRefusing, Windows slices, Windows windows) {

    /** Under which name it is published. */
    static final String NAME = "serving";

    /** How many slices are told: two minutes. */
    static final int SLICES = 24;

    /** How many windows are told: two hours. */
    static final int WINDOWS = 24;

    private static final String STABLE = "stable ";
    private static final String REFUSING = "refusing ";
    private static final String SLICE_LINE = "slices-5s ";
    private static final String WINDOW_LINE = "windows-5m ";

    byte[] bytes() {
        return (STABLE + isStable + "\n" + REFUSING + isRefusing + "\n" + SLICE_LINE + slices.text() + "\n"
                        + WINDOW_LINE + windows.text() + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Reads a page; one that does not say so, or cannot be read, is not of stable. */
    static ServingPage of(byte[] bytes) {
        boolean isStable = false;
        boolean isRefusing = false;
        Windows slices = new Windows();
        Windows windows = new Windows();
        for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
            if (line.startsWith(STABLE)) {
                isStable = Boolean.parseBoolean(line.substring(STABLE.length()).strip());
            } else if (line.startsWith(REFUSING)) {
                isRefusing =
                        Boolean.parseBoolean(line.substring(REFUSING.length()).strip());
            } else if (line.startsWith(SLICE_LINE)) {
                slices = Windows.of(line.substring(SLICE_LINE.length()));
            } else if (line.startsWith(WINDOW_LINE)) {
                windows = Windows.of(line.substring(WINDOW_LINE.length()));
            }
        }
        return new ServingPage(isStable, isRefusing, slices, windows);
    }
}
