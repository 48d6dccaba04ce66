package io.github.rollback4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** What a request is noted to be served by. */
class ReleaseLabelTest {

    interface Quotes {
        String quote(@RolloutKey String customer);
    }

    @StableRelease("quotes")
    static class OldQuotes implements Quotes {
        @Override
        public String quote(String customer) {
            return "old";
        }
    }

    @CandidateRelease("quotes")
    static class NewQuotes implements Quotes {
        @Override
        public String quote(String customer) {
            throw new IllegalStateException("new");
        }
    }

    private final ObservationRegistry observations = ObservationRegistry.create();
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private final ApplicationContextRunner service = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(RolloutAnnotationsAutoConfiguration.class, Rollback4jAutoConfiguration.class))
            .withBean("oldQuotes", OldQuotes.class)
            .withBean("newQuotes", NewQuotes.class)
            .withPropertyValues(
                    "rollback4j.store.type=memory",
                    "rollback4j.rollouts.quotes.stable=1.4.2",
                    "rollback4j.rollouts.quotes.candidate=1.5.0",
                    "rollback4j.rollouts.quotes.audience.candidate-for[0]=tester",
                    "rollback4j.rollouts.quotes.audience.stable-for[0]=customer",
                    "rollback4j.rollouts.quotes.signals[0]=error-rate");

    @AfterEach
    void leave() {
        RequestContextHolder.resetRequestAttributes();
    }

    private void serve() {
        RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(new MockHttpServletRequest(), response));
    }

    private static String ask(Quotes quotes, String customer) {
        try {
            return quotes.quote(customer);
        } catch (IllegalStateException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    @Test
    void header_saysWhichReleaseServed_andOfWhichRollout_alsoWhereItFailed() {
        serve();
        service.withPropertyValues("rollback4j.response-header=X-Release").run(context -> {
            Quotes quotes = context.getBean(Quotes.class);
            assertThat(ask(quotes, "customer")).isEqualTo("old");
            assertThat(response.getHeader("X-Release")).isEqualTo("quotes:1.4.2..1.5.0#1; release=1.4.2");
            assertThat(ask(quotes, "tester")).isEqualTo("new");
            assertThat(response.getHeader("X-Release")).isEqualTo("quotes:1.4.2..1.5.0#1; release=1.5.0");
        });
    }

    @Test
    void header_isNotThereByItself_andABrokenOneHurtsNobody() {
        serve();
        service.run(context -> ask(context.getBean(Quotes.class), "customer"));
        assertThat(response.getHeaderNames()).isEmpty();
        RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(
                new MockHttpServletRequest(), new MockHttpServletResponse() {
                    @Override
                    public void setHeader(String name, @Nullable String value) {
                        throw new IllegalStateException("recycled");
                    }
                }));
        service.withPropertyValues("rollback4j.response-header=X-Release")
                .run(context -> assertThat(ask(context.getBean(Quotes.class), "customer"))
                        .isEqualTo("old"));
    }

    @Test
    void observation_isNotedForTraces_notForMeters() {
        observations.observationConfig().observationHandler(context -> true);
        service.withBean(ObservationRegistry.class, () -> observations).run(context -> {
            Observation observation = Observation.start("request", observations);
            observation.scoped(() -> ask(context.getBean(Quotes.class), "tester"));
            observation.stop();
            assertThat(value(observation, "rollback4j.release")).isEqualTo("1.5.0");
            assertThat(value(observation, "rollback4j.rollout")).isEqualTo("quotes:1.4.2..1.5.0#1");
            assertThat(observation.getContext().getLowCardinalityKeyValues()).isEmpty();
        });
    }

    private static @Nullable String value(Observation observation, String key) {
        KeyValue found = observation.getContextView().getHighCardinalityKeyValue(key);
        return found == null ? null : found.getValue();
    }
}
