package io.github.rollback4j.spring.actuate;

import io.github.rollback4j.rollout.Rollout;
import io.github.rollback4j.rollout.RolloutEvent;

/**
 * Something happened to a rollout: published as an application event, in order, on a thread of the library. Listeners hear it one
 * after the other, and delay no rollback; all together have five seconds, see {@link
 * io.github.rollback4j.rollout.RolloutListener}.
 *
 * @param rollout to which it happened
 * @param event what happened
 */
public record RolloutChanged(Rollout rollout, RolloutEvent event) {}
