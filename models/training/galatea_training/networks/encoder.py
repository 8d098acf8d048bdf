"""The encoder: picture → W+.

The encoder estimates the head's parameters and the light. The generator's mapping turns the parameters into styles that the
generator knows. The encoder then adds what the parameters leave out: to the styles, and as a map to the residual.
"""

import torch
from torch import nn
from torch.nn import functional as F

from .generator import Generator
from .latent import RESIDUAL, RESIDUAL_CHANNELS, STYLES, WIDTH, Basis
from .planes import doubled

_WIDE, _NARROW = 64, 48
#: Standardised parameters `[B,P]`, light `[B,9]`, what to add to the styles `[B,S·D]`, and the residual `[B,K,size,size]`.
Estimate = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


class Trunk(nn.Module):
    """Convolutions from 128² down to 4², dense layers, and a way back up to 32² for the residual.

    The way up (Ronneberger et al., "U-Net", 2015) tells every place of the residual what the whole picture shows.

    Args:
        params: P.
    """

    def __init__(self, params: int, hidden: int = 320):
        super().__init__()
        self.to_32 = nn.Sequential(*_block(3, 32), *_block(32, _WIDE, twice=True))
        self.to_16, self.to_8 = (nn.Sequential(*_block(*x, twice=True)) for x in ((_WIDE, 96), (96, 128)))
        self.to_4 = nn.Sequential(*_block(128, 160), nn.Conv2d(160, _NARROW, 1))
        self.dense, self.more = nn.Linear(_NARROW * 4 * 4, hidden), nn.Linear(hidden, hidden)
        self.params = nn.Linear(hidden, params)
        self.light = nn.Linear(hidden, 9)
        self.styles = nn.Linear(hidden, STYLES * WIDTH)
        self.from_8, self.from_16 = nn.Conv2d(128, _WIDE, 1), nn.Conv2d(96, _WIDE, 1)
        self.place, self.spread = nn.Conv2d(_WIDE, _WIDE, 3, padding=1), nn.Linear(hidden, _WIDE)
        self.again = nn.Conv2d(_WIDE, _WIDE, 3, padding=1)
        self.residual = nn.Conv2d(_WIDE, RESIDUAL_CHANNELS, 3, padding=1)
        for layer in (self.styles, self.residual):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, image: torch.Tensor) -> Estimate:
        """Pictures `[B,3,128,128]` in [-1, 1] → the estimate."""
        at_32 = self.to_32(image)
        at_16 = self.to_16(at_32)
        at_8 = self.to_8(at_16)
        hidden = F.leaky_relu(self.dense(self.to_4(at_8).flatten(1)), 0.2)
        hidden = hidden + F.leaky_relu(self.more(hidden), 0.2)
        coarse = doubled(doubled(self.from_8(at_8)) + self.from_16(at_16))
        places = F.leaky_relu(self.place(at_32) + self.spread(hidden)[:, :, None, None] + coarse, 0.2)
        places = places + F.leaky_relu(self.again(places), 0.2)
        return self.params(hidden), self.light(hidden), self.styles(hidden), self.residual(places)

    def hidden_layers(self) -> tuple[nn.Module, ...]:
        """The layers whose matrices Muon trains."""
        down = (self.to_32, self.to_16, self.to_8, self.to_4, self.dense, self.more)
        return *down, self.from_8, self.from_16, self.place, self.spread, self.again


def _block(inputs: int, channels: int, twice: bool = False) -> list[nn.Module]:
    """A convolution to half the size, and with ``twice`` another convolution."""
    block = [nn.Conv2d(inputs, channels, 3, stride=2, padding=1), nn.GroupNorm(8, channels), nn.LeakyReLU(0.2)]
    if twice:
        block += [nn.Conv2d(channels, channels, 3, padding=1), nn.GroupNorm(8, channels), nn.LeakyReLU(0.2)]
    return block


class Encoder(nn.Module):
    """Picture → W+.

    Args:
        generator: trained; the encoder uses its mapping, frozen.
        basis: coordinates of W+.
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
        self.layers, self.width = STYLES + RESIDUAL, WIDTH

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """[B,3,128,128] in [-1, 1] → W+ [B,L,D]."""
        return self.latent(self.trunk(image))

    def latent(self, estimate: Estimate) -> torch.Tensor:
        """W+ `[B,L,D]` of the trunk's estimate."""
        params, light, styles, residual = estimate
        person = torch.cat([self.out(self.mapping(params)) + styles, residual.flatten(1)], dim=1)
        last = F.pad(light, [0, self.width - 9])
        return torch.cat([person.view(-1, self.layers, self.width), last[:, None]], dim=1)
