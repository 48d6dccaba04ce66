package io.github.rollback4j.migrations.reading;

import java.util.function.Function;
import org.antlr.v4.runtime.BailErrorStrategy;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.DefaultErrorStrategy;
import org.antlr.v4.runtime.Lexer;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.TokenSource;
import org.antlr.v4.runtime.TokenStream;
import org.antlr.v4.runtime.atn.ParserATNSimulator;
import org.antlr.v4.runtime.atn.PredictionMode;
import org.antlr.v4.runtime.misc.ParseCancellationException;

/**
 * A pair of generated classes, and where they begin. Thread-safe.
 *
 * @param lexer makes the lexer
 * @param parser makes the parser
 * @param start calls the rule of a whole statement
 * @param tokens makes the tokens of a statement, for the time that its reading may take to be watched there
 */
record GeneratedParser(
        Function<CharStream, Lexer> lexer,
        Function<TokenStream, Parser> parser,
        Function<Parser, ParserRuleContext> start,
        Function<TokenSource, CommonTokenStream> tokens) {

    /**
     * Parses a statement: quickly first, and with the whole context only where that fails.
     *
     * @throws Grammar.SyntaxException where the grammar stops
     */
    SyntaxTree parse(String statement) throws Grammar.SyntaxException {
        Lexer made = lexer.apply(CharStreams.fromString(statement));
        Complaints complaints = new Complaints();
        made.removeErrorListeners();
        made.addErrorListener(complaints);
        CommonTokenStream stream = tokens.apply(made);
        Parser parsing = parser.apply(stream);
        parsing.removeErrorListeners();
        parsing.setInterpreter(withoutSharedContexts(parsing));
        try {
            stream.fill();
            refuseUnknownCharacters(made, stream);
            parsing.setErrorHandler(new BailErrorStrategy());
            parsing.getInterpreter().setPredictionMode(PredictionMode.SLL);
            try {
                return new SyntaxTree(parsing, start.apply(parsing));
            } catch (ParseCancellationException exception) {
                stream.seek(0);
                parsing.reset();
                parsing.addErrorListener(complaints);
                parsing.setErrorHandler(new DefaultErrorStrategy());
                parsing.getInterpreter().setPredictionMode(PredictionMode.LL);
                return new SyntaxTree(parsing, start.apply(parsing));
            }
        } catch (StackOverflowError error) {
            throw new Grammar.SyntaxException("the statement is nested too deeply");
        } catch (Complaint complaint) {
            throw new Grammar.SyntaxException(complaint.where);
        }
    }

    /**
     * Shared contexts spare memory, but to share one it is compared with its like part by part, which takes longer by a factor for
     * each bracket that is open: sixty of them did not end within minutes, without a look at a token, where the deadline is.
     */
    private static ParserATNSimulator withoutSharedContexts(Parser parser) {
        return new ParserATNSimulator(parser, parser.getATN(), parser.getInterpreter().decisionToDFA, null);
    }

    /** The grammars put what they do not know onto a channel of errors, where the parser does not see it. */
    private static void refuseUnknownCharacters(Lexer lexer, CommonTokenStream tokens) {
        String[] channels = lexer.getChannelNames();
        for (Token token : tokens.getTokens()) {
            if (token.getChannel() < channels.length && channels[token.getChannel()].startsWith("ERROR")) {
                throw new Complaint(token.getLine(), "'" + token.getText() + "' is not known");
            }
        }
    }

    private static final class Complaint extends RuntimeException {

        private static final long serialVersionUID = 1L;

        final String where;

        Complaint(int line, String message) {
            super(message, null, false, false);
            this.where = "line " + line + " of the statement: " + message;
        }
    }

    private static final class Complaints extends BaseErrorListener {

        private static final int LONGEST = 120;

        @Override
        public void syntaxError(
                Recognizer<?, ?> recognizer,
                Object symbol,
                int line,
                int position,
                String message,
                RecognitionException exception) {
            String expected = message.replaceFirst("(?s)expecting \\{.*", "not expected");
            throw new Complaint(line, expected.length() > LONGEST ? expected.substring(0, LONGEST) + "…" : expected);
        }
    }
}
