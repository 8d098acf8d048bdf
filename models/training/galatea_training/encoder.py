"""The encoder: a picture → W+ to start from.

It estimates the head's parameters and the light, and maps them with the generator's frozen mapping, so that its
answers stay among latents that the generator knows.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from .generator import Generator, Mapping

_CHANNELS = (32, 64, 96, 128, 160)
_NARROW = 32


class Trunk(nn.Module):
    """Five strided convolutions, a narrowing one and two dense layers: picture [B,3,128,128] → standardised parameters [B,P+9]."""

    def __init__(self, outputs: int, hidden: int = 256):
        super().__init__()
        inputs, blocks = 3, []
        for channels in _CHANNELS:
            blocks += [nn.Conv2d(inputs, channels, 3, stride=2, padding=1), nn.GroupNorm(8, channels), nn.LeakyReLU(0.2)]
            inputs = channels
        self.blocks = nn.Sequential(*blocks, nn.Conv2d(inputs, _NARROW, 1))
        self.dense = nn.Linear(_NARROW * 4 * 4, hidden)
        self.out = nn.Linear(hidden, outputs)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """[B,3,128,128] in [-1, 1] → [B,P+9]."""
        return self.out(F.leaky_relu(self.dense(self.blocks(image).flatten(1)), 0.2))


class Encoder(nn.Module):
    """Picture → W+.

    Args:
        mapping: the generator's, with its standardisation of the inputs.
    """

    def __init__(self, mapping: Mapping):
        super().__init__()
        self.mapping = mapping
        self.trunk = Trunk(len(mapping.mean))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """[B,3,128,128] in [-1, 1] → W+ [B,L,D]."""
        return self.mapping(self.trunk(image) / self.mapping.scale + self.mapping.mean)


def load_encoder(checkpoint: Path, generator: Generator) -> Encoder:
    """The averaged encoder of a checkpoint on a generator's mapping, frozen."""
    encoder = Encoder(generator.mapping)
    encoder.trunk.load_state_dict(torch.load(checkpoint, weights_only=True)["average"])
    return encoder.eval().requires_grad_(False)
