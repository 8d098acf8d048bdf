"""The identity network: a face recogniser trained by ArcFace, with its crop.

Deng et al. 2019, "ArcFace: Additive Angular Margin Loss for Deep Face Recognition". IR-SE50 is what FaceDNeRF uses;
MobileFaceNet, a fortieth of its size, is taken too.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .checkpoints.state import fill, leading, read_state
from .ir_se50 import IrSe50
from .mobilefacenet import MobileFaceNet
from .norm import UNUSED
from .pictures import IMAGENET, resized
from .precision import DTYPES, gradient_scale, scale_gradient
from .random_weights.state import random_state

#: Gradients are of the order of 1 where they enter: with more gain than this they could leave float16's range.
_MOST_GAIN = 64.0
#: Mean and deviation of pictures as they are.
_PLAIN = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


class Identity(nn.Module):
    """Picture → unit vector `[B,E]`. The cosine of two vectors measures how alike two people are.

    The face is rows 35 to 223 and columns 32 to 220 of the picture at 256 pixels, pooled to 112 (Richardson et al.
    2021, pSp; FaceDNeRF keeps it).

    Args:
        network: faces `[B,3,112,112]` → embeddings `[B,E]`.
        colours: mean and deviation of RGB in [-1, 1], by which the network's input is normalised.
        half: precision inside the network: "fp32", "fp16" or "bf16".
    """

    def __init__(self, network: nn.Module, colours: tuple[tuple[float, ...], tuple[float, ...]], half: str) -> None:
        super().__init__()
        self.dtype, self.gain = DTYPES[half], min(gradient_scale(half), _MOST_GAIN)
        self.network = network.to(self.dtype)
        mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in colours)
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def forward(self, image: Tensor) -> Tensor:
        face = F.adaptive_avg_pool2d(resized(image, 256)[:, :, 35:223, 32:220], [112, 112])
        face = scale_gradient((face - self.mean) / self.deviation, 1.0 / self.gain).to(self.dtype)
        return F.normalize(scale_gradient(self.network(face).to(self.mean.dtype), self.gain), dim=1)


def load(path: Path, half: str = "fp32") -> Identity:
    """The identity network from a checkpoint.

    Args:
        path: `model_ir_se50.pth` of InsightFace-PyTorch, or `mobilefacenet.pt`.
        half: precision inside the network: "fp32", "fp16" or "bf16".

    Raises:
        CheckpointError: a key is missing or unknown, or a shape differs.
    """
    state = read_state(path)
    mobile = "gdconv.depthwise.weight" in state
    first, last = ("conv1.0.weight", "conv3.weight") if mobile else ("input_layer.0.weight", "output_layer.3.weight")
    with torch.device("meta"):
        network = (MobileFaceNet if mobile else IrSe50)(leading(state, first, path), leading(state, last, path))
    return Identity(fill(network, state, path, [UNUSED]), IMAGENET if mobile else _PLAIN, half).eval()


def width_of(identity: Identity) -> int:
    """E, the length of an embedding."""
    return identity.network.embedding


def random_checkpoint(path: Path, seed: int, reduced: bool) -> None:
    """Writes an IR-SE50 checkpoint with seeded random weights.

    Args:
        reduced: a few channels instead of the published widths.
    """
    torch.save(random_state(IrSe50(2, 16) if reduced else IrSe50(), seed), path)
