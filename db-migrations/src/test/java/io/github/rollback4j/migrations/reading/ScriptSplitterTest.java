package io.github.rollback4j.migrations.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.rollback4j.migrations.reading.ScriptSplitter.Comment;
import io.github.rollback4j.migrations.reading.ScriptSplitter.Piece;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScriptSplitterTest {

    private static List<String> codeOf(SqlDialect dialect, String script) {
        return ScriptSplitter.split(script, dialect).stream().map(Piece::code).toList();
    }

    private static List<Integer> linesOf(SqlDialect dialect, String script) {
        return ScriptSplitter.split(script, dialect).stream().map(Piece::line).toList();
    }

    private static List<String> problemsOf(SqlDialect dialect, String script) {
        return ScriptSplitter.split(script, dialect).stream()
                .map(Piece::problem)
                .toList();
    }

    @Nested
    class AnyDialect {

        @ParameterizedTest
        @EnumSource
        void split_emptyStatementsAndCommentsAlone_vanish(SqlDialect dialect) {
            assertThat(ScriptSplitter.split("", dialect)).isEmpty();
            assertThat(ScriptSplitter.split(" ;;\n-- nothing\n; /* nor here */ ;", dialect))
                    .isEmpty();
        }

        @ParameterizedTest
        @EnumSource
        void split_commentsBefore_doNotCountForTheLine(SqlDialect dialect) {
            String script =
                    "\n-- first; not a statement\n/* nor\n this; */ DROP TABLE a;\n\n  DROP TABLE b -- behind\n ;";

            assertThat(linesOf(dialect, script)).containsExactly(4, 6);
            assertThat(codeOf(dialect, script)).containsExactly("DROP TABLE a", "DROP TABLE b");
        }

        @ParameterizedTest
        @EnumSource
        void split_comments_areHandedOverWithTheirLines(SqlDialect dialect) {
            List<Piece> pieces = ScriptSplitter.split(
                    "-- one\n/* two */\nDROP TABLE a; -- three\nDROP /* inside */ TABLE b;", dialect);

            assertThat(pieces)
                    .extracting(Piece::comments)
                    .containsExactly(
                            List.of(new Comment("-- one", 1), new Comment("/* two */", 2)),
                            List.of(new Comment("-- three", 3)));
        }

        @ParameterizedTest
        @EnumSource
        void split_delimiterInStringOrName_doesNotEnd(SqlDialect dialect) {
            assertThat(codeOf(dialect, "INSERT INTO a VALUES ('x;''y;');DROP TABLE \"a;b\""))
                    .containsExactly("INSERT INTO a VALUES ('x;''y;')", "DROP TABLE \"a;b\"");
        }

        @ParameterizedTest
        @EnumSource
        void split_unterminatedString_runsToTheEndAndSaysSo(SqlDialect dialect) {
            List<Piece> pieces =
                    ScriptSplitter.split("DROP TABLE a;\nINSERT INTO b VALUES ('x;\nDROP TABLE c;", dialect);

            assertThat(pieces)
                    .extracting(Piece::line, piece -> piece.problem().isEmpty())
                    .containsExactly(tuple(1, true), tuple(2, false));
        }

        @ParameterizedTest
        @EnumSource
        void split_unterminatedComment_runsToTheEndAndSaysSo(SqlDialect dialect) {
            assertThat(problemsOf(dialect, "DROP TABLE a; /* DROP TABLE b;"))
                    .containsExactly("", "a comment does not end");
        }

        @ParameterizedTest
        @EnumSource
        void split_anything_endsAndLosesNoWord(SqlDialect dialect) {
            String[] parts = {
                "'",
                "\"",
                "`",
                "$$",
                "$a$",
                "/*",
                "*/",
                "--",
                "\n",
                ";",
                "(",
                ")",
                "BEGIN",
                "END",
                "CASE",
                "IF",
                "DELIMITER //",
                "GO",
                "/",
                "\\",
                "q'[",
                "]",
                "[",
                "E'",
                "CREATE PROCEDURE p",
                "DROP TABLE t",
                "COPY t FROM stdin",
                "/*!50100 ",
                "DECLARE",
                "#",
                " ",
                "ATOMIC"
            };
            Random random = new Random(7);
            for (int round = 0; round < 2_000; round++) {
                StringBuilder script = new StringBuilder("DROP TABLE first;\n");
                for (int i = random.nextInt(12); i >= 0; i--) {
                    script.append(parts[random.nextInt(parts.length)]).append(random.nextBoolean() ? " " : "\n");
                }

                List<Piece> pieces = ScriptSplitter.split(script.toString(), dialect);

                assertThat(pieces.get(0).text()).as(script.toString()).isEqualTo("DROP TABLE first");
            }
        }
    }

    @Nested
    class PostgreSql {

        private static final SqlDialect DIALECT = SqlDialect.POSTGRESQL;

        @Test
        void split_dollarQuotes_endAtTheirOwnTag() {
            String script = "DO $$ BEGIN x; END $$; DO $body$ a; $$ b; $$ $body$; SELECT a$b$c; DROP TABLE a$1;";

            assertThat(codeOf(DIALECT, script))
                    .containsExactly(
                            "DO $$ BEGIN x; END $$", "DO $body$ a; $$ b; $$ $body$", "SELECT a$b$c", "DROP TABLE a$1");
        }

        @Test
        void split_parameters_areNoDollarQuotes() {
            assertThat(codeOf(DIALECT, "PREPARE p AS SELECT $1; SELECT $2;")).hasSize(2);
        }

        @Test
        void split_backslash_escapesOnlyInStringsWithE() {
            assertThat(codeOf(DIALECT, "SELECT 'a\\'; SELECT E'b\\'; still'; SELECT U&'c\\0041;';"))
                    .containsExactly("SELECT 'a\\'", "SELECT E'b\\'; still'", "SELECT U&'c\\0041;'");
        }

        @Test
        void split_nestedComments_endTogether() {
            assertThat(codeOf(DIALECT, "/* a /* b; */ c; */ DROP TABLE t; /* d */"))
                    .containsExactly("DROP TABLE t");
        }

        @Test
        void split_atomicBody_isOneStatement() {
            String script =
                    "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC\n SELECT CASE WHEN true THEN 1 END;\n"
                            + " SELECT 2;\nEND;\nBEGIN; DROP TABLE t; END;";

            assertThat(linesOf(DIALECT, script)).containsExactly(1, 5, 5, 5);
        }

        @Test
        void split_ruleWithSeveralActions_isOneStatement() {
            assertThat(codeOf(
                            DIALECT,
                            "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b); DROP TABLE c;"))
                    .hasSize(2);
        }

        @Test
        void split_commandsOfPsql_areNotForTheDatabase() {
            List<Piece> pieces = ScriptSplitter.split(
                    "\\set x 1\nDROP TABLE a;\n\\i other.sql\nSELECT 1 \\gexec\nDROP TABLE b;", DIALECT);

            assertThat(pieces)
                    .extracting(Piece::line, piece -> piece.problem().isEmpty())
                    .containsExactly(tuple(1, false), tuple(2, true), tuple(3, false), tuple(4, false), tuple(5, true));
        }

        @Test
        void split_copiedRows_areNoStatements() {
            String script = "COPY t (a, b) FROM stdin;\n1\tDROP TABLE x;\n2\tit's\n\\.\n\nDROP TABLE y;";

            assertThat(codeOf(DIALECT, script)).containsExactly("COPY t (a, b) FROM stdin", "DROP TABLE y");
            assertThat(linesOf(DIALECT, script)).containsExactly(1, 6);
        }

        @Test
        void split_copiedRowsWithoutEnd_areAProblem() {
            assertThat(problemsOf(DIALECT, "COPY t FROM STDIN;\n1\n2\n"))
                    .containsExactly("the rows of COPY do not end");
        }
    }

    @Nested
    class MySqlAndMariaDb {

        @Test
        void split_quotesAndComments_areMySqls() {
            String script =
                    "INSERT INTO t VALUES ('a\\';', \"b;\");# c;\nDROP TABLE `d;e`;SELECT 5--1; -- f;\nSELECT 2;";

            assertThat(codeOf(SqlDialect.MYSQL, script))
                    .containsExactly(
                            "INSERT INTO t VALUES ('a\\';', \"b;\")", "DROP TABLE `d;e`", "SELECT 5--1", "SELECT 2");
        }

        @Test
        void split_executableComment_isPartOfTheStatement() {
            assertThat(codeOf(
                            SqlDialect.MYSQL,
                            "/*!40101 SET NAMES utf8 */; CREATE TABLE t (a int) /*!50100 PARTITION BY x */;"))
                    .containsExactly("SET NAMES utf8", "CREATE TABLE t (a int)  PARTITION BY x");
        }

        @Test
        void split_executableCommentForAnotherServer_isAComment() {
            String script = "DROP TABLE a /*!99999 b */ /*M!100100 c */;/*!80000 DROP TABLE d */;";

            assertThat(codeOf(SqlDialect.MYSQL, script)).containsExactly("DROP TABLE a", "DROP TABLE d");
            assertThat(codeOf(SqlDialect.MARIADB, script)).containsExactly("DROP TABLE a    c");
        }

        @Test
        void split_delimiterCommand_changesTheDelimiter() {
            String script =
                    "DELIMITER //\nCREATE PROCEDURE p() BEGIN DELETE FROM a; DELETE FROM b; END//\nDELIMITER ;\nDROP TABLE c;";

            assertThat(codeOf(SqlDialect.MYSQL, script))
                    .containsExactly("CREATE PROCEDURE p() BEGIN DELETE FROM a; DELETE FROM b; END", "DROP TABLE c");
            assertThat(linesOf(SqlDialect.MYSQL, script)).containsExactly(2, 4);
        }

        @Test
        void split_dollarsAsDelimiter_endRightBehindAWord() {
            assertThat(codeOf(
                            SqlDialect.MYSQL,
                            "DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT a$b; END$$\nDROP TABLE c$$"))
                    .containsExactly("CREATE PROCEDURE p() BEGIN SELECT a$b; END", "DROP TABLE c");
        }

        @Test
        void split_routineWithoutDelimiterCommand_isOneStatement() {
            String script = "CREATE DEFINER=`a`@`b` TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN\n"
                    + "IF NEW.a IS NULL THEN SET NEW.a = CASE NEW.b WHEN 1 THEN IF(1, 2, 3) END; END IF;\n"
                    + "WHILE 1 DO SET @x = 1; END WHILE; l: LOOP LEAVE l; END LOOP;\nEND;\n"
                    + "CREATE TRIGGER u AFTER INSERT ON x FOR EACH ROW IF NEW.a THEN DELETE FROM y; END IF;\nDROP TABLE IF EXISTS c;";

            assertThat(linesOf(SqlDialect.MARIADB, script)).containsExactly(1, 5, 6);
        }

        @Test
        void split_transaction_isNoRoutine() {
            assertThat(codeOf(SqlDialect.MYSQL, "BEGIN; DELETE FROM a; COMMIT;"))
                    .hasSize(3);
        }
    }

    @Nested
    class SqlServer {

        private static final SqlDialect DIALECT = SqlDialect.SQLSERVER;

        @Test
        void split_go_endsBatches() {
            assertThat(codeOf(DIALECT, "DROP TABLE a\nGO\nDROP TABLE [b;\nGO]\ngo 2\n\nDROP TABLE go"))
                    .containsExactly("DROP TABLE a", "DROP TABLE [b;\nGO]", "DROP TABLE go");
        }

        @Test
        void split_statementsWithoutSemicolon_endWhereTheNextBegins() {
            String script = "ALTER TABLE a\n  ADD b int\nALTER TABLE c\n  ALTER COLUMN d int\nDROP INDEX e ON f\n"
                    + "EXEC sp_rename 'a.b', 'c', 'COLUMN'\nINSERT INTO g\nSELECT 1\nUPDATE h\nSET i = 1\nSET QUOTED_IDENTIFIER ON\n";

            assertThat(linesOf(DIALECT, script)).containsExactly(1, 3, 5, 6, 7, 9);
        }

        @Test
        void split_clausesInTheirOwnLine_goOn() {
            String script =
                    "ALTER TABLE a\nDROP COLUMN b;\nMERGE INTO c USING d ON e = f WHEN MATCHED THEN\nUPDATE SET g = 1\n;"
                            + "\nALTER TABLE h ADD CONSTRAINT i FOREIGN KEY (j) REFERENCES k (l) ON\nDELETE CASCADE;";

            assertThat(linesOf(DIALECT, script)).containsExactly(1, 3, 6);
        }

        @Test
        void split_routine_runsToGo() {
            String script = "CREATE PROCEDURE p AS\nDELETE FROM a;\nDELETE FROM b;\nGO\nDROP TABLE c";

            assertThat(linesOf(DIALECT, script)).containsExactly(1, 5);
        }

        @Test
        void split_block_isOneStatement() {
            String script = "IF 1 = 1\nBEGIN\nDROP TABLE a;\nDROP TABLE b;\nEND;\nBEGIN TRANSACTION;\nDROP TABLE c;";

            assertThat(linesOf(DIALECT, script)).containsExactly(1, 6, 7);
        }
    }

    @Nested
    class Oracle {

        private static final SqlDialect DIALECT = SqlDialect.ORACLE;

        @Test
        void split_blocks_runToTheSlash() {
            String script = "CREATE TABLE a (b NUMBER(1));\nCREATE OR REPLACE PROCEDURE p IS\nBEGIN\n  NULL;\nEND;\n/\n"
                    + "DECLARE x NUMBER; BEGIN x := 6 / 2; IF x = 1 THEN NULL; END IF; END;\n/\nDROP TABLE c;";

            assertThat(linesOf(DIALECT, script)).containsExactly(1, 2, 7, 9);
        }

        @Test
        void split_blockWithoutSlash_endsBeforeTheNextStatement() {
            String script = "BEGIN\n  IF 1 = 1 THEN\n    NULL;\n  END IF;\nEND;\n\nALTER TABLE a ADD b NUMBER;";

            assertThat(linesOf(DIALECT, script)).containsExactly(1, 7);
        }

        @Test
        void split_routinesWithinABlock_areItsParts() {
            String script = "DECLARE\n  PROCEDURE p IS\n  BEGIN\n    NULL;\n  END;\nBEGIN\n  p;\nEND;\nDROP TABLE a;";

            assertThat(linesOf(DIALECT, script)).containsExactly(1, 9);
        }

        @Test
        void split_anonymousBlockWithoutSlash_endsWithItsEnd() {
            assertThat(linesOf(
                            DIALECT,
                            "BEGIN NULL; END;\nBEGIN\n  INSERT INTO a VALUES (1);\nEND;\nINSERT INTO b VALUES (2);"))
                    .containsExactly(1, 2, 5);
        }

        @Test
        void split_alterationOfRoutineOrTypeWithoutBody_isNoBlock() {
            String script = "ALTER TRIGGER t DISABLE;\nALTER PROCEDURE p COMPILE;\nDROP FUNCTION f;\n"
                    + "CREATE TYPE o AS OBJECT (MEMBER FUNCTION g RETURN NUMBER);\nDROP TABLE a;";

            assertThat(linesOf(DIALECT, script)).containsExactly(1, 2, 3, 4, 5);
        }

        @Test
        void split_typeBody_runsToTheSlash() {
            String script =
                    "CREATE OR REPLACE TYPE BODY o AS MEMBER FUNCTION g RETURN NUMBER IS BEGIN RETURN 1; END; END;\n/\nDROP TABLE a;";

            assertThat(linesOf(DIALECT, script)).containsExactly(1, 3);
        }

        @Test
        void split_routineWithoutBlockAndSlash_isAProblem() {
            assertThat(problemsOf(DIALECT, "CREATE FUNCTION f RETURN NUMBER AS LANGUAGE JAVA NAME 'x';\nDROP TABLE a;"))
                    .singleElement()
                    .asString()
                    .contains("slash");
            assertThat(problemsOf(
                            DIALECT, "CREATE FUNCTION f RETURN NUMBER AS LANGUAGE JAVA NAME 'x';\n/\nDROP TABLE a;"))
                    .containsExactly("", "");
        }

        @Test
        void split_alternativeQuotes_holdEverything() {
            assertThat(codeOf(DIALECT, "INSERT INTO a VALUES (q'[it's; ]]', nq'{;}');DROP TABLE b;"))
                    .containsExactly("INSERT INTO a VALUES (q'[it's; ]]', nq'{;}')", "DROP TABLE b");
        }

        @Test
        void split_commandsOfSqlPlus_areForTheClient() {
            List<Piece> pieces = ScriptSplitter.split(
                    "SET DEFINE OFF\nPROMPT it's;\nREM it's\n@other.sql\nSET ROLE x;\nDROP TABLE a;", DIALECT);

            assertThat(pieces)
                    .extracting(
                            Piece::line, Piece::kind, piece -> piece.problem().isEmpty())
                    .containsExactly(
                            tuple(1, Piece.Kind.CLIENT_ONLY, true),
                            tuple(2, Piece.Kind.CLIENT_ONLY, true),
                            tuple(4, Piece.Kind.STATEMENT, false),
                            tuple(5, Piece.Kind.STATEMENT, true),
                            tuple(6, Piece.Kind.STATEMENT, true));
        }
    }

    @Nested
    class H2 {

        @Test
        void split_dollarQuotesAndComments_areH2s() {
            assertThat(codeOf(SqlDialect.H2, "CREATE ALIAS a AS $$ int f() { return 1; } $$; // b;\nDROP TABLE c;"))
                    .containsExactly("CREATE ALIAS a AS $$ int f() { return 1; } $$", "DROP TABLE c");
        }
    }
}
