package dev.galatea.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PacksTest {
  @TempDir private Path directory;

  @Test
  void aPackIsLoadedOnceAndClosedWithItsLastLease() {
    Packs.Lease first = Packs.acquire(TestPacks.TINY, Device.cpu());
    Packs.Lease second = Packs.acquire(TestPacks.TINY.toAbsolutePath(), Device.cpu());
    assertThat(second.pack()).isSameAs(first.pack());
    first.close();
    first.close();
    assertThat(second.pack().has(Network.PLANES)).isTrue();
    Pack loaded = second.pack();
    second.close();
    assertThat(loaded.has(Network.PLANES)).isFalse();
    try (Packs.Lease third = Packs.acquire(TestPacks.TINY, Device.cpu())) {
      assertThat(third.pack()).isNotSameAs(loaded);
    }
  }

  @Test
  void threadsThatComeTogetherShareOneLoad() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Packs.Lease> leases = new ArrayList<>();
    try {
      List<Future<Packs.Lease>> futures = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        futures.add(threads.submit(() -> Packs.acquire(TestPacks.TINY, Device.cpu())));
      }
      for (Future<Packs.Lease> future : futures) {
        leases.add(future.get());
      }
      Set<Pack> packs = leases.stream().map(Packs.Lease::pack).collect(Collectors.toSet());
      assertThat(packs).hasSize(1);
    } finally {
      leases.forEach(Packs.Lease::close);
      threads.shutdown();
    }
  }

  @Test
  void aPackThatFailedToLoadIsTriedAnew() throws Exception {
    TestPacks.copy(directory);
    Path pose = directory.resolve("pose.pt");
    byte[] whole = Files.readAllBytes(pose);
    Files.delete(pose);
    assertThatThrownBy(() -> Packs.acquire(directory, Device.cpu()))
        .isInstanceOf(PackException.class);
    Files.write(pose, whole);
    try (Packs.Lease lease = Packs.acquire(directory, Device.cpu())) {
      assertThat(lease.pack().has(Network.POSE)).isTrue();
    }
  }

  @Test
  void aChangedManifestIsAnotherPack() {
    TestPacks.copy(directory);
    try (Packs.Lease before = Packs.acquire(directory, Device.cpu())) {
      TestPacks.edit(directory, manifest -> manifest.put("version", 2));
      try (Packs.Lease after = Packs.acquire(directory, Device.cpu())) {
        assertThat(after.pack()).isNotSameAs(before.pack());
        assertThat(after.pack().manifest().version()).isEqualTo(2);
      }
    }
  }
}
