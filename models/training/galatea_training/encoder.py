"""The encoder: a picture → W+ to start from.

It estimates the head's parameters and the light. The parameters go through the generator's mapping, so that the answer
lies among latents that the generator knows; what they leave out is added to it.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from .generator import STYLES, WIDTH, Basis, Generator
from .training import weights

_CHANNELS = (32, 64, 96, 128, 160)
_NARROW = 48


class Trunk(nn.Module):
    """Five strided convolutions, a narrowing one and two dense layers over a picture [B,3,128,128].

    Args:
        params: P.
    """

    def __init__(self, params: int, hidden: int = 320):
        super().__init__()
        inputs, blocks = 3, []
        for channels in _CHANNELS:
            blocks += [nn.Conv2d(inputs, channels, 3, stride=2, padding=1), nn.GroupNorm(8, channels), nn.LeakyReLU(0.2)]
            if channels in (64, 96, 128):
                blocks += [nn.Conv2d(channels, channels, 3, padding=1), nn.GroupNorm(8, channels), nn.LeakyReLU(0.2)]
            inputs = channels
        self.blocks = nn.Sequential(*blocks, nn.Conv2d(inputs, _NARROW, 1))
        self.dense = nn.Linear(_NARROW * 4 * 4, hidden)
        self.params = nn.Linear(hidden, params)
        self.light = nn.Linear(hidden, 9)
        self.detail = nn.Linear(hidden, STYLES * WIDTH)
        nn.init.zeros_(self.detail.weight)
        nn.init.zeros_(self.detail.bias)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """[B,3,128,128] in [-1, 1] → standardised parameters [B,P] and light [B,9], and what to add to W+ [B,(L−1)·D]."""
        hidden = F.leaky_relu(self.dense(self.blocks(image).flatten(1)), 0.2)
        return self.params(hidden), self.light(hidden), self.detail(hidden)


class Encoder(nn.Module):
    """Picture → W+.

    Args:
        generator: whose mapping is used, frozen.
        basis: of W+.
    """

    def __init__(self, generator: Generator, basis: Basis):
        super().__init__()
        mapping = generator.mapping
        self.trunk = Trunk(len(mapping.mean))
        self.mapping = mapping.net
        back = basis.inverse()
        self.out = nn.Linear(mapping.out.in_features, mapping.out.out_features)
        self.out.weight.data.copy_((mapping.out.weight.T @ back).T)
        self.out.bias.data.copy_((mapping.out.bias - basis.mean) @ back)
        for part in (self.mapping, self.out):
            part.requires_grad_(False)
        self.styles, self.width = STYLES, WIDTH

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """[B,3,128,128] in [-1, 1] → W+ [B,L,D]."""
        params, light, detail = self.trunk(image)
        return self.latent(params, light, detail)

    def latent(self, params: torch.Tensor, light: torch.Tensor, detail: torch.Tensor) -> torch.Tensor:
        """W+ [B,L,D] of what the trunk found."""
        person = (self.out(self.mapping(params)) + detail).view(-1, self.styles, self.width)
        row = F.pad(light, [0, self.width - 9])
        return torch.cat([person, row[:, None]], dim=1)


def load_encoder(checkpoint: Path, generator: Generator, basis: Basis) -> Encoder:
    """The averaged encoder of a checkpoint, frozen."""
    encoder = Encoder(generator, basis)
    encoder.trunk.load_state_dict(weights(checkpoint))
    return encoder.eval().requires_grad_(False)
