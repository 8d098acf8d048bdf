"""How foreign a photo is to a pack, and how a refinement holds back because of it.

The encoder of a pack answers a picture of the pack's own kind with a latent that nearly draws it. The rest that it leaves
out grows several times for a picture that the pack was not made for. So the distance between a photo and what is drawn of the
encoder's answer, as the perceptual network measures it, tells the two kinds apart.
"""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .pack import Pack
from .settings import EffectiveSettings


@dataclass(frozen=True)
class HoldingBack:
    """What holds for a photo that is wholly foreign, and between which distances photos become so.

    Attributes:
        own: distance up to which a photo is of the pack's own kind.
        foreign: distance from which it is wholly foreign.
        steps: budget of gradient steps, at most.
        pull: weight of the distance from the encoder's answer, at least.
        layers: factors `[L]` on the learning rate of the layers of W+.
    """

    own: float
    foreign: float
    steps: int
    pull: float
    layers: list[float]


@torch.no_grad()
def distance(pack: Pack, photo: Tensor, start: Tensor, source: Tensor) -> Tensor:
    """Squared perceptual distance `[B]` between photos and what is drawn of the encoder's answers.

    Args:
        photo: `[B,3,S,S]`, matted.
        start: W_0 `[B,L,D]`, the encoder's answer.
        source: cameras `[B,25]` of the photos.
    """
    return (pack.perceptual(pack.picture(start, source)) - pack.perceptual(photo)).square().sum(1)


def foreignness(far: float, holding: HoldingBack) -> float:
    """0 for a photo of the pack's own kind, 1 for a wholly foreign one, in between by the logarithm of the distance."""
    if not far > 0:
        return 0.0 if far == 0 else 1.0  # what is not a number is held back
    return min(1.0, max(0.0, math.log(far / holding.own) / math.log(holding.foreign / holding.own)))


def held_back(settings: EffectiveSettings, foreign: float, holding: HoldingBack) -> EffectiveSettings:
    """The settings of a photo that is so foreign, between those of the pack's own kind (0) and `holding` (1)."""

    def between(own: float, held: float) -> float:
        return own + foreign * (held - own)

    pull = settings.weight("pull")
    return replace(
        settings,
        steps=round(between(settings.steps, min(settings.steps, holding.steps))),
        weights=settings.weights | {"pull": between(pull, max(pull, holding.pull))},
        layers=[between(own, held) for own, held in zip(settings.layers, holding.layers, strict=True)],
    )
