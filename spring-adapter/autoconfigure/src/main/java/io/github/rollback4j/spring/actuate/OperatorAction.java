package io.github.rollback4j.spring.actuate;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What people can ask for. */
enum OperatorAction {
    PAUSE("pause", "pause", true, "Holds the exposure; a regression still rolls back"),
    STOP_TRAFFIC("stop-traffic", "pause-and-stop-traffic", true, "Takes the exposure away until it is resumed"),
    RESUME("resume", "resume", false, "Lets it go on"),
    PROMOTE("promote", "promote", false, "The candidate serves all calls"),
    ROLLBACK("rollback", "roll-back", true, "Takes the candidate back"),
    APPROVE("approve", "approve", false, "Does what the library recommends"),
    DISMISS("dismiss", "dismiss", true, "Lets a recommendation pass"),
    ALL_TO_STABLE("all-to-stable", "all-to-stable", true, "Sends all calls to stable until it is lifted"),
    READMIT("readmit", "readmit", true, "Lifts all-to-stable");

    private final String word;
    private final String asked;
    private final boolean needsReason;
    private final String does;

    OperatorAction(String word, String asked, boolean needsReason, String does) {
        this.word = word;
        this.asked = asked;
        this.needsReason = needsReason;
        this.does = does;
    }

    /** Returns what people call it. */
    String word() {
        return word;
    }

    /** Returns what it is called where another process is asked for it. */
    String asked() {
        return asked;
    }

    boolean needsReason() {
        return needsReason;
    }

    String does() {
        return does;
    }

    static @Nullable OperatorAction of(String word) {
        return Arrays.stream(values())
                .filter(action -> action.word.equals(word))
                .findFirst()
                .orElse(null);
    }

    static List<String> words() {
        return Arrays.stream(values()).map(OperatorAction::word).toList();
    }
}
