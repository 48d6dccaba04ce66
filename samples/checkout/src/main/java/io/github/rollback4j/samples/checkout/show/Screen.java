package io.github.rollback4j.samples.checkout.show;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where the show is seen: a terminal, in which the progress is redrawn in place, or a file or pipe, which gets a plain
 * line a second. For one thread.
 */
final class Screen {

    private static final Duration BETWEEN_LINES = Duration.ofSeconds(1);

    private final PrintStream out;
    private final boolean terminal;
    private final Ink ink;
    private int drawn;
    private Duration nextLine = Duration.ZERO;

    private Screen(PrintStream out, boolean terminal, Ink ink) {
        this.out = out;
        this.terminal = terminal;
        this.ink = ink;
    }

    /** Returns a screen that is no terminal. */
    static Screen plain(PrintStream out) {
        return new Screen(out, false, new Ink(false, false));
    }

    /** Returns the screen of this process: a terminal, where its standard streams are one that understands escapes. */
    @SuppressWarnings("SystemConsoleNull") // before JDK 22 it is null where there is no terminal
    static Screen ofProcess(PrintStream out, Map<String, String> environment) {
        Console console = System.console();
        if (console == null || !isTerminal(console) || isDumb(environment)) {
            return plain(out);
        }
        boolean colours = environment.getOrDefault("NO_COLOR", "").isEmpty();
        return new Screen(
                out, true, new Ink(colours, console.charset().newEncoder().canEncode('\u2588')));
    }

    /** Before JDK 22 there is a console only where there is a terminal; since then it can be asked. */
    private static boolean isTerminal(Console console) {
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException beforeJdk22) {
            return true;
        }
    }

    private static boolean isDumb(Map<String, String> environment) {
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
        return environment.getOrDefault("TERM", windows ? "windows" : "dumb").equals("dumb");
    }

    Ink ink() {
        return ink;
    }

    /** Writes a line that stays. */
    void line(String text) {
        erase();
        out.println(text);
        out.flush();
    }

    /** Shows how far a rollout is. */
    void show(Progress progress) {
        if (terminal) {
            // Up over what was drawn, then each line anew. None may wrap, or the next drawing would begin too low.
            StringBuilder drawing = new StringBuilder(drawn > 0 ? "\u001b[" + drawn + "A" : "").append("\u001b[?7l");
            List<String> lines = progress.lines(ink);
            lines.forEach(line -> drawing.append(line).append("\u001b[K").append(System.lineSeparator()));
            out.print(drawing.append("\u001b[?7h"));
            out.flush();
            drawn = lines.size();
        } else if (progress.elapsed().compareTo(nextLine) >= 0) {
            line(progress.line());
            nextLine = progress.elapsed().plus(BETWEEN_LINES);
        }
    }

    /** Shows a rollout's end, which stays. */
    void showLast(Progress progress) {
        nextLine = Duration.ZERO;
        show(progress);
        nextLine = Duration.ZERO;
        drawn = 0;
    }

    private void erase() {
        if (drawn > 0) {
            out.print("\u001b[" + drawn + "A\u001b[J");
            drawn = 0;
        }
    }
}
