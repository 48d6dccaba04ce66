package io.github.rollback4j.reports;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** A page as an XML parser reads it: stricter than a browser, so that nothing that was not meant to be markup is. */
record Page(Element root) {

    static Page of(String html) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            DocumentBuilder builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null);
            return new Page(
                    builder.parse(new InputSource(new StringReader(html))).getDocumentElement());
        } catch (ParserConfigurationException | SAXException | IOException notXml) {
            throw new AssertionError(notXml.getMessage() + " in " + html, notXml);
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

    List<String> texts(String element) {
        return all(element).stream().map(Element::getTextContent).toList();
    }

    String text() {
        return root.getTextContent();
    }

    /** Returns the attributes of all elements. */
    List<Attr> attributes() {
        List<Attr> attributes = new ArrayList<>();
        for (Element element : all("*")) {
            for (int i = 0; i < element.getAttributes().getLength(); i++) {
                attributes.add((Attr) element.getAttributes().item(i));
            }
        }
        return attributes;
    }
}
