"""The identity and the perceptual network, which share a trunk.

Batch normalisation exists in training only; ``folded`` merges it into the convolutions for export.
"""

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

IDENTITY = 64
STAGES = (24, 32, 64, 96)


class Conv(nn.Module):
    """Convolution 3x3, batch normalisation, SiLU; with a residual path where the shape stays."""

    def __init__(self, enter: int, leave: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(enter, leave, 3, stride=stride, padding=1)
        self.norm = nn.BatchNorm2d(leave)
        self.residual = stride == 1 and enter == leave

    def forward(self, x: Tensor) -> Tensor:
        hidden = F.silu(self.norm(self.conv(x)))
        return x + hidden if self.residual else hidden


class Trunk(nn.Module):
    """Picture `[B,3,128,128]` to three scales: `[B,24,64,64]`, `[B,32,32,32]`, `[B,64,16,16]`."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, _ = STAGES
        self.stage_1 = Conv(3, a, 2)
        self.stage_2 = nn.Sequential(Conv(a, b, 2), Conv(b, b))
        self.stage_3 = nn.Sequential(Conv(b, c, 2), Conv(c, c))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        first = self.stage_1(image)
        second = self.stage_2(first)
        return first, second, self.stage_3(second)


class Crown(nn.Module):
    """The trunk's last scale `[B,64,16,16]` to a flat `[B,1536]`."""

    def __init__(self) -> None:
        super().__init__()
        _, _, c, d = STAGES
        self.layers = nn.Sequential(Conv(c, d, 2), Conv(d, d), Conv(d, d, 2))
        self.width = 16 * d

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x).flatten(1)


class Identity(nn.Module):
    """Picture to a unit vector `[B,64]`, alike for one person under any light, camera, hair, beard or glasses."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk, self.crown = trunk, Crown()
        self.embed = nn.Linear(self.crown.width, IDENTITY)

    def forward(self, image: Tensor) -> Tensor:
        return F.normalize(self.embed(self.crown(self.trunk(image)[2])), dim=1)


class Perceptual(nn.Module):
    """Picture to features `[B,F]`: the trunk's two coarser scales with unit channels (Zhang et al. 2018, LPIPS) and pixels.

    The scale of a part makes the part's mean squared distance between two heads equal to its weight.
    """

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk = trunk
        self.register_buffer("scales", torch.ones(4))

    def forward(self, image: Tensor) -> Tensor:
        parts = self.parts(image)
        return torch.cat([part * scale for part, scale in zip(parts, self.scales.unbind())], 1)

    def parts(self, image: Tensor) -> list[Tensor]:
        """The unscaled parts, each `[B, its length]`: two scales of features, pixels, means over 8x8 pixels."""
        _, second, third = self.trunk(image)
        smooth = F.avg_pool2d(image, 8).flatten(1)
        return [unit_channels(second), unit_channels(third), image.flatten(1), smooth]


def unit_channels(features: Tensor) -> Tensor:
    """Features `[B,C,H,W]` with unit length over the channels at each place, flattened to `[B,C·H·W]`."""
    return (features * torch.rsqrt(features.square().sum(1, keepdim=True) + 1e-2)).flatten(1)


def folded(network: nn.Module) -> nn.Module:
    """A frozen copy in eval mode, with every batch normalisation merged into its convolution."""
    network = copy.deepcopy(network).eval()
    for module in network.modules():
        if isinstance(module, Conv):
            module.conv = nn.utils.fuse_conv_bn_eval(module.conv, module.norm)
            module.norm = nn.Identity()
    return network.requires_grad_(False)
