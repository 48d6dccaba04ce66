package io.github.rollback4j.strategy;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Makes the ways back that need nothing but the JDK; meant for static import.
 *
 * {@snippet file="io/github/rollback4j/strategy/WaysBackTest.java" region="ways-back"}
 *
 * <p>A name is unique within a plan: 1 to 63 lower-case letters, digits and hyphens, no hyphen first. All are thread-safe as far as what
 * they are given is. A step that fails throws, and is repeated as the plan says, with the same idempotency key. Where nobody knows
 * whether a way was gone (it timed out, or the process ended), a flag is read; a webhook, a switch and a person are told again,
 * by the same key; of a command a person must find out, unless the plan says {@code repeatedWhenUncertain}.
 */
public final class WaysBack {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Duration LONGEST = Duration.ofDays(30);

    private WaysBack() {}

    /**
     * Switches back to stable in this process, blue/green: a data source, a base URL, a set of beans. Its check passes
     * without looking at anything.
     *
     * @param switchToStable points everything at stable; harmless when it already is. What it throws is the step's failure
     * @throws IllegalArgumentException if the name is not allowed
     */
    public static RollbackStrategy switchBack(String name, Runnable switchToStable) {
        return switchBack(name, switchToStable, SwitchBack.inProcess());
    }

    /**
     * Switches back to stable in this process, as {@link #switchBack(String, Runnable)}, and looks beforehand whether that
     * is possible: whether stable is still warm.
     *
     * @param switchToStable points everything at stable; harmless when it already is. What it throws is the step's failure
     * @param check looks whether stable could serve now, without switching
     * @throws IllegalArgumentException if the name is not allowed
     */
    public static RollbackStrategy switchBack(String name, Runnable switchToStable, Check check) {
        return new SwitchBack(
                name, Objects.requireNonNull(switchToStable, "switchToStable"), Objects.requireNonNull(check, "check"));
    }

    /**
     * Turns the service's own feature flag off.
     *
     * @param flag is set to {@code false}
     * @throws IllegalArgumentException if the name is not allowed
     */
    public static RollbackStrategy flagOff(String name, AtomicBoolean flag) {
        Objects.requireNonNull(flag, "flag");
        return flagOff(name, flag::get, () -> flag.set(false));
    }

    /**
     * Turns a flag of any flag system off, then verifies at once that it reads off. A flag that still reads on is a
     * failure: where a client follows its server with a delay, {@code turnOff} waits for it, or the plan's repetition
     * does. Its check reads the flag once.
     *
     * @param isOn reads the flag as the service does
     * @param turnOff turns the flag off; harmless when it already is. What it throws is the step's failure
     * @throws IllegalArgumentException if the name is not allowed
     */
    public static RollbackStrategy flagOff(String name, BooleanSupplier isOn, Runnable turnOff) {
        return new FlagOff(name, Objects.requireNonNull(isOn, "isOn"), Objects.requireNonNull(turnOff, "turnOff"));
    }

    /**
     * Runs a program, as {@link #command(String, List, Map)}, with no variables but the service's own.
     *
     * @param commandLine the program and its arguments, one each
     * @throws IllegalArgumentException if the name is not allowed or the command line names no program
     */
    public static RollbackStrategy command(String name, List<String> commandLine) {
        return command(name, commandLine, Map.of());
    }

