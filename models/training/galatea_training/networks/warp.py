"""The warp: where the points of a head lie in the mean head.
"""

import torch
from torch import nn

from .latent import STYLES, WIDTH

#: Knots of a warp along each axis, and how far from the middle the outer ones lie, world units.
KNOTS, KNOTS_EXTENT = 8, 0.36
#: Shapes that a warp blends; and its unit of length: a pixel of a picture of 128, at the middle of the head, world units.
SHAPES, PIXEL = 48, 0.005


class Warp(nn.Module):
    """Styles → where the points of a head lie in the mean head, whose proportions the planes keep.

    Heads differ in size and proportions before all else, and convolutions learn only slowly to move every edge for that. A
    warp does it at once, as in deformable radiance fields (Park et al., "Nerfies", 2021): a free-form deformation (Sederberg
    and Parry, 1986), linear between the knots of a lattice, that blends shapes by how a head differs from the mean. How heads
    differ is measured in meshes and read from the styles (``deformation.fit``); what it does to points is learned.
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
        """[B,S,D] → displacements [B,3,K,K,K] along x, y and z at the knots, by z, y and x; world units."""
        moved = self.unit * self.bend(self.read(w[:, : self.styles].flatten(1)))
        return moved.view(-1, 3, self.knots, self.knots, self.knots)
