package io.github.rollback4j.report;

import io.github.rollback4j.journal.Journal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tells what happened to a rollout, one line an event, in the journal's order. Events of types that this version does not
 * know are shown by their type. Shows nothing but what the journal has. Immutable and thread-safe.
 *
 * @param lines the lines, none where the journal has no event
 */
public record Timeline(List<Line> lines) {

    /**
     * One event.
     *
     * @param at when, by the wall clock
     * @param sinceStart since the rollout was planned, downtime of the process not counted
     * @param type the event's type, for example {@code step-done}
     * @param what what happened, in plain words; a single line of plain text, parts of which come from outside
     */
    public record Line(Instant at, Duration sinceStart, String type, String what) {}

    private static final Pattern NOT_IN_A_LINE =
            Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\x{2028}\\x{2029}\\x{FFFE}\\x{FFFF}]+");
    private static final int LONGEST = 2000;
    private static final int HASH_SHOWN = 12;

    /** Copies the lines. */
    public Timeline {
        lines = List.copyOf(lines);
    }

    /** Returns the timeline of one rollout. */
    public static Timeline of(List<Journal.Entry> entries) {
        List<Line> lines = new ArrayList<>();
        for (Journal.Entry entry : entries) {
            Journal.Event event = entry.event();
            lines.add(new Line(event.at(), event.elapsed(), clean(event.type()), clean(what(event))));
        }
        return new Timeline(lines);
    }

    /** Returns the timeline as a Markdown table. What comes from outside is escaped: it neither formats nor links. */
    public String markdown() {
        StringBuilder table = new StringBuilder("| Time (UTC) | Since start | What happened |\n|---|---:|---|\n");
        for (Line line : lines) {
            table.append("| ")
                    .append(Words.at(line.at))
                    .append(" | ")
                    .append(shown(line.sinceStart))
                    .append(" | ")
                    .append(Markdown.escaped(line.what))
                    .append(" |\n");
        }
        return table.toString();
    }

    // ---- Words.

    private static String what(Journal.Event event) {
        Data data = new Data(event.data());
        return switch (event.type()) {
            case "planned" ->
                "Attempt " + data.text("attempt") + " was planned: from " + data.text("stable") + " to "
                        + data.text("candidate") + data.after(", plan ", hash(data.text("planHash")))
                        + data.by() + data.reason();
            case "not-started" -> "It could not start, all calls stay on stable: " + data.text("reasons");
            case "started" -> "The rollout started";
            case "continued" ->
                "The process was started again (no. " + data.text("incarnation") + ") and went on in state "
                        + data.text("state");
            case "growing" ->
                "The exposure was about to grow to " + data.percent("share") + " of the calls"
                        + data.after(": ", data.text("why"));
            case "exposed" -> exposed(data);
            case "paused" ->
                (data.is("trafficStopped") ? "The exposure was taken away" : "The exposure was held")
                        + data.by()
                        + data.reason();
            case "resumed" -> "The rollout went on" + data.by();
            case "decided" -> decided(data);
            case "evidence-kept" -> "How the evidence went was written down";
            case "counted" -> counted(data);
            case "overdue" ->
                "The longest time is over: " + data.text("why") + data.after("; then ", data.text("then"));
            case "ratio-mismatch" -> "The sample ratio is wrong: " + data.text("why");
            case "dismissed" -> "The recommendation to roll back was dismissed" + data.by() + data.reason();
            case "step-intended" ->
                "Step " + data.text("step") + " began" + data.way() + ", try " + data.text("attempt");
            case "step-sent" ->
                "Step " + data.text("step") + " was taken by its target" + data.way()
                        + data.after(", reference ", data.text("reference"));
            case "step-looked-up" ->
                "It was looked up whether step " + data.text("step") + " was done" + data.way() + ": "
                        + data.text("found") + data.after(", ", data.text("detail"));
            case "step-asked" -> "Step " + data.text("step") + " waits for a person: " + data.text("detail");
            case "step-done" ->
                "Step " + data.text("step") + " was done" + data.way() + data.by()
                        + data.after(": ", data.text("detail"));
            case "step-failed" ->
                "Step " + data.text("step") + " failed" + data.way() + ", try " + data.text("attempt") + ": "
                        + data.text("error");
            case "gate-opened" ->
                "Gate " + data.text("gate") + " is open for step " + data.text("step") + data.by()
                        + data.after(": ", data.text("detail"));
            case "gate-closed" ->
                "Gate " + data.text("gate") + " is not open for step " + data.text("step") + ", it says "
                        + data.text("verdict") + data.after(": ", data.text("detail"));
            case "traffic-refused" ->
                "Instance " + data.text("instance") + " may refuse traffic" + data.after(": ", data.text("why"));
            case "traffic-resumed" ->
                "Instance " + data.text("instance") + " takes traffic again" + data.after(": ", data.text("why"));
            case "baseline-kept" ->
                "The baseline of " + data.text("release") + " was kept: in 99 of 100 of " + data.text("count")
                        + " windows at most " + data.percent("highRate") + " of the calls failed";
            case "baseline-noted" ->
                "Until then stable had failed " + data.text("failures") + " of " + data.text("calls") + " calls";
            case "verified" ->
                "It was looked whether stable is healthy: " + data.text("result")
                        + data.after(", ", data.text("detail"));
            case "preflighted" ->
                data.is("passed") ? "The preflight passed" : "The preflight did not pass: " + data.failedItems();
            case "overridden" ->
                "The preflight was overridden" + data.by() + data.reason()
                        + data.after("; it had failed: ", data.text("failed"));
            case "tried-again" -> "What failed was to be tried again" + data.after(", ", data.text("what")) + data.by();
            case "handed-over" -> "The process handed the rollback over" + data.by() + data.reason();
            case "requested" ->
                "Asked for: " + data.text("what") + data.after(" ", data.text("subject")) + data.by() + data.reason();
            case "answered" -> "To request " + data.text("request") + ": " + data.text("outcome");
            case "led" -> "Instance " + data.text("instance") + " on " + data.text("host") + " leads the rollout";
            case "divided" -> "The keys were divided among " + data.text("owners");
            case "edges-frozen" -> "The bins of " + data.text("subject") + " were fixed";
            case "notified" ->
                "Told " + data.text("group") + data.after(" by ", data.text("channel")) + ": " + data.text("occasion");
            case "not-notified" ->
                "Could not tell " + data.text("group") + data.after(" by ", data.text("channel")) + ": "
                        + data.text("error");
            case "drafted" ->
                "A message to " + data.text("group") + ", " + data.text("occasion") + ", waits for approval"
                        + data.after(" by ", data.text("approver"));
            case "approved" -> "The message to " + data.text("group") + " was approved" + data.by();
            case "escalated" ->
                "Escalated from " + data.text("group") + " to " + data.text("to") + ": " + data.text("why");
            case "acknowledged" -> "Acknowledged for " + data.text("group") + data.by();
            case "drill-began" ->
                "A drill began of the steps from " + data.text("candidate") + " back to " + data.text("stable")
                        + data.by();
            case "drill-ended" ->
                data.is("passed") ? "The drill passed" : "The drill did not pass: " + data.failedItems();
            case "rolled-back" -> "Everything is back on stable";
            case "needs-human" -> "People are needed, all calls go to stable: " + data.text("why");
            case "promoted" -> "The candidate was promoted and serves all calls" + data.by();
            case "window-closed" -> "The rollback window closed: the promotion is final";
            case "reported" ->
                "Signal " + data.text("signal") + " was raised" + data.by() + data.after(": ", data.text("what"));
            case "controlled" -> controlled(data);
            case "closed" -> "The process let go of the rollout in state " + data.text("state");
            default ->
                "Event " + event.type() + (event.version() == 1 ? "" : ", version " + event.version())
                        + ", which this version does not know";
        };
    }

    private static String exposed(Data data) {
        String shadow = data.percent("shadowShare");
        return "Step " + data.text("name") + " began: " + data.percent("share") + " of the calls get the candidate"
                + (shadow.equals("0 %") || shadow.equals(Data.UNKNOWN)
                        ? ""
                        : ", beside " + shadow + " it runs in the shadow");
    }

    private static String decided(Data data) {
        String cause = data.text("signal").equals("person")
                ? data.by() + data.after(": ", data.text("why"))
                : ", signal " + data.text("signal") + ": " + data.text("why");
        if (data.is("acted")) {
            return "ROLLBACK, all calls go to stable" + cause;
        }
        return (data.text("mode").equals("OBSERVE")
                        ? "A rollback would have been decided (mode OBSERVE)"
                        : "A rollback is recommended, a person must approve it")
                + cause;
    }

    private static String counted(Data data) {
        return "The candidate had failed " + data.text("facts.candidate-failures") + " of "
                + data.text("facts.candidate-calls") + " calls by the coin, stable "
                + data.text("facts.stable-failures") + " of " + data.text("facts.stable-calls")
                + (data.text("facts.candidate-apart-calls").equals("0")
                        ? ""
                        : ", the candidate " + data.text("facts.candidate-apart-failures") + " of "
                                + data.text("facts.candidate-apart-calls") + " others");
    }

    private static String controlled(Data data) {
        List<String> controls = new ArrayList<>();
        if (data.is("allToStable")) {
            controls.add("all calls go to stable");
        }
        if (data.is("automationOff")) {
            controls.add("the automation is off");
        }
        return "Break glass: "
                + (controls.isEmpty() ? "no control holds any more" : String.join(", ", controls))
                + (controls.isEmpty() ? "" : data.after(" (source: ", data.text("source")) + ")")
                + data.by()
                + data.reason();
    }

    private static String hash(String hash) {
        return hash.length() <= HASH_SHOWN ? hash : hash.substring(0, HASH_SHOWN);
    }

    /** An event's data, of which any may be missing, or be of another form than this version writes. */
    record Data(Map<String, String> parts) {

        static final String UNKNOWN = "(unknown)";

        String text(String name) {
            return parts.getOrDefault(name, UNKNOWN);
        }

        String or(String name, String otherwise) {
            return parts.getOrDefault(name, otherwise);
        }

        boolean is(String name) {
            return Boolean.parseBoolean(parts.get(name));
        }

        /** Returns a part of one; 0 where it is none. */
        double part(String name) {
            double part = Chronicle.decimal(parts.get(name));
            return part >= 0 && part <= 1 ? part : 0;
        }

        /** Returns the data under a name, without it. */
        Map<String, String> under(String name) {
            Map<String, String> under = new TreeMap<>();
            parts.forEach((full, value) -> {
                if (full.startsWith(name)) {
                    under.put(full.substring(name.length()), value);
                }
            });
            return under;
        }

        String percent(String name) {
            try {
                String text = String.format(Locale.ROOT, "%.4f", 100 * Double.parseDouble(text(name)));
                return text.contains(".") ? text.replaceAll("\\.?0+$", "") + " %" : text(name);
            } catch (NumberFormatException otherForm) {
                return text(name);
            }
        }

        /** Returns the way that was gone, where it is not the step's first, of whose name the step is. */
        String way() {
            String way = text("way");
            return way.equals(text("step")) ? "" : after(" by way of ", way);
        }

        /** Returns the items of a preflight that failed. */
        String failedItems() {
            return parts.entrySet().stream()
                    .filter(part -> part.getKey().startsWith("items.")
                            && part.getValue().startsWith("failed"))
                    .map(part -> part.getKey().substring("items.".length()) + " " + part.getValue())
                    .collect(Collectors.joining("; "));
        }

        String by() {
            return after(", by ", text("by"));
        }

        String reason() {
            return after(": ", text("reason"));
        }

        String after(String words, String value) {
            return value.isBlank() || value.equals(UNKNOWN) ? "" : words + value;
        }
    }

    static String shown(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%d.%d s", seconds, duration.toMillisPart() / 100);
        }
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d h", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    /** Makes one line of it: no line break, no other control or direction character, no half of a letter, not endless. */
    static String clean(String text) {
        String line = NOT_IN_A_LINE.matcher(text).replaceAll(" ").strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
