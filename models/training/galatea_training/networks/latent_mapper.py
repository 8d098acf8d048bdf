"""The latent mapper: W+ and a text → W+ of the same avatar after the edit that the text asks for.

A latent mapper finds the result of a prompt in one pass, and score distillation then starts from it (StyleCLIP: Patashnik et
al., "Text-Driven Manipulation of StyleGAN Imagery", 2021). This mapper reads the head's parameters from W+ and changes the
parameters that the text speaks of. It adds the resulting difference of the generator's mapping to W+, so that everything
without a parameter stays.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..render import heads
from .generator import Generator
from .latent import STYLES, Basis

#: Coordinates of W+ that the mapper uses: the first principal axes. Heads hardly differ along the others.
AXES = 256
#: Groups of parameters of which one is set: the prefix of their names, and whether all may be unset.
CHOICES = (("skin:", False), ("hair:", False), ("eye:", False), ("glasses_", True), ("beard_", True))
NEVER_CHOSEN = ("glasses_size", "glasses_thickness", "glasses_red", "glasses_green", "glasses_blue", "beard_reach")
TRAITS = tuple(heads.TRAITS)
#: Factors on the change of a trait's numbers: the generator draws some changes smaller than they are.
REACH = {"smile": 1.4}


def trait_of(name: str) -> int:
    """Index in ``TRAITS`` of a parameter's trait; -1 for a parameter that no text speaks of."""
    return next((i for i, (start, _) in enumerate(heads.TRAITS.values()) if name.startswith(start)), -1)


def choice_of(name: str) -> int:
    """Index in ``CHOICES`` of a parameter's group; -1 for a number of its own."""
    if name in NEVER_CHOSEN:
        return -1
    return next((i for i, (start, _) in enumerate(CHOICES) if name.startswith(start)), -1)


def layers(*widths: int) -> nn.Sequential:
    """Linear layers with leaky rectifiers between them."""
    parts: list[nn.Module] = []
    for enter, leave in zip(widths, widths[1:]):
        parts += [nn.Linear(enter, leave), nn.LeakyReLU(0.2)]
    return nn.Sequential(*parts[:-1])


class ParameterMapping(nn.Module):
    """Standardised parameters `[B,P]` → coordinates of W+ `[B,AXES]`: the generator's mapping in the basis of W+.

    Args:
        generator: trained.
        basis: of W+.
    """

    def __init__(self, generator: Generator, basis: Basis) -> None:
        super().__init__()
        mapping, back = generator.mapping, basis.inverse()[:, :AXES]
        self.net = mapping.net
        self.out = nn.Linear(mapping.out.in_features, AXES)
        self.out.weight.data.copy_((mapping.out.weight.T @ back).T)
        self.out.bias.data.copy_((mapping.out.bias - basis.mean) @ back)
        self.requires_grad_(False)

    def forward(self, z: Tensor) -> Tensor:
        return self.out(self.net(z))


class RequestedEdit(nn.Module):
    """Standardised parameters `[B,P]`, as read from W+, and conditioning `[B,T,E]` → the change that a text asks for.

    For a trait that changes, the network estimates the present parameters again: the request for a change says more about them
    than W+ alone.
    """

    def __init__(self, text: int, hidden: int = 256) -> None:
        super().__init__()
        self.net = layers(text + len(heads.NAMES), hidden, hidden, len(TRAITS) + 2 * len(heads.NAMES))
        self.parts = [len(TRAITS), len(heads.NAMES), len(heads.NAMES)]

    def forward(self, z: Tensor, conditioning: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits `[B,TRAITS]` of a change of each trait; standardised parameters `[B,P]` after and before the change."""
        logits, after, before = self.net(torch.cat([z, conditioning.sum(1) / 4.0], dim=1)).split(self.parts, dim=1)
        return logits, after, before


class LatentMapper(nn.Module):
    """W+ `[B,L,D]` and conditioning `[B,T,E]` → W+ `[B,L,D]`: the pack's network `latent_mapper`.

    Args:
        mapped: the generator's mapping.
        mean, scale: of the standardisation of parameters, `[P]` each.
        text: E, width of the conditioning.
    """

    def __init__(self, mapped: ParameterMapping, mean: Tensor, scale: Tensor, text: int) -> None:
        super().__init__()
        self.mapped, self.styles, self.axes = mapped, STYLES, AXES
        self.read = layers(AXES, 384, 384, len(heads.NAMES))
        self.wishes = RequestedEdit(text)
        self.register_buffer("mean", mean.clone())
        self.register_buffer("scale", scale.clone())
        self.register_buffer("trait", torch.tensor([trait_of(name) for name in heads.NAMES]))
        self.register_buffer("choice", torch.tensor([choice_of(name) for name in heads.NAMES]))
        reach = [1.0 if choice_of(name) >= 0 or trait_of(name) < 0 else REACH.get(TRAITS[trait_of(name)], 1.0) for name in heads.NAMES]
        self.register_buffer("reach", torch.tensor(reach), persistent=False)
        self.may_be_none = [none for _, none in CHOICES]

    def forward(self, w: Tensor, conditioning: Tensor) -> Tensor:
        z = self.read(w[:, : self.styles].flatten(1)[:, : self.axes])
        after, before = self.edited(z, conditioning)
        moved = self.mapped(after) - self.mapped(before)
        whole = F.pad(moved, [0, w[0].numel() - self.axes])
        return w + whole.view_as(w)

    def edited(self, z: Tensor, conditioning: Tensor) -> tuple[Tensor, Tensor]:
        """Standardised parameters `[B,P]` after and before the edit, from the parameters z that were read."""
        logits, after, before = self.wishes(z, conditioning)
        changed = F.pad((logits > 0).to(z.dtype), [0, 1])[:, self.trait]
        after, before = self.settled(after), self.settled(before)
        return torch.lerp(z, torch.lerp(before, after, self.reach), changed), torch.lerp(z, before, changed)

    def settled(self, z: Tensor) -> Tensor:
        """Standardised parameters `[B,P]` with exactly one parameter set in each group, or none where that is allowed."""
        values = z / self.scale + self.mean
        for i, none in enumerate(self.may_be_none):
            among = self.choice == i
            best, place = values.masked_fill(~among, -1e4).max(dim=1, keepdim=True)
            one = torch.zeros_like(values).scatter(1, place, 1.0)
            values = torch.where(among, one, values)
            if none:
                same = self.trait == self.trait[place[0, 0]]
                values = torch.where(same & (best < 0.5), torch.zeros_like(values), values)
        return (values - self.mean) * self.scale
