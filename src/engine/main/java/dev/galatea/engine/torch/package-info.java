/** The door to libtorch: devices, memory, arrays, and gradients through TorchScript. */
package dev.galatea.engine.torch;
