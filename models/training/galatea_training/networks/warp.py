"""The warp: from the points of a head to points of the mean head."""

import torch
from torch import nn

from .latent import STYLES, WIDTH

#: Knots of a warp along each axis; distance of the outer knots from the middle, world units.
KNOTS, KNOTS_EXTENT = 8, 0.36
#: Number of shapes that a warp blends; unit of length in world units: a pixel of a 128² picture at the middle of the head.
SHAPES, PIXEL = 48, 0.005


class Warp(nn.Module):
    """Styles → displacements from a head's points to the mean head's. The planes hold the mean head's proportions.

    Heads differ most in size and proportions, and convolutions are slow to learn to move every edge. A warp moves all points at
    once, as in deformable radiance fields (Park et al., "Nerfies", 2021). It is a free-form deformation (Sederberg and Parry,
    1986), linear between the knots of a lattice, and blends a few shapes. The amounts of the shapes are measured in meshes and
    read from the styles by fixed weights (``train.proportions``). The shapes themselves are trained.
    """

    def __init__(self):
        super().__init__()
        self.read, self.bend = nn.Linear(STYLES * WIDTH, SHAPES), nn.Linear(SHAPES, 3 * KNOTS**3)
        self.styles, self.knots, self.unit = STYLES, KNOTS, PIXEL
        for layer in (self.read, self.bend):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.read.requires_grad_(False)

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        """Styles `[B,S,D]` → displacements `[B,3,K,K,K]` along x, y and z, in world units. Knots are in the order z, y, x."""
        moved = self.unit * self.bend(self.read(w[:, : self.styles].flatten(1)))
        return moved.view(-1, 3, self.knots, self.knots, self.knots)
