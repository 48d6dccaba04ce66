package io.github.rollback4j.strategy;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs a program, without a shell in between. */
final class Command implements RollbackStrategy {

    private static final String OWN_PREFIX = "ROLLBACK4J_";
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");
    private static final Pattern SECRET_VARIABLE =
            Pattern.compile(".*(PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH).*", Pattern.CASE_INSENSITIVE);
    private static final Pattern TERMINAL_SEQUENCE = Pattern.compile("\u001B\\[[0-9;?]*[A-Za-z]");
    private static final Pattern USER_IN_URL = Pattern.compile("://[^/@\\s]+@");
    private static final int SHORTEST_SECRET = 4;
    private static final int LONGEST_REASON = 1000;
    private static final int LONGEST_LINE = 200;
    private static final long POLL_NANOS = Duration.ofMillis(10).toNanos();

    private final String name;
    private final List<String> commandLine;
    private final Map<String, Supplier<String>> environment;
    private final LongSupplier ticker;

    Command(String name, List<String> commandLine, Map<String, Supplier<String>> environment, LongSupplier ticker) {
        this.name = WaysBack.requireName(name);
        this.commandLine = List.copyOf(commandLine);
        this.environment = new TreeMap<>(environment);
        this.ticker = ticker;
        if (this.commandLine.isEmpty() || this.commandLine.get(0).isBlank()) {
            throw new IllegalArgumentException(
                    "command line of " + name + " names no program: a program, then its arguments, is allowed");
        }
        for (int i = 0; i < this.commandLine.size(); i++) {
            if (this.commandLine.get(i).indexOf('\0') >= 0) {
                throw new IllegalArgumentException("command line of " + name + " has a NUL character in part " + i
                        + ": any other character is allowed");
            }
        }
        this.environment.keySet().forEach(this::requireVariable);
    }

    /** Returns a command whose variables keep their values. */
    static Command withValues(
            String name, List<String> commandLine, Map<String, String> environment, LongSupplier ticker) {
        Map<String, Supplier<String>> values = new TreeMap<>();
        environment.forEach((variable, value) -> values.put(variable, () -> value));
        Command command = new Command(name, commandLine, values, ticker);
        command.values();
        return command;
    }

