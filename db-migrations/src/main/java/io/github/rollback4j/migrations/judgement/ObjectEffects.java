package io.github.rollback4j.migrations.judgement;

import io.github.rollback4j.migrations.judgement.Finding.Effect;
import io.github.rollback4j.migrations.judgement.SchemaState.Routine;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange.CreateRoutine;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/** What became of types, sequences, routines, schemas and rights. */
final class ObjectEffects {

    private final SchemaState state;
    private final Findings findings;

    ObjectEffects(SchemaState state, Findings findings) {
        this.state = state;
        this.findings = findings;
    }

    void find() {
        types();
        sequences();
        routines();
        theRest();
    }

    private void types() {
        for (SchemaState.NamedType type : state.types) {
            ObjectName before = type.nameBefore;
            if (before == null) {
                continue;
            }
            String name = before.toString();
            if (type.isGone) {
                findings.add(
                        Rule.DROP_TYPE,
                        Effect.BREAKS,
                        type.touched,
                        Subject.of(before),
                        "The type " + name + " is gone.",
                        "Keep it for one release.");
                continue;
            }
            if (!type.name.equals(before) && !state.isInRenamedSchema(before)) {
                findings.add(
                        Rule.RENAME_TYPE,
                        Effect.BREAKS,
                        type.touched,
                        Subject.of(before),
                        "The type " + name + " is " + type.name
                                + " now: casts of the previous release that name it fail.",
                        "CREATE DOMAIN " + name + " AS " + type.name + ";");
            }
            values(type, name);
            if (type.tightened != null) {
                findings.add(
                        Rule.DOMAIN_CONSTRAINT,
                        Effect.MAY_BREAK,
                        type.tightened,
                        Subject.of(before),
                        "The domain " + name + " refuses values that it took.",
                        "Tighten it one release later.");
            }
            if (type.defaultChanged != null) {
                findings.add(
                        Rule.CHANGE_DEFAULT,
                        Effect.BREAKS,
                        type.defaultChanged,
                        Subject.of(before),
                        "Columns of the domain " + name + " get another default value.",
                        "Set the value in the new release's code.");
            }
            if (type.attributesChanged != null) {
                findings.add(
                        Rule.CHANGE_TYPE,
                        Effect.BREAKS,
                        type.attributesChanged,
                        Subject.of(before),
                        "Values of the composite type " + name + " look otherwise.",
                        "A new type.");
            }
        }
    }

    private void values(SchemaState.NamedType type, String name) {
        type.renamed.forEach((old, now) -> {
            if (!old.equals(now)) {
                findings.add(
                        Rule.ENUM_RENAME_VALUE,
                        Effect.BREAKS,
                        type.touched,
                        Subject.named(name + " '" + old + "'"),
                        "The value '" + old + "' of " + name + " is '" + now + "' now: statements that name it fail.",
                        "ALTER TYPE " + name + " ADD VALUE '" + now + "'; and write the new value one release later.");
            }
        });
        List<String> known = List.copyOf(type.renamed.values());
        List<String> added =
                type.values.stream().filter(value -> !known.contains(value)).toList();
        if (!added.isEmpty()) {
            findings.add(
                    Rule.ENUM_ADD_VALUE,
                    Effect.MAY_BREAK,
                    type.touched,
                    Subject.named(name),
                    "An enum of the previous release does not know " + String.join(", ", added)
                            + ", and the value cannot be taken away again.",
                    "Release code that reads unknown values first.");
        }
    }

    private void sequences() {
        for (SchemaState.Sequence sequence : state.sequences) {
            ObjectName before = sequence.nameBefore;
            if (before == null) {
                continue;
            }
            if (sequence.isGone || (!sequence.name.equals(before) && !state.isInRenamedSchema(before))) {
                findings.add(
                        Rule.DROP_SEQUENCE,
                        Effect.BREAKS,
                        sequence.touched,
                        Subject.of(before),
                        "The sequence " + before + (sequence.isGone ? " is gone." : " is " + sequence.name + " now."),
                        "Drop it one release after the last use.");
            } else if (sequence.numbersChanged != null) {
                findings.add(
                        Rule.CHANGE_SEQUENCE,
                        Effect.MAY_BREAK,
                        sequence.numbersChanged,
                        Subject.of(before),
                        "The sequence " + before
                                + " hands out other numbers: a mapper that counts within its steps meets numbers in use.",
                        "A new sequence.");
            }
        }
    }

    private void routines() {
        for (Routine routine : state.routines) {
            ObjectName before = routine.nameBefore;
            if (before != null) {
                compareRoutine(routine, before);
            }
        }
    }

