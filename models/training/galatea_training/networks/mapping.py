"""The mapping network of the pack: normal numbers → W+ of a random person."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..render import heads
from .latent import LAYERS, WIDTH
from .latent_mapper import TRAITS, ParameterMapping, trait_of

#: Normal numbers that choose a person: one for each trait, and one for everything that no text speaks of.
NOISE = len(TRAITS) + 1


class RandomPerson(nn.Module):
    """Normal numbers `[B,Z]` → W+ `[B,L,D]` of a random person: the pack's network `mapping`.

    The network takes the place of StyleGAN's mapping network (Karras et al., "A Style-Based Generator Architecture", 2019). Each
    number chooses the head that one trait is taken from. The heads are neutral: no glasses, no beard, a closed mouth.

    Args:
        mapped: the generator's mapping.
        bank: standardised parameters `[N,P]` of neutral heads.
    """

    def __init__(self, mapped: ParameterMapping, bank: Tensor) -> None:
        super().__init__()
        self.mapped, self.layers, self.width = mapped, LAYERS, WIDTH
        self.register_buffer("bank", bank.half())
        own = torch.tensor([trait_of(name) for name in heads.NAMES])
        self.register_buffer("trait", torch.where(own < 0, len(TRAITS), own))

    def forward(self, noise: Tensor) -> Tensor:
        chosen = (0.5 + 0.5 * torch.erf(noise * 0.70710678)) * self.bank.shape[0]
        heads_chosen = chosen.long().clamp(0, self.bank.shape[0] - 1)[:, self.trait]
        z = torch.gather(self.bank.to(noise.dtype), 0, heads_chosen)
        coordinates = self.mapped(z)
        whole = F.pad(coordinates, [0, self.layers * self.width - coordinates.shape[1]])
        return whole.view(-1, self.layers, self.width)
