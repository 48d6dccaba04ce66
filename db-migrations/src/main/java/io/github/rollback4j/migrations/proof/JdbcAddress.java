package io.github.rollback4j.migrations.proof;

import java.util.Locale;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a database server is, and who connects. Its text holds no password.
 *
 * @param product {@code postgresql}, {@code mariadb}, {@code mysql} or {@code h2}
 * @param server host and port as the URL names them
 * @param database the database that the URL names
 * @param options what follows the database, from the question mark on
 */
record JdbcAddress(String product, String server, String database, String options, String user, Secret password) {

    private static final Pattern FORM =
            Pattern.compile("jdbc:(postgresql|mariadb|mysql):(?://([^/?]*)/)?([^/?]*)(\\?.*)?");

    /** A password that does not show. */
    record Secret(String value) {
        @Override
        public String toString() {
            return "…";
        }
    }

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException if it is none of PostgreSQL, MariaDB or MySQL, or names no database
     */
    static JdbcAddress of(String url, String user, String password) {
        Matcher form = FORM.matcher(url);
        if (!form.matches() || form.group(3).isEmpty()) {
            throw new IllegalArgumentException("scratch database URL '" + url.replaceAll("\\?.*", "?…")
                    + "' is not allowed: jdbc:postgresql://host:port/database, or the same with mariadb or mysql, is");
        }
        String product = form.group(1);
        String server = form.group(2) == null || form.group(2).isEmpty() ? "localhost" : form.group(2);
        return new JdbcAddress(
                product, server, form.group(3), form.group(4) == null ? "" : form.group(4), user, new Secret(password));
    }

    /** Returns host and port with what the product takes for granted filled in, and one name for this machine. */
    private String completed() {
        String all = server.toLowerCase(Locale.ROOT);
        String port = product.equals("postgresql") ? "5432" : "3306";
        String host = all.replaceAll(":\\d+$", "");
        String named = all.equals(host) ? port : all.substring(host.length() + 1);
        boolean isLocal = host.equals("localhost") || host.equals("[::1]") || host.startsWith("127.");
        return (isLocal ? "localhost" : host) + ":" + named;
    }

    /** Whether both mean the same database of the same server, as far as their texts tell. */
    boolean isSameAs(JdbcAddress other) {
        return completed().equals(other.completed()) && database.equals(other.database);
    }

    String url(String other) {
        return "jdbc:" + product + "://" + server + "/" + other + options;
    }

    /** Says where it is; options may hold secrets. */
    @Override
    public String toString() {
        return product + "://" + server + "/" + database;
    }

    Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password.value());
        return properties;
    }
}
