package io.github.rollback4j.reports;

import static io.github.rollback4j.signal.Signals.errorRate;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.rollback4j.journal.Journal;
import io.github.rollback4j.plan.Preflight;
import io.github.rollback4j.plan.RollbackPlan;
import io.github.rollback4j.release.Release;
import io.github.rollback4j.report.Document;
import io.github.rollback4j.report.Document.Items;
import io.github.rollback4j.report.Document.Text;
import io.github.rollback4j.report.PostMortem;
import io.github.rollback4j.report.Runbook;
import io.github.rollback4j.report.TrackRecord;
import io.github.rollback4j.rollout.Rollout.EvidenceCurve;
import io.github.rollback4j.rollout.RolloutEvent;
import io.github.rollback4j.strategy.WaysBack;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;

class HtmlPageTest {

    private static final String HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)><style>*{}</style>"
            + "{{title}} {{{css}}} & javascript:alert(1) \u202E \uD800 \u0000";

    /** All that these pages are made of; a chart brings its own. */
    private static final Set<String> ELEMENTS = Set.of(
            "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "p", "span", "h1",
            "h2", "h3", "dl", "div", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "ol",
            "li", "strong", "code", "a", "pre", "figure", "time", "svg", "desc", "rect", "line", "text", "path",
            "circle");

    /** One page of each kind, by its name; made once, since a forecast takes its time. */
    private static final Map<String, Document> PAGES = pages();

    private static Map<String, Document> pages() {
        Map<String, Document> pages = new TreeMap<>();
        pages.put("post-mortem", PostMortem.of(Example.journal()).document());
        pages.put("runbook", Runbook.of(Example.plan()));
        pages.put("criteria", Runbook.criteriaSheet(Example.plan()));
        pages.put("preflight", Runbook.preflight(Example.plan(), Example.preflight()));
        pages.put("track-record", Example.trackRecord().document());
        return pages;
    }

    static Stream<Document> documents() {
        return PAGES.values().stream();
    }

    @Test
    void html_ofAPostMortem_hasItsFactsItsChartAndItsTimeline() {
        List<Journal.Entry> entries = Example.journal();

        // @start region="post-mortem"
        String html = HtmlPage.of(PostMortem.of(entries).document()).html();
        // @end

        Page page = Page.of(html);
        assertThat(page.texts("h1")).containsExactly("checkout 1.5.0 was taken back");
        assertThat(page.texts("dd")).contains("1 min 37 s", "39", "25\u00A0%");
        assertThat(page.all("svg")).hasSize(1);
        assertThat(page.text()).contains("error-rate: highest 10^2.11 after 23 min 14 s");
        assertThat(page.all("time"))
                .hasSize(entries.size())
                .first()
                .extracting(time -> time.getAttribute("datetime"))
                .isEqualTo("2030-01-03T21:40:00Z");
        assertThat(page.all("a"))
                .extracting(link -> link.getAttribute("href"))
                .contains("https://ci.example.com/checkout/pipelines/4711");
        assertThat(page.text()).contains("To fill in");
    }

    /** Writes them to target, to be looked at. */
    @Test
    void html_ofEachKind_isTheSameEachTime() throws IOException {
        for (Map.Entry<String, Document> page : PAGES.entrySet()) {
            String html = HtmlPage.of(page.getValue()).html();
            assertThat(HtmlPage.of(page.getValue()).html()).isEqualTo(html);
            Files.writeString(Path.of("target", page.getKey() + ".html"), html);
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void page_ofEachKind_runsNothingAndLoadsNothing(Document document) {
        String html = HtmlPage.of(document).html();

        assertIsHarmless(Page.of(html));
        assertThat(html).doesNotContain("url(", "@import", "{{");
    }

    private static void assertIsHarmless(Page page) {
        assertThat(page.all("*")).allSatisfy(each -> assertThat(ELEMENTS).contains(each.getTagName()));
        for (Attr attribute : page.attributes()) {
            assertThat(attribute.getName())
                    .doesNotStartWith("on")
                    .isNotIn("style", "src", "srcset", "action", "formaction");
            if (attribute.getName().equals("href")) {
                assertThat(attribute.getValue()).matches("https?://[!-~]+");
            }
        }
        assertThat(page.all("style"))
                .allSatisfy(style -> assertThat(style.getTextContent()).doesNotContain("script", "*{}"));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void policy_ofEachPage_allowsItsOwnStylesAndNothingElse(Document document) throws Exception {
        Page page = Page.of(HtmlPage.of(document).html());
        String policy = page.all("meta").stream()
                .filter(meta -> meta.getAttribute("http-equiv").equals("Content-Security-Policy"))
                .findFirst()
                .orElseThrow()
                .getAttribute("content");

        assertThat(policy).startsWith("default-src 'none'; style-src 'sha256-").doesNotContain("unsafe", "*", "http");
        for (Element style : page.all("style")) {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(style.getTextContent().getBytes(StandardCharsets.UTF_8));
            assertThat(policy).contains("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void page_ofEachKind_canBeReadWithoutSeeingIt(Document document) {
        Page page = Page.of(HtmlPage.of(document).html());

        assertThat(page.root().getAttribute("lang")).isEqualTo("en");
        assertThat(page.texts("title").get(0)).isEqualTo(document.kind() + ": " + document.title());
        assertThat(page.all("h1")).hasSize(1);
        assertThat(page.all("main")).hasSize(1);
        List<String> headings =
                page.all("h2").stream().map(h2 -> h2.getAttribute("id")).toList();
        assertThat(page.all("section"))
                .extracting(section -> section.getAttribute("aria-labelledby"))
                .filteredOn(id -> !id.isEmpty())
                .isEqualTo(headings);
        assertThat(page.all("h2")).extracting(h2 -> h2.getAttribute("id")).doesNotHaveDuplicates();
        for (Element table : page.all("table")) {
            assertThat(table.getElementsByTagName("caption").getLength()).isEqualTo(1);
            int columns = table.getElementsByTagName("th").getLength();
            int cells = table.getElementsByTagName("td").getLength();
            assertThat(cells % columns).isZero();
        }
        assertThat(page.all("th"))
                .allSatisfy(th -> assertThat(th.getAttribute("scope")).isEqualTo("col"));
        assertThat(page.all("figure"))
                .allSatisfy(
                        figure -> assertThat(figure.getAttribute("aria-label")).isNotBlank());
        List<Integer> levels = page.all("*").stream()
                .map(Element::getTagName)
                .filter(name -> name.matches("h[1-3]"))
                .map(name -> name.charAt(1) - '0')
                .toList();
        for (int i = 1; i < levels.size(); i++) {
            assertThat(levels.get(i) - levels.get(i - 1))
                    .as("heading no. %d", i)
                    .isLessThanOrEqualTo(1);
        }
    }

    // ---- Whatever a page holds.

    @Test
    void postMortem_withHostileTextInEveryField_isOnlyText() {
        List<Journal.Entry> entries = new ArrayList<>();
        for (Class<?> kind : RolloutEvent.class.getPermittedSubclasses()) {
            Map<String, String> data = new TreeMap<>();
            for (RecordComponent component : kind.getRecordComponents()) {
                data.put(component.getName(), HOSTILE);
            }
            for (String under : List.of(
                    "facts.explanation", "facts.tolerated", "items.x", "about.candidate.link", "plan.criteria")) {
                data.put(under, HOSTILE);
            }
            data.put("items." + HOSTILE, HOSTILE);
            data.put("about." + HOSTILE, HOSTILE);
            String type =
                    kind.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            for (String one : List.of(type, type + HOSTILE)) {
                entries.add(new Journal.Entry(
                        entries.size() + 1, 0, Journal.Event.of(one, Example.START, Duration.ZERO, data)));
            }
        }
        PostMortem postMortem = PostMortem.of(entries);

        Page page = Page.of(HtmlPage.of(postMortem.document()).html());

        assertIsHarmless(page);
        assertThat(page.text()).contains("<script>alert(1)</script>", "{{title}} {{{css}}}");
    }

    @Test
    void planPages_withHostileText_areOnlyText() {
        RollbackPlan plan = RollbackPlan.from(Release.of("a", "1"))
                .to(Release.of("a", "2")
                        .with(Release.LINK, "javascript:alert(1)")
                        .with(Release.DIFF, HOSTILE))
                .watch(errorRate())
                .thenRun(WaysBack.manual("purge", HOSTILE))
                .criteria(new RollbackPlan.Criteria(HOSTILE, HOSTILE, HOSTILE, HOSTILE))
                .touches(RollbackPlan.Touched.Kind.FILE, HOSTILE, HOSTILE)
                .requiredBy(HOSTILE)
                .build();
        Preflight preflight = new Preflight(List.of(
                new Preflight.Item(HOSTILE, Preflight.Outcome.FAILED, HOSTILE),
                new Preflight.Item(HOSTILE, Preflight.Outcome.NOT_CHECKED, HOSTILE)));

        for (Document document :
                List.of(Runbook.of(plan), Runbook.criteriaSheet(plan), Runbook.preflight(plan, preflight))) {
            Page page = Page.of(HtmlPage.of(document).html());
            assertIsHarmless(page);
            assertThat(page.text()).contains("<script>alert(1)</script>");
        }
    }

    @Test
    void trackRecord_withHostileText_isOnlyText() {
        Journal journal = Journal.inMemory();
        journal.append(
                HOSTILE,
                0,
                0,
                Journal.Event.of(
                        "planned",
                        Example.START,
                        Duration.ZERO,
                        Map.of("stable", HOSTILE, "candidate", "x " + HOSTILE, "attempt", HOSTILE)));

        assertIsHarmless(Page.of(HtmlPage.of(TrackRecord.of(journal).document()).html()));
    }

    @Test
    void everyBlock_withHostileText_isOnlyText() {
        Text text = Text.of(HOSTILE).thenStrong(HOSTILE).thenCode(HOSTILE).thenReference(HOSTILE);
        Document document = new Document(
                HOSTILE,
                HOSTILE,
                HOSTILE,
                List.of(
                        new Document.Heading(2, HOSTILE),
                        new Document.Heading(3, HOSTILE),
                        new Document.Paragraph(text),
                        new Document.Figures(List.of(new Document.Figure(HOSTILE, HOSTILE, HOSTILE))),
                        new Document.Facts(List.of(new Document.Fact(HOSTILE, text))),
                        new Document.Table(
                                HOSTILE,
                                List.of(Document.Column.of(HOSTILE)),
                                List.of(List.of(text), List.of(Text.NONE))),
                        new Items(Items.Mark.BOX, List.of(text)),
                        new Document.Blank(HOSTILE, HOSTILE, 3),
                        new Document.Code(List.of(HOSTILE)),
                        new Document.Chart(new EvidenceCurve(List.of(HOSTILE), 2, List.of()))));

        Page page = Page.of(HtmlPage.of(document).html());

        assertIsHarmless(page);
        assertThat(page.texts("h1").get(0)).contains("<script>alert(1)</script>");
    }

    @Test
    void blank_withSeveralPlaces_numbersThem() {
        Page page = Page.of(HtmlPage.of(new Document(
                        "k",
                        "t",
                        "",
                        List.of(new Document.Blank("Why?", "", 5), new Document.Blank("What?", "how", 1))))
                .html());

        assertThat(page.all("li")).hasSize(5);
        assertThat(page.text()).contains("Why?", "What?", "how");
    }

    @Test
    @Tag("R-10")
    void pages_ofAPlanWithSecrets_haveNone() {
        for (Document document : PAGES.values()) {
            assertThat(HtmlPage.of(document).html()).doesNotContain("s3cr3t", "hush");
        }
    }

    // ---- How it looks.

    /** Success criterion 1.4.3 of WCAG 2.2: a contrast of at least 4.5 between text and what is behind it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void colours_inLightAndDark_haveEnoughContrast(boolean dark) throws IOException {
        String css = new String(
                Objects.requireNonNull(HtmlPage.class.getResourceAsStream("page.css"))
                        .readAllBytes(),
                StandardCharsets.UTF_8);
        int darkAt = css.indexOf("prefers-color-scheme: dark");
        String scheme = dark ? css.substring(darkAt) : css.substring(0, darkAt);
        for (String text : List.of("ink", "quiet", "accent")) {
            for (String behind : List.of("paper", "wash", "accent-wash")) {
                assertThat(contrast(colour(scheme, text), colour(scheme, behind)))
                        .as("%s on %s", text, behind)
                        .isGreaterThanOrEqualTo(4.5);
            }
        }
    }

    private static int colour(String css, String name) {
        Matcher colour = Pattern.compile("--" + name + ": #([0-9a-f]{6});").matcher(css);
        assertThat(colour.find()).as(name).isTrue();
        return Integer.parseInt(colour.group(1), 16);
    }

    private static double contrast(int one, int other) {
        double[] luminances = {luminance(one), luminance(other)};
        Arrays.sort(luminances);
        return (luminances[1] + .05) / (luminances[0] + .05);
    }

    private static double luminance(int colour) {
        return .2126 * linear(colour >> 16 & 0xFF) + .7152 * linear(colour >> 8 & 0xFF) + .0722 * linear(colour & 0xFF);
    }

    private static double linear(int channel) {
        double c = channel / 255.0;
        return c <= .04045 ? c / 12.92 : Math.pow((c + .055) / 1.055, 2.4);
    }
}
