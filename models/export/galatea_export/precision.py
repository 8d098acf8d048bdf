"""Half precision inside a network, with float32 inputs and outputs."""

import torch
from torch import Tensor

#: Types by their names on the command line.
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}

#: Gradients are multiplied by this inside an fp16 network, so that those of single pixels (about 1e-6) stay normal
#: numbers (from 6e-5); exact, as it is a power of two. bf16 has float32's range and needs none.
FP16_GRADIENT_SCALE = 4096.0


def gradient_scale(half: str) -> float:
    """The factor of `scale_gradient` at a network's outputs; its inverse belongs at the inputs."""
    return FP16_GRADIENT_SCALE if half == "fp16" else 1.0


def scale_gradient(x: Tensor, factor: float) -> Tensor:
    """Returns x and multiplies the gradient that flows back by the factor."""
    if factor == 1.0:
        return x
    still = x.detach()
    return still + (x - still) * factor
