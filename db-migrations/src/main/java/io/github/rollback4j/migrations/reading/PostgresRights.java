package io.github.rollback4j.migrations.reading;

import io.github.rollback4j.migrations.reading.Grammar.SyntaxException;
import io.github.rollback4j.migrations.schema.ObjectKind;
import io.github.rollback4j.migrations.schema.ObjectName;
import io.github.rollback4j.migrations.schema.SchemaChange;
import io.github.rollback4j.migrations.schema.SchemaChange.CreatePolicy;
import io.github.rollback4j.migrations.schema.SchemaChange.Grant;
import io.github.rollback4j.migrations.schema.SchemaChange.NoEffect;
import io.github.rollback4j.migrations.schema.SchemaChange.NotUnderstood;
import io.github.rollback4j.migrations.schema.SchemaChange.Rename;
import io.github.rollback4j.migrations.schema.SchemaChange.Revoke;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads who may do what in PostgreSQL: rights, owners and policies. */
final class PostgresRights {

    /** The right of an owner, as the privileges of {@link Grant} and {@link Revoke} have it. */
    static final String OWNERSHIP = "ownership";

    /** The right to act as another role, as the privileges of {@link Grant} and {@link Revoke} have it. */
    static final String MEMBERSHIP = "membership";

    private PostgresRights() {}

    /**
     * Takes {@code OWNER TO …}. Whoever owned the object loses all rights to it that nobody granted, so this takes a right away
     * as surely as REVOKE does; from whom, the statement does not say.
     */
    static List<SchemaChange> owner(PostgresTokens tokens, ObjectKind kind, ObjectName object) throws SyntaxException {
        tokens.expect("OWNER", "TO");
        String role = tokens.name();
        return List.of(
                new Revoke(List.of(OWNERSHIP), kind, List.of(object), List.of()),
                new Grant(List.of(OWNERSHIP), kind, List.of(object), List.of(role)));
    }

    /** Takes what follows {@code GRANT} or {@code REVOKE}. */
    static List<SchemaChange> grantOrRevoke(PostgresTokens tokens, boolean isGrant) throws SyntaxException {
        boolean isAboutPassingOn = !isGrant
                && (tokens.take("GRANT", "OPTION", "FOR")
                        || tokens.take("ADMIN", "OPTION", "FOR")
                        || tokens.take("INHERIT", "OPTION", "FOR")
                        || tokens.take("SET", "OPTION", "FOR"));
        List<String> privileges = privileges(tokens);
        ObjectKind kind = ObjectKind.OTHER;
        List<ObjectName> objects = new ArrayList<>();
        if (tokens.take("ON")) {
            kind = objects(tokens, objects);
        } else {
            privileges.forEach(role -> objects.add(ObjectName.of(role)));
            privileges = List.of(MEMBERSHIP);
        }
        tokens.expect(isGrant ? "TO" : "FROM");
        List<String> roles = roles(tokens);
        while (!tokens.isAtEnd()) {
            if (tokens.take("GRANTED", "BY")) {
                tokens.name();
            } else if (tokens.take("WITH") || tokens.take(",")) {
                tokens.name();
                if (tokens.takeAny("OPTION", "TRUE", "FALSE").isEmpty()) {
                    throw tokens.stopped("OPTION, TRUE or FALSE");
                }
            } else if (isGrant || tokens.takeAny("CASCADE", "RESTRICT").isEmpty()) {
                throw tokens.stopped("the end");
            }
        }
        if (isAboutPassingOn) {
            return List.of(
                    privileges.contains(MEMBERSHIP)
                            ? new NotUnderstood("options of a membership are revoked from " + roles)
                            : new NoEffect("the right to pass rights on is revoked from " + roles));
        }
        return List.of(
                isGrant ? new Grant(privileges, kind, objects, roles) : new Revoke(privileges, kind, objects, roles));
    }

    /** Takes privileges, or roles: names, each perhaps with columns in brackets. */
    private static List<String> privileges(PostgresTokens tokens) throws SyntaxException {
        List<String> privileges = new ArrayList<>();
        do {
            StringBuilder privilege = new StringBuilder(tokens.name());
            while (tokens.token().isName() && !tokens.at("ON") && !tokens.at("TO") && !tokens.at("FROM")) {
                privilege.append(' ').append(tokens.name());
            }
            if (privilege.toString().equals("all privileges")) {
                privilege.setLength("all".length());
            }
            if (tokens.at("(")) {
                privilege
                        .append(' ')
                        .append('(')
                        .append(String.join(", ", tokens.namesInBrackets()))
                        .append(')');
            }
            privileges.add(privilege.toString());
        } while (tokens.take(","));
        return privileges;
    }

