package dev.galatea.engine.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import dev.galatea.engine.testing.PackCopy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackRegistryTest {
  @TempDir private Path directory;

  @Test
  void aPackIsLoadedOnceAndClosedWithItsLastLease() {
    PackRegistry.Lease first = PackRegistry.acquire(TestPacks.TINY, Device.cpu());
    PackRegistry.Lease second = PackRegistry.acquire(TestPacks.TINY.toAbsolutePath(), Device.cpu());
    assertThat(second.pack()).isSameAs(first.pack());
    first.close();
    first.close();
    assertThat(second.pack().has(Network.PLANES)).isTrue();
    Pack loaded = second.pack();
    second.close();
    assertThat(loaded.has(Network.PLANES)).isFalse();
    try (PackRegistry.Lease third = PackRegistry.acquire(TestPacks.TINY, Device.cpu())) {
      assertThat(third.pack()).isNotSameAs(loaded);
    }
  }

  @Test
  void threadsThatComeTogetherShareOneLoad() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<PackRegistry.Lease> leases = new ArrayList<>();
    try {
      List<Future<PackRegistry.Lease>> futures = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        futures.add(threads.submit(() -> PackRegistry.acquire(TestPacks.TINY, Device.cpu())));
      }
      for (Future<PackRegistry.Lease> future : futures) {
        leases.add(future.get());
      }
      Set<Pack> packs = leases.stream().map(PackRegistry.Lease::pack).collect(Collectors.toSet());
      assertThat(packs).hasSize(1);
    } finally {
      leases.forEach(PackRegistry.Lease::close);
      threads.shutdown();
    }
  }

  @Test
  void aPackThatFailedToLoadIsTriedAnew() throws Exception {
    TestPacks.copy(directory);
    Path pose = directory.resolve("pose.pt");
    byte[] whole = Files.readAllBytes(pose);
    Files.delete(pose);
    assertThatThrownBy(() -> PackRegistry.acquire(directory, Device.cpu()))
        .isInstanceOf(PackException.class);
    Files.write(pose, whole);
    try (PackRegistry.Lease lease = PackRegistry.acquire(directory, Device.cpu())) {
      assertThat(lease.pack().has(Network.POSE)).isTrue();
    }
  }

  @Test
  void someNetworksOfAPackAreLoadedWithoutTheFilesOfOthers() throws Exception {
    TestPacks.copy(directory);
    Files.delete(directory.resolve("render.pt"));
    Files.delete(directory.resolve("tokenizer.json"));
    Set<Network> some = EnumSet.of(Network.POSE, Network.ALIGN);
    try (PackRegistry.Lease lease = PackRegistry.acquireOnly(directory, some);
        PackRegistry.Lease again = PackRegistry.acquireOnly(directory, some)) {
      assertThat(lease.pack().networks()).containsExactly(Network.POSE);
      assertThat(again.pack()).isSameAs(lease.pack());
    }
  }

  @Test
  void aChangedManifestIsAnotherPack() {
    TestPacks.copy(directory);
    try (PackRegistry.Lease before = PackRegistry.acquire(directory, Device.cpu())) {
      PackCopy.edit(directory, manifest -> manifest.put("version", 2));
      try (PackRegistry.Lease after = PackRegistry.acquire(directory, Device.cpu())) {
        assertThat(after.pack()).isNotSameAs(before.pack());
        assertThat(after.pack().manifest().version()).isEqualTo(2);
      }
    }
  }
}