    private void compareRoutine(Routine routine, ObjectName before) {
        List<Routine> now = state.routines(before);
        String name = before.toString();
        int arguments = routine.parameters == null ? -1 : routine.parameters.size();
        List<Routine> callable = now.stream()
                .filter(other -> other == routine || takes(other, routine))
                .toList();
        if (callable.isEmpty()) {
            if (state.isInRenamedSchema(before)) {
                return; // Found there.
            }
            findings.add(
                    now.isEmpty() && !routine.isGone ? Rule.DROP_FUNCTION : Rule.CHANGE_SIGNATURE,
                    Effect.BREAKS,
                    routine.touched,
                    Subject.of(before),
                    now.isEmpty()
                            ? "The routine " + name + " is gone: calls of the previous release fail."
                            : "No routine " + name + " takes what the previous release calls it with.",
                    "Keep the old one beside the new one for one release.");
            return;
        }
        boolean isAmbiguous =
                arguments >= 0 && callable.size() > 1 && callable.stream().anyMatch(other -> !other.isOld());
        if (isAmbiguous) {
            Routine added = callable.stream()
                    .filter(other -> !other.isOld())
                    .findFirst()
                    .orElseThrow();
            findings.add(
                    Rule.CHANGE_SIGNATURE,
                    Effect.BREAKS,
                    added.touched,
                    Subject.of(before),
                    "A call of " + name + " with " + arguments
                            + " arguments could mean two routines now, for a default value of the new one.",
                    "Without the default value, or under another name.");
        }
        Routine answers = callable.contains(routine) ? routine : callable.get(0);
        boolean returnsOther = !routine.returnsBefore.isEmpty() && !answers.returns.equals(routine.returnsBefore);
        boolean isOther =
                !routine.bodyBefore.isEmpty() && !body(answers, answers.body).equals(body(routine, routine.bodyBefore));
        boolean isTrigger = routine.returnsBefore.equals("trigger");
        if (returnsOther) {
            findings.add(
                    Rule.CHANGE_SIGNATURE,
                    Effect.MAY_BREAK,
                    answers.touched,
                    Subject.of(before),
                    name + " returns " + answers.returns + " where it returned " + routine.returnsBefore + ".",
                    "A new routine under another name.");
        } else if (isOther) {
            findings.add(
                    isTrigger ? Rule.ADD_TRIGGER : Rule.REPLACE_FUNCTION,
                    Effect.MAY_BREAK,
                    answers.touched,
                    Subject.of(before),
                    isTrigger
                            ? "Triggers that call " + name + " do something else with what the previous release writes."
                            : "The routine " + name
                                    + " is computed otherwise: calls of the previous release may get another result.",
                    "A new routine under another name.");
        }
    }

    /** Returns a routine's body so that names, numbers of parameters and spaces do not tell two of them apart. */
    private static String body(Routine routine, String body) {
        String plain = body;
        List<CreateRoutine.Parameter> parameters = routine.parameters == null ? List.of() : routine.parameters;
        for (int i = parameters.size(); i > 0; i--) {
            String name = parameters.get(i - 1).name();
            if (!name.isEmpty()) {
                plain = plain.replaceAll("(?i)\\b" + Pattern.quote(name) + "\\b", "\\$" + i);
            }
        }
        return Objects.requireNonNullElse(Expressions.normalised(plain.replace(";", " ")), "");
    }

    /** Returns whether a routine can be called with the arguments of another. */
    private static boolean takes(Routine other, Routine asBefore) {
        if (asBefore.parameters == null || other.parameters == null) {
            return false;
        }
        List<String> given = SchemaState.typesOf(asBefore.parameters);
        List<String> taken = SchemaState.typesOf(other.parameters);
        if (taken.size() < given.size() || !taken.subList(0, given.size()).equals(given)) {
            return false;
        }
        return other.parameters.subList(given.size(), taken.size()).stream()
                .allMatch(parameter -> parameter.hasDefault());
    }

    private void theRest() {
        state.goneSchemas.forEach((schema, place) -> {
            findings.add(
                    Rule.DROP_SCHEMA,
                    Effect.BREAKS,
                    place,
                    Subject.named(schema),
                    "The schema " + schema + " is gone, with all that the previous release may use in it.",
                    "Drop it one release after the last use.");
            boolean isDatabase =
                    place.statement().text().toLowerCase(Locale.ROOT).matches("(?s)drop\\s+database\\b.*");
            boolean goesWithItsTables = state.isMySql() || isDatabase || NetEffect.isCascade(place);
            if (goesWithItsTables) {
                findings.add(
                        Rule.DROP_SCHEMA,
                        Effect.LOSES_DATA,
                        place,
                        Subject.named(schema),
                        "All tables of " + schema + " go with it.",
                        "");
            }
        });
        state.renamedSchemas.forEach((schema, place) -> findings.add(
                Rule.RENAME_SCHEMA,
                Effect.BREAKS,
                place,
                Subject.named(schema),
                "The schema " + schema + " has another name: every statement that names it fails.",
                "A new schema, with views in the old one."));
        state.revoked.forEach(this::revoked);
    }

    private void revoked(SchemaState.Right right, Place place) {
        boolean isOwnership = right.privilege().equals("ownership");
        findings.add(
                Rule.REVOKE,
                isOwnership ? Effect.MAY_BREAK : Effect.BREAKS,
                place,
                Subject.named(right.object()),
                isOwnership
                        ? "The " + right.object()
                                + " has another owner: where the application is the old one, it has no"
                                + " rights any more."
                        : right.role() + " may no longer " + right.privilege() + " " + right.object() + ".",
                "Take rights away one release later.");
    }
}
