package io.github.rollback4j.rollout;

import io.github.rollback4j.plan.Communication.Occasion;
import io.github.rollback4j.plan.Notifier;
import io.github.rollback4j.strategy.Check;
import java.util.ArrayList;
import java.util.List;

/** A channel that keeps what it is given, with the seconds since noon, and does with it what the test wants. */
final class Mailbox implements Notifier {

    /** What is done with a message. */
    @FunctionalInterface
    interface Sending {
        void send(Message message) throws Exception;
    }

    final List<Message> tried = new ArrayList<>();
    final List<Message> sent = new ArrayList<>();
    final List<Double> at = new ArrayList<>();
    Sending sending = message -> {};

    private final ByHand hand;
    private final String name;

    Mailbox(ByHand hand, String name) {
        this.hand = hand;
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return name + ": keeps messages";
    }

    @Override
    public Check.Result check() {
        return Check.Result.pass("it does");
    }

    @Override
    public void send(Message message) throws Exception {
        tried.add(message);
        at.add((hand.nanos + 3_600_000_000_000L) / 1e9);
        sending.send(message);
        sent.add(message);
    }

    List<String> words() {
        return sent.stream().map(message -> message.occasion().toString()).toList();
    }

    /** Returns the delivery ids of what was sent, without the rollout's. */
    List<String> ids() {
        return sent.stream()
                .map(message ->
                        message.deliveryId().substring(message.rolloutId().length() + 1))
                .toList();
    }

    Message last(Occasion occasion) {
        return sent.stream()
                .filter(message -> message.occasion() == occasion)
                .reduce((first, second) -> second)
                .orElseThrow();
    }
}
