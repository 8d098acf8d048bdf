"""The lighting network: DPR's estimate of the light in a portrait.

Zhou et al. 2019, "Deep Single-Image Portrait Relighting". The names are those of `trained_model_03.t7`, which is a
state dict that `torch.save` wrote. Only the way to the light is built: the hourglass's descent and the light's head;
the relighting half of the checkpoint is neither run nor stored.

**From DPR's light to the pack's.** DPR's axes are X right, Y into the scene, Z up in the picture, and its order is
1, Y, Z, X, XY, YZ, 3Z²−1, XZ, X²−Y² with the orthonormal constants of the pack contract. The pack's picture frame has
x right, y up and z towards the camera, so (X, Y, Z) = (x, −z, y). In DPR's basis this gives, by its coefficients c,

    order 0:  L₀₀ = c₀
    order 1:  y: c₂    z: −c₁    x: c₃
    order 2:  xy: c₇    yz: −c₅    xz: −c₄    3z²−1: −c₆/2 − c₈√3/2    x²−y²: −c₆√3/2 + c₈/2

where the last two follow from 3y²−1 = −(3z²−1)/2 − 3(x²−y²)/2 and x²−z² = −(3z²−1)/2 + (x²−y²)/2 on the unit sphere.
DPR's shading of a normal n is Σ A_l c_lm Y_lm(n), the pack's is Σ (A_l/π) L_lm Y_lm(n): hence L = π c.
DPR shades encoded lightness, the pack linear radiance: contrasts come out softer than the linear light's. They are not
stretched here, since how bright DPR takes a scene to be depends on the skin.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .checkpoints.state import fill, leading, read_state
from .norm import UNUSED, FrozenNorm
from .pictures import resized
from .precision import DTYPES, gradient_scale, scale_gradient
from .random_weights.state import random_state

#: The side that the network was trained at: its estimate is wrong at any other.
SIZE = 512
#: Channels of the bottom that the light is read from.
LIGHT_CHANNELS = 27
#: Gradients are of the order of 1 where they enter: with more gain than this they could leave float16's range.
_MOST_GAIN = 64.0
#: Parts of the checkpoint that relight, and the shortcut that was never used.
_RELIGHTING = (r"HG\d\.(upper|low2|middle)\..*", r"light\.post_.*", r"(conv|bn)_\d\..*", r"output\..*")
_NOT_RUN = (*_RELIGHTING, r"HG3\.low1\.shortcuts\..*", UNUSED)


class Block(nn.Module):
    """Two convolutions with normalisation beside a shortcut.

    Where the channels stay, the shortcut is the identity: the checkpoint has a convolution for it that was never used.
    """

    def __init__(self, enter: int, leave: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(enter, leave, 3, 1, 1, bias=False)
        self.bn1 = FrozenNorm(leave)
        self.conv2 = nn.Conv2d(leave, leave, 3, 1, 1, bias=False)
        self.bn2 = FrozenNorm(leave)
        self.shortcuts = nn.Identity() if enter == leave else nn.Conv2d(enter, leave, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))) + self.shortcuts(x))


class Level(nn.Module):
    """One step down the hourglass: half the side, then a block."""

    def __init__(self, enter: int, leave: int) -> None:
        super().__init__()
        self.low1 = Block(enter, leave)

    def forward(self, x: Tensor) -> Tensor:
        return self.low1(F.max_pool2d(x, 2))


class LightHead(nn.Module):
    """Features of the bottom `[B,C,h,w]` → DPR's light `[B,9]`."""

    def __init__(self) -> None:
        super().__init__()
        self.channels = LIGHT_CHANNELS
        self.predict_FC1 = nn.Conv2d(LIGHT_CHANNELS, 128, 1, bias=False)
        self.predict_relu1 = nn.PReLU()
        self.predict_FC2 = nn.Conv2d(128, 9, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        means = x[:, : self.channels].mean([2, 3], keepdim=True)
        return self.predict_FC2(self.predict_relu1(self.predict_FC1(means))).flatten(1)


class Descent(nn.Module):
    """Lightness `[B,1,512,512]`, L*/100 → DPR's light `[B,9]`, in DPR's axes and order.

    Args:
        width: channels of the first convolution; the published network has 16.
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.pre_conv = nn.Conv2d(1, width, 5, 1, 2)
        self.pre_bn = FrozenNorm(width)
        self.HG3 = Level(width, width)
        self.HG2 = Level(width, 2 * width)
        self.HG1 = Level(2 * width, 4 * width)
        self.HG0 = Level(4 * width, 8 * width + LIGHT_CHANNELS)
        self.light = LightHead()

    def forward(self, lightness: Tensor) -> Tensor:
        x = torch.relu(self.pre_bn(self.pre_conv(lightness)))
        return self.light(self.HG0(self.HG1(self.HG2(self.HG3(x)))))


class Lighting(nn.Module):
    """Picture → light `[B,9]` in the picture's frame, by the pack contract."""

    def __init__(self, network: Descent, half: str = "fp32") -> None:
        super().__init__()
        self.dtype, self.gain, self.size = DTYPES[half], min(gradient_scale(half), _MOST_GAIN), SIZE
        self.network = network.to(self.dtype)
        self.register_buffer("from_dpr", torch.pi * dpr_to_picture())

    def forward(self, image: Tensor) -> Tensor:
        bright = scale_gradient(lightness(resized(image, self.size)), 1.0 / self.gain).to(self.dtype)
        light = scale_gradient(self.network(bright).to(self.from_dpr.dtype), self.gain)
        return light @ self.from_dpr.t()


def lightness(image: Tensor) -> Tensor:
    """L*/100 of CIE 1976 `[B,1,S,S]` from sRGB `[B,3,S,S]` in [-1, 1] under D65.

    Colours outside [-1, 1] go on smoothly: both curves are linear below their knee, and no power sees what is beneath.
    """
    encoded = 0.5 * image + 0.5
    curve = ((encoded.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    linear = torch.where(encoded > 0.04045, curve, encoded / 12.92)
    y = (0.2126 * linear[:, 0] + 0.7152 * linear[:, 1] + 0.0722 * linear[:, 2]).unsqueeze(1)
    knee = 216.0 / 24389.0
    return torch.where(y > knee, 1.16 * y.clamp(min=knee) ** (1.0 / 3.0) - 0.16, 243.89 / 27.0 * y)


def dpr_to_picture() -> Tensor:
    """The orthogonal matrix [9,9] that takes SH in DPR's axes and order into the pack's (see above)."""
    matrix = torch.zeros(9, 9)
    for row, column, factor in (
        (0, 0, 1.0),
        (1, 2, 1.0),
        (2, 1, -1.0),
        (3, 3, 1.0),
        (4, 7, 1.0),
        (5, 5, -1.0),
        (6, 6, -0.5),
        (6, 8, -(3.0**0.5) / 2),
        (7, 4, -1.0),
        (8, 6, -(3.0**0.5) / 2),
        (8, 8, 0.5),
    ):
        matrix[row, column] = factor
    return matrix


def load(path: Path, half: str = "fp32") -> Lighting:
    """The lighting network from DPR's checkpoint.

    Args:
        path: `trained_model_03.t7`, the network for pictures of 512 pixels.
        half: precision inside the network: "fp32", "fp16" or "bf16".

    Raises:
        CheckpointError: a key is missing or unknown, or a shape differs.
    """
    state = read_state(path)
    with torch.device("meta"):
        network = Descent(leading(state, "pre_conv.weight", path))
    return Lighting(fill(network, state, path, _NOT_RUN), half).eval()


def random_checkpoint(path: Path, seed: int, reduced: bool) -> None:
    """Writes a DPR checkpoint with seeded random weights, with the tensors that the export uses.

    Args:
        reduced: a few channels instead of the published widths.
    """
    torch.save(random_state(Descent(4 if reduced else 16), seed), path)
