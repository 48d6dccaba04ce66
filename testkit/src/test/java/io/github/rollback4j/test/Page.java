package io.github.rollback4j.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A page of the project, whose Java is compiled and run by a test. */
record Page(Path file) {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    /** Returns a page by its path from the project's root. */
    static Page of(String path) {
        return new Page(ROOT.resolve(path));
    }

    String text() throws IOException {
        return Files.readString(file);
    }

    List<String> lines() throws IOException {
        return Files.readAllLines(file);
    }

    /** Asserts that each line of Java, at least so many, stands in a test's source. */
    void assertJavaStandsIn(Class<?> test, int atLeast) throws IOException {
        String source = Files.readString(
                ROOT.resolve("testkit/src/test/java").resolve(test.getName().replace('.', '/') + ".java"));
        List<String> java = new ArrayList<>();
        boolean isJava = false;
        for (String line : lines()) {
            if (line.startsWith("```")) {
                isJava = line.equals("```java");
            } else if (isJava && !line.isBlank()) {
                java.add(line.strip());
            }
        }
        assertThat(java)
                .hasSizeGreaterThanOrEqualTo(atLeast)
                .allSatisfy(line -> assertThat(source).contains(line));
    }
}
