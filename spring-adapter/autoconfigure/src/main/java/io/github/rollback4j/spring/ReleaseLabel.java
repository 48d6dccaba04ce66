package io.github.rollback4j.spring;

import io.github.rollback4j.release.Release;

/** Notes on whatever is under way in this thread which release of a rollout serves it. Must not throw, and not wait. */
@FunctionalInterface
interface ReleaseLabel {

    void put(String rolloutId, Release release);
}
