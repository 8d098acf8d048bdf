package dev.galatea.engine.latent;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

/** A file is read by an independent reader, which is DJL's. */
class NpzFileTest {
  @Test
  void aMatrixComesBackWithItsNameItsShapeAndItsNumbers() {
    float[] values = {1, -2.5f, Float.MIN_VALUE, 4, 5, 1e30f};
    byte[] file = NpzFile.of("w_plus", values, 2);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDList read = NDList.decode(manager, file);
      assertThat(read).hasSize(1);
      assertThat(read.get(0).getName()).isEqualTo("w_plus");
      assertThat(read.get(0).getShape()).isEqualTo(new Shape(2, 3));
      assertThat(read.get(0).toFloatArray()).isEqualTo(values);
    }
    assertThat(NpzFile.of("w_plus", values, 2)).isEqualTo(file);
  }
}
