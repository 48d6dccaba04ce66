package io.github.rollback4j.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.report.Document.Column;
import io.github.rollback4j.report.Document.Items;
import io.github.rollback4j.report.Document.Style;
import io.github.rollback4j.report.Document.Text;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentTest {

    private static String markdown(Document.Block block) {
        return new Document("Kind", "Title", "", List.of(block)).markdown().replaceFirst("^# Title\n\nKind\n\n", "");
    }

    private static String paragraph(Text text) {
        return markdown(new Document.Paragraph(text)).strip();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://ci.example.com/pipelines/4711?x=1&y=2#log",
                "http://localhost:8080/job/7",
                "HTTPS://EXAMPLE.COM/a(b)"
            })
    void reference_thatCanBeShownAsItIs_isALink(String address) {
        assertThat(Text.reference(address).pieces())
                .singleElement()
                .extracting(Document.Piece::style)
                .isEqualTo(Style.LINK);
        assertThat(paragraph(Text.reference(address))).isEqualTo("<" + address + ">");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pipeline 4711",
                "javascript:alert(1)",
                "JAVASCRIPT://example.com/%0aalert(1)",
                "data:text/html,x",
                "file:///etc/passwd",
                "//example.com/",
                "https:",
                "https://",
                "https://ann:secret@example.com/",
                "https://example.com/ x",
                "https://example.com/>x",
                "https://example.com/\u202Ecod.exe",
                "https://exämple.com/",
                "https://example.com/\n",
                " https://example.com/"
            })
    void reference_thatCannot_isText(String other) {
        assertThat(Text.reference(other).pieces()).noneMatch(piece -> piece.style() == Style.LINK);
        assertThat(paragraph(Text.reference(other))).doesNotContain("<http", "://");
    }

    @Test
    void piece_thatIsSaidToBeALinkAndIsNone_isRefused() {
        assertThatThrownBy(() -> new Document.Piece(Style.LINK, "javascript:alert(1)"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("javascript");
    }

    @Test
    void code_thatWouldEndItsSpan_isEscapedText() {
        assertThat(paragraph(Text.NONE.thenCode("rollout.resume(\"you\")"))).isEqualTo("`rollout.resume(\"you\")`");
        assertThat(paragraph(Text.NONE.thenCode("a`b|<i>"))).isEqualTo("a\\`b&#124;&lt;i&gt;");
    }

    @Test
    void codeBlock_withAFenceInIt_hasALongerOne() {
        assertThat(markdown(new Document.Code(List.of("a", "````", "b")))).isEqualTo("`````\na\n````\nb\n`````\n");
        assertThat(markdown(new Document.Code(List.of("a\nb")))).isEqualTo("```\na b\n```\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"- x", "+ x", "= x", "1. x", "23) x"})
    void paragraph_thatLooksLikeAList_isNone(String text) {
        assertThat(paragraph(Text.of(text))).containsPattern("^\\d*\\\\[-+=.)]");
        assertThat(markdown(new Document.Items(Items.Mark.DOT, List.of(Text.of(text)))))
                .startsWith("- ");
    }

    @Test
    void items_haveTheirMark() {
        List<Text> items = List.of(Text.of("a"), Text.of("b"));

        assertThat(markdown(new Items(Items.Mark.DOT, items))).isEqualTo("- a\n- b\n");
        assertThat(markdown(new Items(Items.Mark.NUMBER, items))).isEqualTo("1. a\n2. b\n");
        assertThat(markdown(new Items(Items.Mark.BOX, items))).isEqualTo("- [ ] a\n- [ ] b\n");
    }

    @Test
    void table_ofNumbers_alignsThemRight() {
        assertThat(markdown(new Document.Table(
                        "What was counted",
                        List.of(Column.of("Release"), Column.numeric("Calls")),
                        List.of(List.of(Text.of("1.4.2 | x"), Text.of("7"))))))
                .isEqualTo("""
                        What was counted:

                        | Release | Calls |
                        | --- | ---: |
                        | 1.4.2 &#124; x | 7 |
                        """);
    }

    @Test
    void table_withARowOfOtherLength_isRefused() {
        assertThatThrownBy(() -> new Document.Table(
                        "Steps", List.of(Column.of("a"), Column.of("b")), List.of(List.of(Text.of("1")))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Steps")
                .hasMessageContaining("1 cells: 2");
    }

    @Test
    void text_ofEveryPart_isOneLine() {
        String lines = "a\nb\r\u2028c\u0007\u0085d\u202E\uD800";

        Document document = new Document(
                lines,
                lines,
                lines,
                List.of(
                        new Document.Heading(2, lines),
                        new Document.Paragraph(Text.of(lines)),
                        new Document.Figures(List.of(new Document.Figure(lines, lines, lines))),
                        new Document.Facts(List.of(new Document.Fact(lines, Text.of(lines)))),
                        new Document.Blank(lines, lines, 1)));

        assertThat(document.markdown()
                        .chars()
                        .filter(c -> c < ' ' && c != '\n' || c == 0x85 || c == 0x202E || c == 0xD800))
                .isEmpty();
        assertThat(document.title()).isEqualTo("a b c d");
    }

    @Test
    void pieces_keepTheSpaceBetweenThem() {
        assertThat(paragraph(Text.of("call ").thenCode("retry").then(" now"))).isEqualTo("call `retry` now");
    }
}