    private static ObjectKind objects(PostgresTokens tokens, List<ObjectName> objects) throws SyntaxException {
        if (tokens.take("ALL")) {
            ObjectKind kind = switch (tokens.name().toUpperCase(Locale.ROOT)) {
                case "TABLES" -> ObjectKind.TABLE;
                case "SEQUENCES" -> ObjectKind.SEQUENCE;
                case "FUNCTIONS", "PROCEDURES", "ROUTINES" -> ObjectKind.ROUTINE;
                default -> throw tokens.stopped("TABLES, SEQUENCES, FUNCTIONS, PROCEDURES or ROUTINES");
            };
            tokens.expect("IN", "SCHEMA");
            do {
                objects.add(new ObjectName(tokens.name(), "*"));
            } while (tokens.take(","));
            return kind;
        }
        ObjectKind kind = kind(tokens);
        do {
            objects.add(tokens.qualifiedName());
            if (kind == ObjectKind.ROUTINE && tokens.at("(")) {
                tokens.brackets();
            }
        } while (tokens.take(","));
        return kind;
    }

    private static ObjectKind kind(PostgresTokens tokens) {
        if (tokens.token(1).word().equals("TO")
                || tokens.token(1).word().equals("FROM")
                || tokens.token(1).word().equals(".")
                || tokens.token(1).word().equals(",")) {
            return ObjectKind.TABLE;
        }
        if (tokens.take("SEQUENCE")) {
            return ObjectKind.SEQUENCE;
        }
        if (tokens.take("FUNCTION") || tokens.take("PROCEDURE") || tokens.take("ROUTINE")) {
            return ObjectKind.ROUTINE;
        }
        if (tokens.take("SCHEMA")) {
            return ObjectKind.SCHEMA;
        }
        if (tokens.take("DATABASE")) {
            return ObjectKind.DATABASE;
        }
        if (tokens.take("TYPE")) {
            return ObjectKind.TYPE;
        }
        if (tokens.take("DOMAIN")) {
            return ObjectKind.DOMAIN;
        }
        if (tokens.take("LANGUAGE")
                || tokens.take("TABLESPACE")
                || tokens.take("PARAMETER")
                || tokens.take("FOREIGN", "SERVER")
                || tokens.take("FOREIGN", "DATA", "WRAPPER")) {
            return ObjectKind.OTHER;
        }
        tokens.take("TABLE");
        return ObjectKind.TABLE;
    }

    private static List<String> roles(PostgresTokens tokens) throws SyntaxException {
        List<String> roles = new ArrayList<>();
        do {
            if (tokens.at("GROUP") && tokens.token(1).isName()) {
                tokens.take("GROUP");
            }
            roles.add(tokens.name());
        } while (tokens.take(","));
        return roles;
    }

    /** Takes what follows {@code CREATE POLICY}. */
    static List<SchemaChange> createPolicy(PostgresTokens tokens) throws SyntaxException {
        String name = tokens.name();
        tokens.expect("ON");
        ObjectName table = tokens.qualifiedName();
        boolean isPermissive = true;
        if (tokens.take("AS")) {
            isPermissive = tokens.take("PERMISSIVE");
            if (!isPermissive) {
                tokens.expect("RESTRICTIVE");
            }
        }
        boolean isForAll = true;
        if (tokens.take("FOR")) {
            isForAll = tokens.name().equals("all");
        }
        boolean isTrue = conditions(tokens);
        return List.of(new CreatePolicy(name, table, isPermissive, isPermissive && isForAll && isTrue));
    }

    /** Takes what follows {@code ALTER POLICY}. What it does not name stays as it was, which the statement does not say. */
    static List<SchemaChange> alterPolicy(PostgresTokens tokens) throws SyntaxException {
        String name = tokens.name();
        tokens.expect("ON");
        ObjectName table = tokens.qualifiedName();
        if (tokens.take("RENAME", "TO")) {
            ObjectName from = ObjectName.of(name);
            return List.of(new Rename(ObjectKind.POLICY, from, ObjectName.of(tokens.name()), table));
        }
        conditions(tokens);
        return List.of(new CreatePolicy(name, table, false, false));
    }

    /** Takes roles and conditions; returns whether they let everybody read and write every row. */
    private static boolean conditions(PostgresTokens tokens) throws SyntaxException {
        boolean isForEverybody = !tokens.take("TO") || roles(tokens).contains("public");
        boolean isUsed = tokens.take("USING");
        boolean isTrue = isUsed && tokens.brackets().written().equalsIgnoreCase("true");
        if (tokens.take("WITH", "CHECK")) {
            isTrue &= tokens.brackets().written().equalsIgnoreCase("true");
        }
        return isForEverybody && isTrue;
    }
}
