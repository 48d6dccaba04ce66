package io.github.rollback4j.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.rollback4j.databases.DatabaseServer;
import io.github.rollback4j.databases.DatabaseServer.Engine;
import io.github.rollback4j.journal.Journal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an append has returned is there, whoever is killed; nothing is there twice, and no sequence is left out. */
@Tag("R-4")
class CrashTest {

    @TempDir
    Path folder;

    private static void assertWhole(JdbcStore store, String rollout, List<String> taken) {
        // A file is opened, and looked through after a crash, in more time than a read may take on a busy machine.
        store.prepare();
        List<Journal.Entry> entries = store.read(rollout);
        assertThat(entries)
                .extracting(Journal.Entry::sequence)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, entries.size()).boxed().toList());
        List<String> names =
                entries.stream().map(entry -> entry.event().data().get("name")).toList();
        assertThat(names).doesNotHaveDuplicates().containsAll(taken);
    }

    // ---- The server is killed.

    @ParameterizedTest
    @EnumSource
    void append_serverKilledAndStartedAgain_nothingThatReturnedIsLost(Engine engine) {
        try (DatabaseServer server = DatabaseServer.start(engine, careless(engine))) {
            String database = server.newDatabase();
            List<String> taken = new ArrayList<>();
            try (StoreProcess one = StoreProcess.appending(server, database, "r", 100_000);
                    StoreProcess other = StoreProcess.appending(server, database, "r", 100_000)) {
                one.awaitTaken(20);
                other.awaitTaken(20);
                server.kill();
                one.await(said -> said.stream().anyMatch(line -> line.startsWith("refused ")));
                server.restart();
                one.awaitTaken(one.taken().size() + 20);
                other.awaitTaken(other.taken().size() + 20);
                one.kill();
                other.kill();
                taken.addAll(one.taken());
                taken.addAll(other.taken());
            }
            try (JdbcStore store = JdbcStore.over(server.dataSource(database)).build()) {
                assertWhole(store, "r", taken);
            }
        }
    }

    /** PostgreSQL is told to answer before it has written, which the store does not put up with. */
    private static Map<String, String> careless(Engine engine) {
        return engine == Engine.POSTGRESQL
                ? Map.of("synchronous_commit", "off", "wal_writer_delay", "10s")
                : Map.of("innodb-flush-log-at-trx-commit", "1");
    }

    // ---- The process that holds the file is killed.

    @Test
    void append_holderOfTheFileKilled_othersGoOnAndNothingIsLost() throws Exception {
        Path file = folder.resolve("store");
        List<String> taken = new ArrayList<>();
        try (StoreProcess holder = StoreProcess.appending(file, "r", 100_000)) {
            holder.awaitTaken(20);
            try (StoreProcess guest = StoreProcess.appending(file, "r", 100_000)) {
                guest.awaitTaken(20);
                holder.kill();
                guest.awaitTaken(guest.taken().size() + 20);
                guest.kill();
                taken.addAll(holder.taken());
                taken.addAll(guest.taken());
            }
        }
        try (JdbcStore store = JdbcStore.inFile(file).build()) {
            assertWhole(store, "r", taken);
        }
    }

    @Test
    void append_processKilledAgainAndAgain_nothingThatReturnedIsLost() throws Exception {
        Path file = folder.resolve("store");
        List<String> taken = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            try (StoreProcess process = StoreProcess.appending(file, "r", 100_000)) {
                process.awaitTaken(30 + 17 * round);
                process.kill();
                taken.addAll(process.taken());
            }
        }
        try (JdbcStore store = JdbcStore.inFile(file).build()) {
            assertWhole(store, "r", taken);
            assertThat(store.append("r", store.read("r").size(), 1, StoreProcess.event("last")))
                    .isEqualTo(store.read("r").size());
        }
    }

    @Test
    void inFile_severalProcessesAtOnce_shareOneJournal() throws Exception {
        Path file = folder.resolve("deep/down/store");
        List<StoreProcess> processes = new ArrayList<>();
        List<String> taken = new ArrayList<>();
        try {
            for (int number = 0; number < 3; number++) {
                processes.add(StoreProcess.appending(file, "r", 40));
            }
            for (StoreProcess process : processes) {
                process.join();
                assertThat(process.taken()).hasSize(40);
                taken.addAll(process.taken());
            }
        } finally {
            processes.forEach(StoreProcess::close);
        }
        try (JdbcStore store = JdbcStore.inFile(file).build()) {
            assertWhole(store, "r", taken);
            assertThat(store.read("r")).hasSize(120);
        }
        assertThat(Files.exists(file.resolveSibling("store.door"))).isFalse();
    }

    // ---- The disk is full.

    @Test
    void append_noRoomForTheFile_isRefusedAndNothingThatReturnedIsLost() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no shell that limits the size of files");
        Path file = folder.resolve("store");
        List<String> taken;
        // In blocks of 512 bytes: a file of more than 512 KB cannot be written.
        try (StoreProcess process = StoreProcess.appending(
                List.of("/bin/sh", "-c", "ulimit -f 1024; exec \"$@\"", "sh"), file, "r", 5_000)) {
            process.await(said ->
                    said.stream().filter(line -> line.startsWith("refused ")).count() >= 3);
            taken = process.taken();
            assertThat(process.lines()).noneMatch(line -> line.contains("jdbc:"));
        }
        try (JdbcStore store = JdbcStore.inFile(file).build()) {
            assertWhole(store, "r", taken);
            int before = store.read("r").size();
            assertThat(store.append("r", before, 1, StoreProcess.event("there is room again")))
                    .isEqualTo(before + 1);
        }
    }
}
