"""How foreign a photo is to a pack, and how a refinement holds back because of it.

The encoder of a pack answers a picture of the pack's own kind with a latent that nearly draws it. The rest that it leaves
out grows several times for a picture that the pack was not made for. So the distance between a photo and what is drawn of the
encoder's answer, as the perceptual network measures it, tells the two kinds apart.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .pack import Pack


@dataclass(frozen=True)
class HoldingBack:
    """What holds for a photo that is wholly foreign, and between which distances photos become so; `holding_back` in the manifest.

    Attributes:
        own: distance up to which a photo is of the pack's own kind.
        foreign: distance from which it is wholly foreign.
        pull: weight of the distance from the encoder's answer, at least.
        layers: factors `[L]` on the learning rate of the layers of W+.
    """

    own: float
    foreign: float
    pull: float
    layers: list[float]

    def foreignness(self, far: Tensor) -> Tensor:
        """0 for a photo at a distance `[B]` of the pack's own kind, 1 for a wholly foreign one, in between by the logarithm."""
        share = (far / self.own).log() / math.log(self.foreign / self.own)
        return share.clamp(0.0, 1.0).nan_to_num(1.0)  # what is not a number is held back

    def held_layers(self, layers: Tensor, foreign: Tensor) -> Tensor:
        """Factors `[L]` of the pack's own kind, as they are for photos so foreign `[B]`: `[B,L,1]`."""
        return torch.lerp(layers, torch.tensor(self.layers), foreign[:, None])[:, :, None]

    def held_pull(self, pull: float, foreign: Tensor) -> Tensor:
        """The weight of `pull` `[B]` for photos so foreign `[B]`; never less than it was."""
        return pull + foreign * (max(pull, self.pull) - pull)


@torch.no_grad()
def distance(pack: Pack, photo: Tensor, start: Tensor, source: Tensor) -> Tensor:
    """Squared perceptual distance `[B]` between photos and what is drawn of the encoder's answers.

    Args:
        photo: `[B,3,S,S]`, matted.
        start: W_0 `[B,L,D]`, the encoder's answer.
        source: cameras `[B,25]` of the photos.
    """
    return (pack.perceptual(pack.picture(start, source)) - pack.perceptual(photo)).square().sum(1)
