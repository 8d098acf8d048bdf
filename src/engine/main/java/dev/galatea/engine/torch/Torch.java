package dev.galatea.engine.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The few things that refinement needs of libtorch and that DJL's public interface does not give:
 * gradients through TorchScript, on any thread.
 *
 * <p>DJL loads modules for inference and collects gradients for one trainer per process. Here a
 * module is loaded so that gradients pass through it while its own weights stay frozen, and each
 * thread differentiates for itself.
 */
public final class Torch {
  private static final Pattern ERROR = Pattern.compile("^\\w*(Error|Exception): ");

  /**
   * What the allocators of libtorch say, and the CUDA libraries that allocate for themselves:
   * cuBLAS and, from its version 9, cuDNN.
   */
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile(
          "out of memory|can't allocate memory|not enough memory|_ALLOC_FAILED|_ALLOCATION_FAILED",
          Pattern.CASE_INSENSITIVE);

  static {
    stayOffline();
  }

  private Torch() {}

  /** DJL asks the network for versions and counts its users unless it is told not to. */
  public static void stayOffline() {
    setIfAbsent("ai.djl.offline", "true");
    setIfAbsent("OPT_OUT_TRACKING", "true");
  }

  /**
   * Readies the calling thread: gradients on, TorchScript's optimiser off (it compiles for seconds
   * and gains nothing here), and one thread for each native call, since threads that step different
   * rows use the cores better than one call that is split among them.
   */
  public static void prepareThread() {
    engine();
    JniUtils.setGradMode(true);
    JniUtils.setGraphExecutorOptimize(false);
    if (JniUtils.getNumThreads() != 1) {
      JniUtils.setNumThreads(1);
    }
  }

  /** A manager at the root of the tree, on the device; to be closed by the caller. */
  public static NDManager newManager(Device device) {
    return engine().newBaseManager(device);
  }

  /** How many GPUs DJL sees. */
  static int gpuCount() {
    return engine().getGpuCount();
  }

  /** Loads libtorch at the first call. */
  private static Engine engine() {
    return Engine.getEngine("PyTorch");
  }

  /** Whether libtorch failed because its device has too little memory. */
  public static boolean isOutOfMemory(EngineException failure) {
    return OUT_OF_MEMORY.matcher(String.valueOf(failure.getMessage())).find();
  }

  /** Gives back what libtorch keeps of a GPU's memory without using it. */
  public static void releaseUnused(Device device) {
    if (device.isGpu()) {
      JniUtils.emptyCudaCache();
    }
  }

  public static PtSymbolBlock load(NDManager manager, Path file) {
    PtSymbolBlock block =
        JniUtils.loadModule((PtNDManager) manager, file, false, new String[0], new String[0], true);
    block.freezeParameters(true);
    return block;
  }

  /** Runs a module. The result belongs to the first input's manager. */
  public static NDArray forward(PtSymbolBlock block, NDArray... inputs) {
    return IValueUtils.forward(block, new NDList(inputs), true).singletonOrThrow();
  }

  /**
   * An array of the given numbers, rounded to the type, in memory of libtorch's own.
   *
   * <p>DJL's {@code create} lends libtorch memory of a Java buffer, which is freed by the garbage
   * collection after the array's close, whatever autograd still holds of it. Only here is it used.
   */
  public static NDArray array(NDManager manager, DataType type, Shape shape, float[] values) {
    NDArray array = owned(manager.create(values, shape));
    return type == DataType.FLOAT32 ? array : array.toType(type, false);
  }

  /** An int64 array of the given numbers, in memory of libtorch's own. */
  public static NDArray array(NDManager manager, Shape shape, long[] values) {
    return owned(manager.create(values, shape));
  }

  private static NDArray owned(NDArray lent) {
    try (lent) {
      return lent.duplicate();
    }
  }

  /**
   * Another handle on an array, without its graph, that belongs to the owner: what is made of an
   * array belongs to that array's manager.
   */
  public static NDArray handle(NDManager owner, NDArray array) {
    NDArray handle = array.stopGradient();
    handle.attach(owner);
    return handle;
  }

  /**
   * The array divided by a number, differentiable. DJL's {@code div(Number)} and its like are not:
   * autograd keeps the number, which lies in lent memory (see {@link #array}), for the way back.
   */
  public static NDArray divided(NDArray array, float divisor) {
    return array.div(array.getManager().full(new Shape(), divisor, array.getDataType()));
  }

  /** The numbers of an array, row-major and rounded to float32. */
  public static float[] floats(NDArray array) {
    return array.getDataType() == DataType.FLOAT32
        ? array.toFloatArray()
        : array.toType(DataType.FLOAT32, false).toFloatArray();
  }

  /** The same numbers as a leaf of a new graph, whose gradient {@link #gradient} can be asked. */
  public static NDArray leaf(NDArray array) {
    NDArray leaf = array.stopGradient();
    leaf.setRequiresGradient(true);
    return leaf;
  }

  /** Differentiates a scalar with respect to every leaf that it was made of. */
  public static void backward(NDArray scalar) {
    try (NDArray one = scalar.onesLike()) {
      JniUtils.backward((PtNDArray) scalar, (PtNDArray) one, false, false);
    }
  }

  /** What {@link #backward} left at a leaf; zeros where no gradient reached it. */
  public static NDArray gradient(NDArray leaf) {
    return leaf.getGradient();
  }

  /** Runs without recording a graph. */
  public static <T> T withoutGradient(Supplier<T> work) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(false);
    try {
      return work.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /**
   * What went wrong, in one line. libtorch tells it after the places in a script that led to it,
   * and before those in its own code.
   */
  public static String reason(Exception e) {
    List<String> lines = String.valueOf(e.getMessage()).lines().filter(s -> !s.isBlank()).toList();
    return lines.stream()
        .filter(line -> ERROR.matcher(line).find())
        .findFirst()
        .or(() -> lines.stream().findFirst())
        .orElse("");
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
