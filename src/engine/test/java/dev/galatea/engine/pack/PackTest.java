package dev.galatea.engine.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.engine.torch.Torch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackTest {
  @TempDir private Path directory;

  @Test
  void textIsCutAndPaddedAsThePacksTokenizerDoesInPython() {
    try (Pack pack = TestPacks.tiny()) {
      assertThat(pack.tokens("Red hair, banana")).containsExactly(10, 8, 2, 1, 0, 0, 0, 0);
      assertThat(pack.tokens("")).containsOnly(0).hasSize(8);
      assertThat(pack.tokens("face ".repeat(20))).containsOnly(6).hasSize(8);
    }
  }

  @Test
  void gradientsFlowToInputsAndWeightsStayFrozen() {
    Torch.prepareThread();
    try (Pack pack = TestPacks.tiny();
        NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray latents =
          Torch.leaf(manager.create(pack.meanLatent().toArray(), new Shape(1, 4, 16)));
      NDArray planes = pack.run(Network.PLANES, latents);
      Torch.backward(planes.square().sum());
      assertThat(Torch.floats(Torch.gradient(latents)))
          .hasSize(64)
          .doesNotContain(Float.NaN)
          .satisfies(gradient -> assertThat(gradient).isNotEqualTo(new float[64]));
      float[] once = Torch.floats(planes);
      assertThat(Torch.floats(pack.run(Network.PLANES, latents))).containsExactly(once);
    }
  }

  @Test
  void aTruncatedFileIsNotLoaded() throws Exception {
    Path file = TestPacks.copy(directory).resolve("render.pt");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 100));
    assertRefused("render.pt has 33677 bytes; the manifest says 33777: the pack is truncated");
  }

  @Test
  void aFileOfAnotherHashIsNotLoaded() throws Exception {
    Path file = TestPacks.copy(directory).resolve("render.pt");
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
    assertRefused("it is not loaded");
  }

  @Test
  void aMissingFileIsNamed() throws Exception {
    Files.delete(TestPacks.copy(directory).resolve("pose.pt"));
    assertRefused("pose.pt is missing");
  }

  @Test
  void aLinkOutOfThePackIsNotFollowed() throws Exception {
    Path file = TestPacks.copy(directory).resolve("pose.pt");
    Files.delete(file);
    Files.createSymbolicLink(file, TestPacks.TINY.resolve("pose.pt").toAbsolutePath());
    assertRefused("no regular file");
  }

  @Test
  void aFileThatIsNoTorchScriptIsNamed() {
    TestPacks.copy(directory);
    PackCopy.replace(directory, "pose.pt", "no network".getBytes(StandardCharsets.UTF_8));
    assertRefused("pose.pt is no TorchScript file");
  }

  @Test
  void aFileThatIsNoTokenizerIsNamed() {
    TestPacks.copy(directory);
    PackCopy.replace(directory, "tokenizer.json", "{}".getBytes(StandardCharsets.UTF_8));
    assertRefused("tokenizer.json is no tokenizer");
  }

  @Test
  void anotherNetworkInTheFilesPlaceIsToldByItsShape() throws Exception {
    TestPacks.copy(directory);
    byte[] lighting = Files.readAllBytes(TestPacks.TINY.resolve("lighting.pt"));
    PackCopy.replace(directory, "identity.pt", lighting);
    assertRefused("network 'identity' returns (2, 9) for 2 rows; the manifest promises (2, 8)");
  }

  @Test
  void aManifestOfAnotherShapeIsToldByTheProbe() {
    TestPacks.copy(directory);
    PackCopy.edit(directory, manifest -> ((ObjectNode) manifest.path("planes")).put("channels", 5));
    assertRefused("network 'planes' returns (2, 3, 4, 8, 8)");
  }

  @Test
  void aNetworkThatDoesNotTakeItsInputIsNamed() throws Exception {
    TestPacks.copy(directory);
    byte[] prior = Files.readAllBytes(TestPacks.TINY.resolve("prior.pt"));
    PackCopy.replace(directory, "pose.pt", prior);
    assertRefused("network 'pose' does not run on 2 rows of what the manifest promises it");
  }

  @Test
  void rawNumbersMustBeAsManyAsPromisedAndFinite() {
    TestPacks.copy(directory);
    PackCopy.replace(directory, "mean_latent.f32", new byte[252]);
    assertRefused("mean_latent.f32 has 252 bytes; 64 float32 numbers are 256 bytes");
    ByteBuffer numbers = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    numbers.putFloat(12, Float.NaN);
    PackCopy.replace(directory, "mean_latent.f32", numbers.array());
    assertRefused("number 3 is NaN");
  }

  @Test
  void float64NetworksAreToldApart() {
    assertThatThrownBy(() -> Pack.load(TestPacks.TINY64, Device.cpu()))
        .isInstanceOf(PackException.class)
        .hasMessageContaining("planes");
  }

  @Test
  void aNetworkThatThePackLacksCannotBeRun() {
    TestPacks.copy(directory);
    PackCopy.edit(directory, manifest -> ((ObjectNode) manifest.path("networks")).remove("pose"));
    try (Pack pack = Pack.load(directory, Device.cpu())) {
      assertThat(pack.has(Network.POSE)).isFalse();
      assertThatThrownBy(() -> pack.run(Network.POSE))
          .isInstanceOf(PackException.class)
          .hasMessageContaining("pack 'tiny' has no network 'pose'");
    }
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> Pack.load(directory, Device.cpu()))
        .isInstanceOf(PackException.class)
        .hasMessageContaining(message);
  }
}
