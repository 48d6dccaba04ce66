package io.github.rollback4j.spring;

import java.util.List;
import java.util.stream.Collectors;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells at the start which properties are not allowed, where each was set, and what is allowed. */
class RolloutConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<RolloutConfigurationException> {

    @Override
    protected FailureAnalysis analyze(Throwable root, RolloutConfigurationException cause) {
        List<RolloutConfigurationException.Mistake> mistakes = cause.mistakes();
        String description = mistakes.stream()
                .map(mistake -> String.format(
                        "    %s%n%s        %s",
                        mistake.property(),
                        mistake.origin().isEmpty() ? "" : String.format("        set in %s%n", mistake.origin()),
                        mistake.message()))
                .collect(Collectors.joining(
                        String.format("%n%n"),
                        String.format(
                                "rollback4j cannot start with %s:%n%n",
                                mistakes.size() == 1
                                        ? "a property that is not allowed"
                                        : mistakes.size() + " properties that are not allowed"),
                        ""));
        return new FailureAnalysis(
                description, "Correct what is listed. No rollout was started, and nothing was journalled.", cause);
    }
}
