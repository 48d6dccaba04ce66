package io.github.rollback4j.planfile;

import java.nio.file.Path;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Plans that are allowed, by {@link Example#reader()}. */
final class ValidPlans {

    private ValidPlans() {}

    static List<String> all(Path secret) {
        String documented = Example.file(secret);
        Object read =
                new Load(LoadSettings.builder().setSchema(new CoreSchema()).build()).loadFromString(documented);
        return List.of(
                documented,
                JsonText.of(read),
                "{\"$schema\": \"rollback-plan.schema.json\", \"format\": 1, \"signals\": [\"error-rate\"]}",
                """
                # blue/green, with people to ask
                signals: [report, external: {name: smoke-test, reporters: 2, within: 1h}]
                strategy: {blue-green: {rollback-window: 2h}}
                before-exposure: [warmed-up]
                mode: recommend
                steps:
                  - run: {manual: {instruction: "Look at ${env:DASHBOARD:-the dashboard}."}}
                    gates: [{approval: {who: on-call}}]
                """,
                """
                # the process is the candidate
                signals: [error-rate]
                strategy: {deployment: {bake: 45m, max-refusing: 2, drain: 20s}}
                stable-serves: warmed-up
                """,
                """
                # everything by bind, and a flag
                strategy: {feature-flag: {percent: 10, then: hold}}
                signals:
                - bind: {name: payment-queue, not-below: 0.5, readings: 5, during: 1m, every: 2s, per-second: yes}
                - latency:
                - value: {name: revenue, not-below-stable-times: 0.9}
                - error-rate: {}
                steps:
                - {run: {bind: new-prices-off}, or-else: [{bind: {name: new-prices-off}}]}
                """.replace(", or-else: [{bind: {name: new-prices-off}}]", ""),
                """
                signals: &watched [error-rate]
                audience: {stable-for: [a, 1, 2.5, true, {uuid: 0fe6a2a5-8b33-4b25-9c1f-5b1d2a1f0001}]}
                outcomes: {fail-only-on: [java.io.IOException]}
                verification: {}
                criteria: {version: 1.10, tolerated-data-loss: no}
                required-by: [a, b]
                before-start: {drilled-within: P30D, nothing-unchecked: yes, expected-traffic: {calls-per-second: 1e3}}
                time-stable-one-in: ${env:ONE_IN:-8}
                """);
    }
}
