package io.github.rollback4j.migrations.reading;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Damages scripts, in ways that people and machines do. The same random numbers make the same script. For one thread. */
final class Mutator {

    private static final Pattern TOKEN =
            Pattern.compile("\\s+|\\w+|'(?:[^']|'')*'|\"[^\"]*\"|\\$\\w*\\$|--[^\\n]*|/\\*|\\*/|.", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("[A-Za-z]\\w+");
    private static final int LONGEST_SCRIPT = 200_000;

    private static final List<String> DAMAGE = List.of(
            "'",
            "''",
            "\"",
            "`",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "$$",
            "$a$",
            "$1$",
            "/*",
            "*/",
            "/*!50100 ",
            "/*M!100100 ",
            "/*+",
            "--",
            "-- ",
            "#",
            "//",
            ";",
            ";;",
            "\n/\n",
            "\nGO\n",
            "\nDELIMITER $$\n",
            "\\",
            "\\.",
            "E'",
            "e'\\",
            "q'[",
            "nq'{",
            "U&'",
            "N'",
            "B'",
            "::",
            ":=",
            "?",
            "@",
            "@@",
            "&",
            "|",
            "...",
            ",",
            "=",
            "\u0000",
            "\r",
            "\n",
            "\t");

    private static final List<String> FOREIGN = List.of(
            "\uFEFF",
            "\u00A0",
            "\u2028",
            "\u200B",
            "\u202E",
            "\u0130",
            "\u1E9E",
            "\uD83D\uDE00",
            "\uD83D",
            "\uDE00",
            "e\u0301",
            "\u4E2D\u6587",
            "\uFF07",
            "\uFF1B",
            "\u2019",
            "\u201C",
            "\uFFFF",
            "\u0085",
            "\u000B",
            "\u001A",
            "\u3000");

    private static final List<String[]> NESTS = List.of(
            new String[] {"(", ")"},
            new String[] {"(SELECT ", ")"},
            new String[] {"CASE WHEN a THEN ", " END"},
            new String[] {"f(", ")"},
            new String[] {"NOT ", ""},
            new String[] {"- ", ""},
            new String[] {"BEGIN ", "; END;"},
            new String[] {"[", "]"},
            new String[] {"/*", "*/"},
            new String[] {"CAST(", " AS int)"},
            new String[] {"EXISTS (SELECT 1 FROM a WHERE ", ")"},
            new String[] {"a AND (b OR ", ")"},
            new String[] {"x = ", ""},
            new String[] {"a IN (", ")"},
            new String[] {"((", "))"});

    private final SplittableRandom random;
    private final List<String> seeds;
    private final List<String> words;
    private final List<String> others;

    /**
     * Makes a mutator.
     *
     * @param seeds statements of the dialect, which scripts are made of
     * @param words words of the dialect, as {@link #words} finds them
     * @param others statements of other dialects
     */
    Mutator(SplittableRandom random, List<String> seeds, List<String> words, List<String> others) {
        this.random = random;
        this.seeds = seeds;
        this.words = words;
        this.others = others;
    }

    /** Returns the words that occur in statements, each once. */
    static List<String> words(List<String> statements) {
        return statements.stream()
                .flatMap(statement -> WORD.matcher(statement).results().map(MatchResult::group))
                .distinct()
                .sorted()
                .toList();
    }

    /** Makes a script. */
    String script() {
        List<String> tokens = new ArrayList<>(tokens(one(seeds)));
        int size = random.nextInt(20);
        int changes = size < 12 ? 1 : size < 17 ? 2 : 3 + random.nextInt(3);
        for (int i = 0; i < changes && !tokens.isEmpty(); i++) {
            change(tokens);
        }
        String script = String.join("", tokens);
        return script.length() > LONGEST_SCRIPT ? script.substring(0, LONGEST_SCRIPT) : script;
    }

    private static List<String> tokens(String text) {
        return TOKEN.matcher(text).results().map(MatchResult::group).toList();
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private int place(List<String> tokens) {
        return random.nextInt(tokens.size());
    }

    private List<String> part(List<String> tokens) {
        int from = place(tokens);
        return tokens.subList(from, Math.min(tokens.size(), from + 1 + random.nextInt(8)));
    }

    /** Small numbers mostly, so that a script is quick to read; now and then one that nobody writes. */
    private int many() {
        int size = random.nextInt(100);
        return size < 80 ? 1 + random.nextInt(20) : size < 98 ? 20 + random.nextInt(400) : 400 + random.nextInt(8_000);
    }

    private void change(List<String> tokens) {
        switch (random.nextInt(16)) {
            case 0 -> Collections.swap(tokens, place(tokens), place(tokens));
            case 1 -> part(tokens).clear();
            case 2 -> tokens.addAll(place(tokens), List.copyOf(part(tokens)));
            case 3 -> splice(tokens, tokens(one(seeds)));
            case 4, 5 -> tokens.add(place(tokens), one(DAMAGE));
            case 6 -> nest(tokens);
            case 7 -> lengthen(tokens);
            case 8 -> tokens.add(place(tokens), one(FOREIGN));
            case 9 -> tokens.add(place(tokens), noise());
            case 10, 11 -> substitute(tokens);
            case 12 -> append(tokens);
            case 13 -> repeat(tokens);
            case 14 -> tokens.subList(place(tokens), tokens.size()).clear();
            default -> splice(tokens, tokens(one(others)));
        }
    }

    private void splice(List<String> tokens, List<String> other) {
        if (!other.isEmpty()) {
            tokens.subList(place(tokens), tokens.size()).clear();
            tokens.addAll(other.subList(place(other), other.size()));
        }
    }

    private void nest(List<String> tokens) {
        int times = many();
        String[] nest = one(NESTS);
        List<String> inner = part(tokens);
        inner.add(0, nest[0].repeat(times));
        inner.add(nest[1].repeat(random.nextInt(8) == 0 ? random.nextInt(times + 1) : times));
    }

    private void lengthen(List<String> tokens) {
        int at = place(tokens);
        tokens.set(at, tokens.get(at).repeat(many()));
    }

    private String noise() {
        byte[] bytes = new byte[1 + random.nextInt(40)];
        random.nextBytes(bytes);
        return new String(bytes, random.nextBoolean() ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
    }

    private void substitute(List<String> tokens) {
        int at = place(tokens);
        for (int i = 0; i < tokens.size(); i++) {
            int here = (at + i) % tokens.size();
            if (WORD.matcher(tokens.get(here)).matches()) {
                String own = tokens.get(place(tokens));
                String word = random.nextBoolean() && WORD.matcher(own).matches() ? own : one(words);
                tokens.set(here, random.nextInt(8) == 0 ? word.toLowerCase(Locale.ROOT) : word);
                return;
            }
        }
    }

    private void append(List<String> tokens) {
        tokens.add(one(List.of(";\n", ";", "\nGO\n", ";\n/\n", " ", "\n")));
        tokens.addAll(tokens(one(seeds)));
    }

    private void repeat(List<String> tokens) {
        String part = one(List.of(", ", " ", " AND ", " + ", "; ", "")) + String.join("", part(tokens));
        // Each statement may take its seconds: of those a script has a few.
        boolean isStatement = part.contains(";") || part.contains("GO");
        tokens.add(place(tokens), part.repeat(isStatement ? 1 + random.nextInt(10) : many()));
    }
}
