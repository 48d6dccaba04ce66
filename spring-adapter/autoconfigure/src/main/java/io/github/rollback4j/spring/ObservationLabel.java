package io.github.rollback4j.spring;

import io.github.rollback4j.release.Release;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;

/**
 * Notes the release on the observation that is under way, such as an HTTP request's, for traces: with many values, so that no
 * meter gets a tag by it.
 */
record ObservationLabel(ObservationRegistry registry) implements ReleaseLabel {

    @Override
    public void put(String rolloutId, Release release) {
        Observation observed = registry.getCurrentObservation();
        if (observed != null) {
            observed.highCardinalityKeyValue("rollback4j.rollout", rolloutId);
            observed.highCardinalityKeyValue("rollback4j.release", release.identity());
        }
    }
}
