package io.github.rollback4j.reports;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.github.rollback4j.report.Document;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a page for people as HTML: a single file without script, that loads nothing, light or dark as its reader prefers, for a
 * phone, a screen and for print. Immutable and thread-safe.
 *
 * <p>All that it says is escaped, whoever wrote it; only {@code http} and {@code https} addresses become links. The same page
 * gives the same text.
 *
 * {@snippet class="io.github.rollback4j.reports.HtmlPageTest" region="post-mortem"}
 */
public final class HtmlPage {

    /** Compiled at the first use: the templates are part of this library. */
    private static final class Parts {
        private static final String CSS = read("page.css");
        private static final Template PAGE = Mustache.compiler()
                .withLoader(name -> new StringReader(read(name + ".mustache").strip()))
                .compile(read("page.mustache"));

        private Parts() {}

        private static String read(String name) {
            try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
                return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException broken) {
                throw new UncheckedIOException("the library's own " + name + " cannot be read", broken);
            }
        }
    }

    private final Document document;

    private HtmlPage(Document document) {
        this.document = document;
    }

    /** Returns the page of a document, for example {@code PostMortem.of(entries).document()}. */
    public static HtmlPage of(Document document) {
        return new HtmlPage(Objects.requireNonNull(document, "document"));
    }

    /** Returns the page. Write it to a file as UTF-8. */
    public String html() {
        Map<String, Object> view = PageView.of(document);
        view.put("css", Parts.CSS);
        view.put("policy", policy());
        return Parts.PAGE.execute(view);
    }

    /** Allows these two style sheets and nothing else, should anything ever get in. */
    private static String policy() {
        return "default-src 'none'; style-src '" + hash(Parts.CSS) + "' '" + hash(EvidenceStyle.CSS)
                + "'; base-uri 'none'; form-action 'none'";
    }

    private static String hash(String styles) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(styles.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every Java platform", impossible);
        }
    }
}
