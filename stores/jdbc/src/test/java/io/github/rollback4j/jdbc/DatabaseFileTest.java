package io.github.rollback4j.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rollback4j.RollbackException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseFileTest {

    @TempDir
    private Path folder;

    @Test
    void connection_portOfADeadHolderIsNowOfSomebodyWhoNeverAnswers_holdsTheFileItself() throws Exception {
        Path door = folder.resolve("journal.door");
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                DatabaseFile file = new DatabaseFile(folder.resolve("journal"))) {
            Files.write(door, List.of(String.valueOf(silent.getLocalPort()), "key-of-the-dead"));
            try (Connection connection = file.connection()) {
                assertThat(connection.isValid(1)).isTrue();
            }
            assertThat(Files.readString(door)).doesNotContain("key-of-the-dead");
        }
    }

    @Test
    void close_somebodyKeepsTheFileBusy_endsAndSaysSo() throws Exception {
        DatabaseFile file = new DatabaseFile(folder.resolve("journal"));
        file.connection().close();
        CountDownLatch isBusy = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Thread busy = new Thread(() -> {
            synchronized (file) {
                isBusy.countDown();
                awaitQuietly(mayEnd);
            }
        });
        busy.start();
        isBusy.await();
        assertThatThrownBy(file::close)
                .isInstanceOf(RollbackException.class)
                .hasMessageContaining("did not close the file within PT5S");
        mayEnd.countDown();
        busy.join();
        file.close();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
