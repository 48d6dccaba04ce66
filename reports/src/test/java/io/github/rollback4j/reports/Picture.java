package io.github.rollback4j.reports;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** An SVG as an XML parser reads it. */
record Picture(Element root) {

    /** Where something is, with some room around. */
    record Box(String what, double left, double top, double right, double bottom) {

        boolean overlaps(Box other) {
            return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
        }
    }

    private static final double FONT_SIZE = 12;
    private static final double TITLE_FONT_SIZE = 16;

    static Picture of(String svg) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setNamespaceAware(true);
            DocumentBuilder builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null);
            return new Picture(
                    builder.parse(new InputSource(new StringReader(svg))).getDocumentElement());
        } catch (ParserConfigurationException | SAXException | IOException notXml) {
            throw new AssertionError(svg, notXml);
        }
    }

    List<Element> all(String element) {
        NodeList nodes = root.getElementsByTagName(element);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    List<Element> all(String element, String cssClass) {
        return all(element).stream().filter(each -> hasClass(each, cssClass)).toList();
    }

    Element only(String element, String cssClass) {
        assertThat(all(element, cssClass)).as(cssClass).hasSize(1);
        return all(element, cssClass).get(0);
    }

    List<String> texts(String cssClass) {
        return all("text", cssClass).stream().map(Element::getTextContent).toList();
    }

    String title() {
        return all("title").get(0).getTextContent();
    }

    String description() {
        return all("desc").get(0).getTextContent();
    }

    double width() {
        return number(root, "width");
    }

    double height() {
        return number(root, "height");
    }

    double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    /** Returns how far down the lines end, in the signals' order. */
    List<Double> lineEnds() {
        return all("path", "line").stream()
                .map(line -> line.getAttribute("d"))
                .map(path -> Double.parseDouble(path.substring(path.lastIndexOf(' ') + 1)))
                .toList();
    }

    /** Returns where the texts are. */
    List<Box> boxes() {
        return all("text").stream().map(this::box).toList();
    }

    private Box box(Element text) {
        String content = text.getTextContent();
        double size = hasClass(text, "title") ? TITLE_FONT_SIZE : FONT_SIZE;
        double width = Lettering.width(content, size);
        double x = number(text, "x");
        double left = hasClass(text, "power") || hasClass(text, "time-title")
                ? x - width
                : hasClass(text, "time") || hasClass(text, "nothing") ? x - width / 2 : x;
        double baseline = number(text, "y");
        return new Box(content, left, baseline - .9 * size, left + width, baseline + .3 * size);
    }

    private static boolean hasClass(Element element, String cssClass) {
        return Arrays.asList(element.getAttribute("class").split(" ")).contains(cssClass);
    }
}