    private void requireVariable(String variable) {
        if (!VARIABLE.matcher(variable).matches() || variable.startsWith(OWN_PREFIX)) {
            throw new IllegalArgumentException("environment variable '" + variable + "' of command " + name
                    + " is not allowed: names of letters, digits and '_' that begin with no digit and not with "
                    + OWN_PREFIX + " are");
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        String line = commandLine.stream().map(Command::quoted).collect(Collectors.joining(" "));
        String variables = environment.isEmpty() ? "" : ", with " + String.join(", ", environment.keySet()) + " set";
        return name + ": runs " + line + variables;
    }

    private static String quoted(String part) {
        return PLAIN.matcher(part).matches()
                ? part
                : "'" + part.replace("'", "'\\''").replaceAll("\\p{Cntrl}", " ") + "'";
    }

    @Override
    public Check.Result check(Context context) {
        // A secret that is gone is found now rather than in the middle of a rollback.
        values();
        String program = commandLine.get(0);
        File found = executable(program);
        return found == null
                ? Check.Result.fail("no executable " + program + " was found "
                        + (isPath(program) ? "there" : "on the PATH of this process"))
                : Check.Result.pass(found + " can be executed; it was not run");
    }

    /** Looks where {@link ProcessBuilder} will: on the PATH of this process, not on that of the child. */
    private static @Nullable File executable(String program) {
        if (isPath(program)) {
            return executableIn(null, program);
        }
        String path = System.getenv("PATH");
        for (String folder : (path == null ? "/bin:/usr/bin" : path).split(Pattern.quote(File.pathSeparator), -1)) {
            File found = executableIn(folder, program);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static @Nullable File executableIn(@Nullable String folder, String program) {
        List<String> endings = File.separatorChar == '\\' ? List.of("", ".exe") : List.of("");
        for (String ending : endings) {
            File file = folder == null || folder.isEmpty()
                    ? new File(program + ending)
                    : new File(folder, program + ending);
            if (file.isFile() && file.canExecute()) {
                return file;
            }
        }
        return null;
    }

    private static boolean isPath(String program) {
        return program.indexOf('/') >= 0 || program.indexOf(File.separatorChar) >= 0;
    }

    @Override
    public Done rollBack(Context context) throws Exception {
        Duration deadline = WaysBack.requireTimeLeft(name, context);
        long began = ticker.getAsLong();
        ProcessBuilder builder = new ProcessBuilder(commandLine).redirectErrorStream(true);
        Map<String, String> variables = builder.environment();
        variables.putAll(values());
        List<String> secrets = secrets(variables);
        variables.putAll(told(context));

        Process process = start(builder);
        Tail output = new Tail();
        try (InputStream stream = process.getInputStream()) {
            process.getOutputStream().close();
            if (!awaitEnd(process, stream, output, began, deadline.toNanos())) {
                throw new TimeoutException("command " + name + " was stopped, it did not end within " + deadline
                        + output.lastLine(secrets));
            }
            if (process.exitValue() != 0) {
                throw new IOException(
                        "command " + name + " ended with exit code " + process.exitValue() + output.lastLine(secrets));
            }
            return Done.done("the command ended with exit code 0");
        } finally {
            if (process.isAlive()) {
                destroy(process);
            }
        }
    }

    /** Asks for the variables' values. */
    private Map<String, String> values() {
        Map<String, String> values = new TreeMap<>();
        environment.forEach((variable, supplier) -> {
            String value = supplier.get();
            if (value == null) {
                throw new IllegalStateException("environment variable " + variable + " of command " + name
                        + " has no value now: one is needed");
            }
            if (value.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("environment variable " + variable + " of command " + name
                        + " has a NUL character in its value (not shown): any other character is allowed");
            }
            values.put(variable, value);
        });
        return values;
    }

    private Process start(ProcessBuilder builder) throws IOException {
        try {
            return builder.start();
        } catch (IOException notStarted) {
            throw new IOException("command " + name + " could not be started: " + notStarted.getMessage(), notStarted);
        }
    }

    private static Map<String, String> told(Context context) {
        String reason = context.reason().replace('\0', ' ');
        return Map.of(
                OWN_PREFIX + "ROLLOUT", context.rolloutId(),
                OWN_PREFIX + "KEY", context.idempotencyKey(),
                OWN_PREFIX + "COMPONENT", context.stable().component(),
                OWN_PREFIX + "STABLE", context.stable().identity(),
                OWN_PREFIX + "CANDIDATE", context.candidate().identity(),
                OWN_PREFIX + "REASON", reason.substring(0, Math.min(reason.length(), LONGEST_REASON)));
    }

    /** Returns what must not be shown: all values given for the command, and those inherited whose name says so. */
    private List<String> secrets(Map<String, String> variables) {
        return variables.entrySet().stream()
                .filter(each -> environment.containsKey(each.getKey())
                        || SECRET_VARIABLE.matcher(each.getKey()).matches())
                .flatMap(each -> each.getValue().lines())
                .map(String::strip)
                .filter(value -> value.length() >= SHORTEST_SECRET)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /**
     * Waits in the caller's thread, reading only what is there. A thread that reads until the end of the stream would hang
     * on a program that leaves a background process with the stream open.
     */
    private boolean awaitEnd(Process process, InputStream stream, Tail output, long began, long allowed)
            throws InterruptedException, IOException {
        while (true) {
            long left = allowed - (ticker.getAsLong() - began);
            boolean ended = process.waitFor(Math.min(left, POLL_NANOS), TimeUnit.NANOSECONDS);
            output.take(stream);
            if (ended || left <= 0) {
                return ended;
            }
        }
    }

    private static void destroy(Process process) {
        List<ProcessHandle> family = process.descendants().toList();
        // The parent first, so that it starts no other in the meantime.
        process.destroyForcibly();
        for (ProcessHandle child : family) {
            child.descendants().forEach(ProcessHandle::destroyForcibly);
            child.destroyForcibly();
        }
    }

    @Override
    public String toString() {
        return description();
    }

    /** Keeps the end of an output. */
    private static final class Tail {

        private static final int KEPT = 4096;
        private static final int MOST_AT_ONCE = 1 << 20;

        private final byte[] kept = new byte[KEPT];
        private final byte[] chunk = new byte[KEPT];
        private int length;
        private boolean cut;

        /** Takes what can be read without waiting. */
        void take(InputStream stream) throws IOException {
            int taken = 0;
            for (int there = stream.available();
                    there > 0 && taken < MOST_AT_ONCE && !Thread.currentThread().isInterrupted();
                    there = stream.available()) {
                int read = stream.read(chunk, 0, Math.min(there, KEPT));
                if (read < 0) {
                    return;
                }
                append(read);
                taken += read;
            }
        }

        private void append(int added) {
            int stays = Math.min(length, KEPT - added);
            cut |= stays < length;
            System.arraycopy(kept, length - stays, kept, 0, stays);
            System.arraycopy(chunk, 0, kept, stays, added);
            length = stays + added;
        }

        /** Returns {@code ": "} and the last line that is not blank, without secrets; empty where there is none. */
        String lastLine(List<String> secrets) {
            String text = new String(kept, 0, length, StandardCharsets.UTF_8);
            if (cut) {
                // The first line lacks its beginning: a secret in it might not be recognised.
                text = text.substring(text.indexOf('\n') < 0 ? text.length() : text.indexOf('\n'));
            }
            String last = "";
            for (String line : text.lines().toList()) {
                String shown = TERMINAL_SEQUENCE.matcher(line).replaceAll("");
                for (String secret : secrets) {
                    shown = shown.replace(secret, "***");
                }
                shown = USER_IN_URL.matcher(shown).replaceAll("://***@");
                shown = shown.replaceAll("\\p{Cntrl}", " ").strip();
                last = shown.isEmpty() ? last : shown;
            }
            if (last.length() > LONGEST_LINE) {
                int end = Character.isHighSurrogate(last.charAt(LONGEST_LINE - 1)) ? LONGEST_LINE - 1 : LONGEST_LINE;
                last = last.substring(0, end);
            }
            return last.isEmpty() ? "" : ": " + last;
        }
    }
}