    /**
     * Runs a program, without a shell, in the service's working directory. Done is exit code 0; any other code is a
     * failure. At the step's deadline, or when interrupted, the program and its descendants are killed; a descendant whose
     * parent has ended before is not found.
     *
     * <p>The program inherits the service's environment and is told more: {@code ROLLBACK4J_ROLLOUT}, {@code
     * ROLLBACK4J_KEY} (the idempotency key: the same at each try), {@code ROLLBACK4J_COMPONENT}, {@code ROLLBACK4J_STABLE}
     * and {@code ROLLBACK4J_CANDIDATE} (the version, and {@code @commit} where it is known), {@code ROLLBACK4J_REASON} (up
     * to 1000 characters that people wrote: a script quotes it). Its standard input is empty.
     *
     * <p>The command line is shown to people, in the runbook: it must hold no secret. The values of the variables are never
     * shown. Of the output the last line, up to 200 characters, is shown when the program fails; the variables' values, and
     * those of inherited variables that are named like a secret, are struck out of it where they are of 4 characters or
     * more, and so is what stands before the host of a URL.
     *
     * <p>Its check looks whether the program is an executable file, at its path or on the service's {@code PATH}, and does
     * not run it.
     *
     * @param commandLine the program and its arguments, one each
     * @param environment variables beside the service's own; replaces those of the same name
     * @throws IllegalArgumentException if the name is not allowed, the command line names no program, a variable's name is
     *     not of letters, digits and {@code _} or begins with {@code ROLLBACK4J_}, or there is a NUL character
     */
    public static RollbackStrategy command(String name, List<String> commandLine, Map<String, String> environment) {
        return Command.withValues(name, commandLine, environment, System::nanoTime);
    }

    /**
     * Runs a program, as {@link #command(String, List, Map)}, with variables whose values are asked for at each use, so that a
     * secret can be changed.
     *
     * @param environment variables beside the service's own; replaces those of the same name. A value that is {@code null}
     *     or has a NUL character, and an exception, are the step's failure; its check asks, too
     * @throws IllegalArgumentException if the name is not allowed, the command line names no program or has a NUL character,
     *     or a variable's name is not of letters, digits and {@code _} or begins with {@code ROLLBACK4J_}
     */
    public static RollbackStrategy commandWithSecrets(
            String name, List<String> commandLine, Map<String, Supplier<String>> environment) {
        return new Command(name, commandLine, environment, System::nanoTime);
    }

    /**
     * Posts a signed JSON document, with the headers and the signature of {@link SignedPost}. Done is any answer from 200 to 299. A
     * redirect is not followed and is a failure, as is every other answer, none before the step's deadline, and no connection
     * within 10 seconds.
     *
     * <p>The body, in UTF-8, all values strings, {@code time} in ISO 8601, {@code stable} and {@code candidate} with {@code
     * @commit} where it is known; fields may be added later:
     *
     * <pre>{@code
     * {"event":"rollback","rollout":"…","idempotencyKey":"…","component":"checkout","stable":"1.4.2",
     *  "candidate":"1.5.0","reason":"…","time":"2026-01-31T12:00:00Z"}
     * }</pre>
     *
     * <p>Its check is {@link SignedPost#check}.
     *
     * @param url {@code https}, or {@code http} to 127.0.0.1, localhost or [::1]; without user and fragment
     * @param signingSecret asked at each call, so that a secret can be changed; empty or {@code null} is a failure
     * @throws IllegalArgumentException if the name or the URL is not allowed
     */
    public static RollbackStrategy webhook(String name, URI url, Supplier<String> signingSecret) {
        return new Webhook(name, url, signingSecret, InstantSource.system());
    }

    /**
     * Asks a person, and is done when they acknowledge it. Its check passes.
     *
     * @param instruction what is to be done, for people; 1 to 2000 characters; contains no secret
     * @throws IllegalArgumentException if the name or the instruction is not allowed
     */
    public static RollbackStrategy manual(String name, String instruction) {
        return new Manual(name, instruction);
    }

    static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("way back's name '" + name
                    + "' is not allowed: 1 to 63 lower-case letters, digits and hyphens are (for example 'flag-off')");
        }
        return name;
    }

    /** Returns the step's deadline, 30 days at most, so that it can be added to any time. */
    static Duration requireTimeLeft(String name, RollbackStrategy.Context context) throws TimeoutException {
        Duration left = context.deadline();
        if (left.isNegative() || left.isZero()) {
            throw new TimeoutException("step " + name + " was not begun, its time left is " + left);
        }
        return left.compareTo(LONGEST) < 0 ? left : LONGEST;
    }
}
