"""Half precision inside a network, float32 at its edges."""

import torch
from torch import Tensor

#: What the command line calls them.
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}

#: Gradients are multiplied by this inside an fp16 network, so that those of single pixels (about 1e-6) stay normal
#: numbers (from 6e-5); exact, as it is a power of two. bf16 has float32's range and needs none.
FP16_GRADIENT_SCALE = 4096.0


def gradient_scale(half: str) -> float:
    """The factor for `scale_gradient` at the outputs of a network; its inverse belongs at the inputs."""
    return FP16_GRADIENT_SCALE if half == "fp16" else 1.0


def scale_gradient(x: Tensor, factor: float) -> Tensor:
    """x itself, whose gradient is multiplied by the factor on its way back."""
    if factor == 1.0:
        return x
    still = x.detach()
    return still + (x - still) * factor
