package io.github.rollback4j.samples.checkout;

import io.github.rollback4j.plan.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How a release is rolled out. All instances of the service are given the same.
 *
 * @param stable the version that serves
 * @param candidate the version that is to serve
 * @param mode who acts on a regression
 * @param shares of the customers that get the candidate step by step, in percent, growing
 * @param stepSeconds how long each step takes at least
 * @param lastStepSeconds how long the last one does
 * @param promoted whether the candidate gets all customers after the last step; else it stays there
 */
public record Course(
        String stable,
        String candidate,
        Mode mode,
        List<Double> shares,
        int stepSeconds,
        int lastStepSeconds,
        boolean promoted) {

    private static final String ROLLOUT = "--rollback4j.rollouts.quotes.";
    private static final int LEAST_CALLS = 10;
    private static final int ROLLBACK_WINDOW_SECONDS = 3;

    /** Returns the settings by which an instance is told of it: what stands in its {@code application.yml} is for longer. */
    public List<String> settings() {
        List<String> settings = new ArrayList<>(List.of(
                "--checkout.stable=" + stable,
                "--checkout.candidate=" + candidate,
                ROLLOUT + "mode=" + mode.name().toLowerCase(Locale.ROOT)));
        for (int step = 0; step < shares.size(); step++) {
            boolean isLast = step == shares.size() - 1;
            String canary = ROLLOUT + "strategy[" + step + "].canary.";
            settings.add(canary + "steps[0]=" + shares.get(step));
            settings.add(canary + "bake=" + (isLast ? lastStepSeconds : stepSeconds) + "s");
            settings.add(canary + "least-calls=" + (isLast && !promoted ? 0 : LEAST_CALLS));
            settings.add(canary + "then=" + (promoted ? "promote" : "hold"));
            settings.add(canary + "rollback-window=" + ROLLBACK_WINDOW_SECONDS + "s");
        }
        return settings;
    }
}
