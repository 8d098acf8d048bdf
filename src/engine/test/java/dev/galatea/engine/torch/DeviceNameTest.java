package dev.galatea.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceNameTest {
  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu", "gpu:0", "gpu:15", "gpu:9999"})
  void aNameInTheNotationIsWellFormed(String name) {
    assertThat(DeviceName.isWellFormed(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tpu", "gpu:", "gpu:-1", "gpu:10000", "cpu:0", "GPU"})
  void anythingElseIsRefusedWithTheNotation(String name) {
    assertThat(DeviceName.isWellFormed(name)).isFalse();
    assertThatThrownBy(() -> DeviceName.resolve(name))
        .isInstanceOf(DeviceException.class)
        .hasMessage("'%s' is no device; use cpu, gpu or gpu:<index>", name);
  }

  @Test
  void aDeviceThatDoesNotExistIsToldWithHowManyThereAre() {
    assertThat(DeviceName.resolve("cpu")).isEqualTo(Device.cpu());
    assertThatThrownBy(() -> DeviceName.resolve("gpu:97"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("there is no device 'gpu:97': DJL sees");
  }
}
