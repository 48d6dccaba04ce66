package io.github.rollback4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.rollout.BreakGlass.Setting;
import io.github.rollback4j.traffic.Arm;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("R-13")
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class BreakGlassTest {

    private final List<String> complaints = new ArrayList<>();

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("control");
    }

    @AfterEach
    void clear() {
        System.clearProperty(BreakGlass.PROPERTY);
        System.clearProperty(BreakGlass.ENABLED_PROPERTY);
        System.clearProperty(BreakGlass.FILE_PROPERTY);
    }

    private BreakGlass with(Map<String, String> environment) {
        return new BreakGlass(environment, null, complaints::add);
    }

    private BreakGlass watching() {
        return new BreakGlass(Map.of(), file, complaints::add);
    }

    private Setting afterWriting(String text) throws IOException {
        return afterWriting(text.getBytes(StandardCharsets.UTF_8));
    }

    private Setting afterWriting(byte[] bytes) throws IOException {
        BreakGlass controls = watching();
        Files.write(file, bytes);
        controls.readFile();
        return controls.setting("checkout");
    }

    @Nested
    class Sources {

        @Test
        void setting_nothingSaid_isNone() {
            assertThat(with(Map.of()).setting("checkout")).isEqualTo(Setting.NONE);
            assertThat(with(Map.of()).watchesFile()).isFalse();
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                all-to-stable                        | true  | false
                automation-off                       | false | true
                all-to-stable automation-off         | true  | true
                "automation-off,all-to-stable"       | true  | true
                ALL-TO-STABLE                        | true  | false
                all-to-stable:checkout               | true  | false
                all-to-stable:Checkout               | false | false
                all-to-stable:search                 | false | false
                "All-To-Stable:checkout, automation-off:search" | true | false
                ""                                   | false | false
                """)
        void setting_variableOrProperty_saysThat(String words, boolean allToStable, boolean automationOff) {
            BreakGlass byVariable = with(Map.of(BreakGlass.VARIABLE, words));
            BreakGlass byProperty = with(Map.of());
            System.setProperty(BreakGlass.PROPERTY, words);
            Setting property = byProperty.setting("checkout");
            assertThat(property.allToStable()).isEqualTo(allToStable);
            assertThat(property.automationOff()).isEqualTo(automationOff);
            System.clearProperty(BreakGlass.PROPERTY);
            assertThat(byProperty.setting("checkout")).isEqualTo(Setting.NONE);

            Setting variable = byVariable.setting("checkout");
            assertThat(variable.allToStable()).isEqualTo(allToStable);
            assertThat(variable.automationOff()).isEqualTo(automationOff);
            if (allToStable || automationOff) {
                assertThat(property.source()).isEqualTo("system property rollback4j.control");
                assertThat(variable.source()).isEqualTo("environment variable ROLLBACK4J_CONTROL");
            }
            assertThat(complaints).isEmpty();
        }

        @Test
        void setting_enabledFalse_putsEverythingOnStable() {
            assertThat(with(Map.of(BreakGlass.ENABLED_VARIABLE, "False")).setting("checkout"))
                    .isEqualTo(new Setting(true, true, "rollback4j.enabled=false"));
            BreakGlass controls = with(Map.of(BreakGlass.ENABLED_VARIABLE, "false"));
            System.setProperty(BreakGlass.ENABLED_PROPERTY, "true");
            assertThat(controls.setting("checkout"))
                    .as("the property comes first")
                    .isEqualTo(Setting.NONE);
        }

        @Test
        void lift_api_leavesWhatOtherSourcesSay() {
            BreakGlass controls = with(Map.of(BreakGlass.VARIABLE, "automation-off"));
            controls.set("all-to-stable");
            controls.set("all-to-stable:checkout");
            controls.set("all-to-stable:search");
            assertThat(controls.setting("checkout").source()).isEqualTo("API");
            controls.lift("checkout");
            assertThat(controls.setting("checkout").allToStable()).as("for all").isTrue();
            controls.lift(null);
            assertThat(controls.setting("checkout"))
                    .isEqualTo(new Setting(false, true, "environment variable ROLLBACK4J_CONTROL"));
            assertThat(controls.setting("search").allToStable()).isFalse();
        }

        @Test
        void words_nonsense_hasNoEffectAndIsSaidOnce() {
            BreakGlass controls = with(Map.of());
            System.setProperty(BreakGlass.PROPERTY, "all-to-stabel, automation-off");
            assertThat(controls.setting("checkout").automationOff()).isTrue();
            assertThat(controls.setting("checkout").allToStable()).isFalse();
            assertThat(complaints)
                    .containsExactly(
                            "The system property rollback4j.control says 'all-to-stabel', which is not understood"
                                    + " and has no effect: 'all-to-stable' and 'automation-off' are allowed, with ':component'"
                                    + " behind or not");
        }

        @Test
        void file_namedByPropertyOrVariable_isWatched() {
            assertThat(with(Map.of(BreakGlass.FILE_VARIABLE, file.toString())).watchesFile())
                    .isTrue();
            System.setProperty(BreakGlass.FILE_PROPERTY, file.toString());
            assertThat(with(Map.of()).watchesFile()).isTrue();
        }

        @Test
        @Tag("R-12")
        void file_noPath_isRefusedNamingTheOption() {
            assertThatThrownBy(() -> with(Map.of(BreakGlass.FILE_VARIABLE, "a\0b")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("ROLLBACK4J_CONTROL_FILE 'a")
                    .hasMessageEndingWith("is not allowed: the path of a file is, or nothing");
        }
    }

    @Nested
    class WatchedFile {

        @Test
        void readFile_wordsAndComments_areTold() throws IOException {
            Setting found = afterWriting("# Ann: wrong prices, all-to-stable for search is not needed\r\n"
                    + "all-to-stable:checkout # since 12:00\r\n\r\n\tautomation-off\r\n");
            assertThat(found).isEqualTo(new Setting(true, true, "file " + file));
            assertThat(complaints).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"UTF-8", "ISO-8859-1", "UTF-16", "UTF-16LE", "windows-1252"})
        void readFile_anyEncoding_isUnderstood(String encoding) throws IOException {
            assertThat(afterWriting("all-to-stable # für später\n".getBytes(Charset.forName(encoding)))
                            .allToStable())
                    .isTrue();
        }

        @Test
        void readFile_byteOrderMark_isNoPartOfTheFirstWord() throws IOException {
            assertThat(afterWriting("\uFEFFall-to-stable").allToStable()).isTrue();
            assertThat(complaints).isEmpty();
        }

        @Test
        void readFile_deleted_isLifted() throws IOException {
            BreakGlass controls = watching();
            controls.readFile();
            assertThat(controls.setting("checkout")).isEqualTo(Setting.NONE);
            Files.writeString(file, "all-to-stable");
            controls.readFile();
            assertThat(controls.setting("checkout").allToStable()).isTrue();
            Files.delete(file);
            controls.readFile();
            assertThat(controls.setting("checkout")).isEqualTo(Setting.NONE);
        }

        @Test
        void readFile_tooLargeOrUnreadable_leavesTheLastContentInForce() throws IOException {
            BreakGlass controls = watching();
            Files.writeString(file, "all-to-stable");
            controls.readFile();
            Files.writeString(file, "#".repeat(64 * 1024 + 1));
            assertThatThrownBy(controls::readFile)
                    .isInstanceOf(IOException.class)
                    .hasMessage("the control file " + file + " is larger than 65536 bytes");
            assertThat(controls.setting("checkout").allToStable()).isTrue();
            Files.delete(file);
            Files.createDirectory(file);
            assertThatThrownBy(controls::readFile).isInstanceOf(IOException.class);
            assertThat(controls.setting("checkout").allToStable()).isTrue();
        }

        @Test
        void readFile_nonsense_isSaidOnceAndNotEachSecond() throws IOException {
            BreakGlass controls = watching();
            Files.writeString(file, "stop everything");
            for (int i = 0; i < 10; i++) {
                controls.readFile();
            }
            assertThat(complaints).hasSize(2).allMatch(complaint -> complaint.contains("control file " + file));
            assertThat(controls.setting("checkout")).isEqualTo(Setting.NONE);
        }
    }

    @Nested
    class AtTheStart {

        private final ByHand hand = new ByHand();

        private void staysOnStable(Rollouts.Builder builder) {
            try (Rollouts rollouts = builder.build()) {
                Rollout rollout = rollouts.start(ByHand.plan().build());
                for (int i = 0; i < 1_000; i++) {
                    assertThat(rollout.route("user-" + i)).isEqualTo(Arm.STABLE);
                }
            }
        }

        @Test
        void build_environmentSaysAllToStable_noCallGetsTheCandidate() {
            staysOnStable(hand.builder().environment(Map.of(BreakGlass.VARIABLE, "all-to-stable")));
            staysOnStable(hand.builder().environment(Map.of(BreakGlass.ENABLED_VARIABLE, "false")));
        }

        @Test
        void build_fileSaysAllToStable_noCallGetsTheCandidate_notEvenTheFirst() throws IOException {
            Files.writeString(file, "all-to-stable");
            staysOnStable(hand.builder().controlFile(file));
            staysOnStable(Rollouts.builder().controlFile(file));
        }
    }
}
