package io.github.rollback4j.traffic;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes and reads the pages by which instances tell each other what they have counted. A page begins with the version of its form
 * (now 1); numbers are of variable length, since most are small. A page of another version is not read.
 */
final class Pages {

    private static final int VERSION = 1;
    private static final int MOST_CELLS = 100_000;

    private Pages() {}

    /** Collects a page. */
    static final class Out {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        private final DataOutputStream data = new DataOutputStream(bytes);

        Out() {
            number(VERSION);
        }

        /** Writes a number, from 0, in groups of 7 bits. */
        Out number(long value) {
            try {
                long rest = value;
                while ((rest & ~0x7FL) != 0) {
                    data.writeByte((int) ((rest & 0x7F) | 0x80));
                    rest >>>= 7;
                }
                data.writeByte((int) rest);
                return this;
            } catch (IOException impossible) {
                throw new IllegalStateException("a byte array takes all that is written", impossible);
            }
        }

        Out bits(long value) {
            try {
                data.writeLong(value);
                return this;
            } catch (IOException impossible) {
                throw new IllegalStateException("a byte array takes all that is written", impossible);
            }
        }

        Out numbers(long[] values) {
            for (long value : values) {
                number(value);
            }
            return this;
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }

    /** Reads a page. */
    static final class In {
        private final DataInputStream data;

        /**
         * Begins.
         *
         * @throws IOException if the page is of another version
         */
        In(byte[] bytes) throws IOException {
            this.data = new DataInputStream(new ByteArrayInputStream(bytes));
            long version = number();
            if (version != VERSION) {
                throw new IOException("a page of version " + version + " cannot be read, " + VERSION + " can");
            }
        }

        long number() throws IOException {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                int group = data.readUnsignedByte();
                value |= (long) (group & 0x7F) << shift;
                if ((group & 0x80) == 0) {
                    return value;
                }
            }
            throw new IOException("a number of a page does not end");
        }

        int number(int most) throws IOException {
            long value = number();
            if (value < 0 || value > most) {
                throw new IOException("a page has " + value + " where up to " + most + " is allowed");
            }
            return (int) value;
        }

        int size() throws IOException {
            return number(MOST_CELLS);
        }

        long bits() throws IOException {
            return data.readLong();
        }

        void numbers(long[] into) throws IOException {
            for (int i = 0; i < into.length; i++) {
                into[i] = number();
            }
        }

        boolean isAtEnd() throws IOException {
            return data.available() == 0;
        }
    }

    /** Tells which weights an index means, and the other way round. */
    interface Strata {

        int stratum(long threshold, long freshFloor);

        long threshold(int stratum);

        long freshFloor(int stratum);
    }

    static void write(Out out, Cell cell, Strata strata) {
        out.number(cell.bucket())
                .bits(strata.threshold(cell.stratum()))
                .bits(strata.freshFloor(cell.stratum()))
                .numbers(cell.calls)
                .numbers(cell.firstCalls);
        long[] latencies = cell.latencies;
        out.number(latencies == null ? 0 : 1);
        if (latencies != null) {
            out.numbers(latencies);
        }
    }

    static Cell readCell(In in, Strata strata, boolean isLive) throws IOException {
        int bucket = in.number(Integer.MAX_VALUE);
        Cell cell = new Cell(bucket, strata.stratum(in.bits(), in.bits()), isLive);
        in.numbers(cell.calls);
        in.numbers(cell.firstCalls);
        if (in.number() != 0) {
            in.numbers(cell.latencies());
        }
        return cell;
    }

    static List<Cell> readCells(In in, Strata strata, boolean isLive) throws IOException {
        int size = in.size();
        List<Cell> cells = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            cells.add(readCell(in, strata, isLive));
        }
        return cells;
    }
}
