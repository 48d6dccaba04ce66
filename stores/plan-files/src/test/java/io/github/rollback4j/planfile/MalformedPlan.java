package io.github.rollback4j.planfile;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A plan of {@code malformed.txt}.
 *
 * @param name what is wrong
 * @param text the file
 * @param schema what the published schema makes of it: refuses, passes, or cannot read
 * @param problems what the loader says, one a line, without the file's name
 */
record MalformedPlan(String name, String text, String schema, String problems) {

    static List<MalformedPlan> all() {
        try (InputStream stream = MalformedPlan.class.getResourceAsStream("malformed.txt")) {
            String file = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            List<MalformedPlan> all = new ArrayList<>();
            for (String section : file.substring(file.indexOf("\n== ") + 1).split("(?m)^== ")) {
                if (!section.isBlank()) {
                    all.add(of(section));
                }
            }
            return all;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static MalformedPlan of(String section) {
        int name = section.indexOf('\n');
        int schema = section.indexOf("\n-- schema ");
        int problems = section.indexOf('\n', schema + 1);
        return new MalformedPlan(
                section.substring(0, name),
                section.substring(name + 1, schema + 1),
                section.substring(schema + "\n-- schema ".length(), problems),
                section.substring(problems + 1).strip());
    }

    boolean namesItsReleases() {
        return name.startsWith("releases in the file");
    }

    /** Returns the reader that this plan is read by. */
    PlanFile.Reader reader() {
        return namesItsReleases() ? PlanFile.reader() : Example.reader();
    }

    @Override
    public String toString() {
        return name;
    }
}
