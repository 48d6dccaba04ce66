package io.github.rollback4j.reports;

/** How the evidence chart looks, in light and in dark. */
final class EvidenceStyle {

    /** On the root element, as an SVG in an HTML page shares the page's styles. */
    static final String ROOT = "rollback4j-chart";

    /** One for each colour, for those who do not see these, and for print. */
    private static final String[] DASHES = {"none", "7 4", "2 3", "9 3 2 3", "14 4", "5 2 1 2 1 2"};

    /**
     * The lines' colours were searched for, from those of Okabe and Ito ("Color Universal Design", 2008) on: far apart for each
     * kind of colour blindness, and dark or light enough for text.
     */
    static final String CSS = """

            .rollback4j-chart text { font: 12px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: #4b5560; }
            .rollback4j-chart .paper { fill: #ffffff; }
            .rollback4j-chart .title { font-size: 16px; font-weight: 600; fill: #1b2128; }
            .rollback4j-chart .share { fill: #e8ecf1; }
            .rollback4j-chart .share-mark { stroke: #b4bdc7; stroke-width: 1; stroke-dasharray: 1 3; }
            .rollback4j-chart .grid { stroke: #d5dbe2; stroke-width: 1; }
            .rollback4j-chart .axis { stroke: #8a949f; stroke-width: 1; }
            .rollback4j-chart .power, .rollback4j-chart .time-title { text-anchor: end; }
            .rollback4j-chart .time, .rollback4j-chart .nothing { text-anchor: middle; }
            .rollback4j-chart .threshold { stroke: #1b2128; stroke-width: 1.5; }
            .rollback4j-chart .threshold-label { font-weight: 600; fill: #1b2128; }
            .rollback4j-chart .halo { stroke: #ffffff; stroke-width: 4; stroke-linejoin: round; paint-order: stroke; }
            .rollback4j-chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
            .rollback4j-chart .leader { stroke-width: 1; stroke-dasharray: 1 2; }
            .rollback4j-chart .label { font-weight: 600; }
            .rollback4j-chart .c0 { stroke: #0175d8; } .rollback4j-chart .f0 { fill: #0175d8; }
            .rollback4j-chart .c1 { stroke: #a86412; } .rollback4j-chart .f1 { fill: #a86412; }
            .rollback4j-chart .c2 { stroke: #0d5441; } .rollback4j-chart .f2 { fill: #0d5441; }
            .rollback4j-chart .c3 { stroke: #9264a1; } .rollback4j-chart .f3 { fill: #9264a1; }
            .rollback4j-chart .c4 { stroke: #4c3a05; } .rollback4j-chart .f4 { fill: #4c3a05; }
            .rollback4j-chart .c5 { stroke: #120b30; } .rollback4j-chart .f5 { fill: #120b30; }
            @media (prefers-color-scheme: dark) {
              .rollback4j-chart text { fill: #a9b4c0; }
              .rollback4j-chart .paper { fill: #12161c; }
              .rollback4j-chart .title, .rollback4j-chart .threshold-label { fill: #f0f3f6; }
              .rollback4j-chart .share { fill: #222a34; }
              .rollback4j-chart .share-mark { stroke: #56616d; }
              .rollback4j-chart .grid { stroke: #313b46; }
              .rollback4j-chart .axis { stroke: #76818c; }
              .rollback4j-chart .threshold { stroke: #f0f3f6; }
              .rollback4j-chart .halo { stroke: #12161c; }
              .rollback4j-chart .c0 { stroke: #748ee7; } .rollback4j-chart .f0 { fill: #748ee7; }
              .rollback4j-chart .c1 { stroke: #d56825; } .rollback4j-chart .f1 { fill: #d56825; }
              .rollback4j-chart .c2 { stroke: #13d481; } .rollback4j-chart .f2 { fill: #13d481; }
              .rollback4j-chart .c3 { stroke: #c07ba6; } .rollback4j-chart .f3 { fill: #c07ba6; }
              .rollback4j-chart .c4 { stroke: #caff68; } .rollback4j-chart .f4 { fill: #caff68; }
              .rollback4j-chart .c5 { stroke: #ffd9e8; } .rollback4j-chart .f5 { fill: #ffd9e8; }
            }
            """;

    private EvidenceStyle() {}

    /** Returns the class that strokes in the signal's colour. */
    static String stroke(int signal) {
        return "c" + signal % DASHES.length;
    }

    /** Returns the class that fills with the signal's colour. */
    static String fill(int signal) {
        return "f" + signal % DASHES.length;
    }

    /** Returns the dash pattern. Where there are more signals than colours, colour and pattern together still differ. */
    static String dashes(int signal) {
        return DASHES[(signal + signal / DASHES.length) % DASHES.length];
    }
}
