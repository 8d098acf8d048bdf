"""The mapping network of the pack: normal numbers → W+ of a random person.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..render import heads
from .latent import LAYERS, WIDTH
from .latent_mapper import TRAITS, ParameterMapping, trait_of

#: Normal numbers that choose somebody: one for each trait, and one for what no text speaks of.
NOISE = len(TRAITS) + 1


class RandomPerson(nn.Module):
    """Normal numbers [B,Z] → W+ [B,L,D] of somebody: each trait is that of one of many heads, chosen by a number of its own.

    It is what a generator's mapping network is elsewhere (Karras et al., "A Style-Based Generator Architecture", 2019). RandomPerson
    are plain, so that what a text does not speak of does not catch the eye: no glasses, no beard, a closed mouth at rest.

    Args:
        mapped: the generator's mapping.
        bank: standardised parameters [N,P] of plain heads.
    """

    def __init__(self, mapped: ParameterMapping, bank: Tensor) -> None:
        super().__init__()
        self.mapped, self.rows, self.width = mapped, LAYERS, WIDTH
        self.register_buffer("bank", bank.half())
        own = torch.tensor([trait_of(name) for name in heads.NAMES])
        self.register_buffer("trait", torch.where(own < 0, len(TRAITS), own))

    def forward(self, noise: Tensor) -> Tensor:
        chosen = (0.5 + 0.5 * torch.erf(noise * 0.70710678)) * self.bank.shape[0]
        rows = chosen.long().clamp(0, self.bank.shape[0] - 1)[:, self.trait]
        z = torch.gather(self.bank.to(noise.dtype), 0, rows)
        by_row = self.mapped(z)
        return F.pad(by_row, [0, self.rows * self.width - by_row.shape[1]]).view(-1, self.rows, self.width)
