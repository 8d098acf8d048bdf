"""The pack's network `density`: what is solid where, and in which colour, for meshes."""

import copy

import torch
from torch import nn
from torch.nn import functional as F

from .generator import LatentRenderer
from .volume import HALF_EXTENT, HULL_EXTENT, HULL_SIZE

#: Half the side of the cube that holds every head, world units.
EXTENT = 0.42
#: Middle and semi-axes of an ellipsoid about the upper half of a head, world units. Above and behind, where no camera of the
#: training looks, the tri-planes go on for ever; the ellipsoid rounds heads off there. Necks end where the planes do.
SKULL_MIDDLE, SKULL_AXES, NECK = (0.0, -0.02, -0.04), (0.40, 0.41, 0.36), -0.96 * HALF_EXTENT


class Density(nn.Module):
    """Tri-planes, W+ and points → solidity and colour.

    A point is as solid as the renderer's samples there are opaque. Its colour is the albedo, without the light.

    Args:
        renderer: the pack's network `render`.
    """

    def __init__(self, renderer: LatentRenderer):
        super().__init__()
        self.warp, self.render = copy.deepcopy(renderer.warp), copy.deepcopy(renderer.render)
        self.render.upscale = nn.Identity()
        self.register_buffer("inside", filled(self.render.hull.view(HULL_SIZE, HULL_SIZE, HULL_SIZE)).flatten())
        self.register_buffer("middle", torch.tensor(SKULL_MIDDLE))
        self.register_buffer("axes", torch.tensor(SKULL_AXES))
        self.size, self.extent, self.neck = HULL_SIZE, HULL_EXTENT, NECK

    def forward(self, planes: torch.Tensor, w: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        """planes [B,3,C,P,P], W+ [B,L,D], points [B,N,3] of the head's frame → [B,N,4] in [0, 1]: solidity, RGB."""
        raw = self.render.raw(planes, self.warp(w), points)
        opaque = 1.0 - torch.exp(-2.0 * F.softplus(10.0 * torch.tanh(raw[:, 0] * 0.1) - 3.0))
        solid = torch.where(self.within(points), opaque, torch.zeros_like(opaque))
        return torch.cat([solid[:, None], raw[:, 1:4].clamp(0.0, 1.0)], dim=1).transpose(1, 2)

    def within(self, points: torch.Tensor) -> torch.Tensor:
        """Whether a head can be at points [B,N,3]: [B,N]."""
        x, y, z = ((points + self.extent) * (0.5 * self.size / self.extent)).clamp(0, self.size - 1).long().unbind(-1)
        apart = (points - self.middle) / self.axes
        rounded = (apart * apart).sum(-1) < 1.0
        height = points[..., 1]
        return self.inside[(x * self.size + y) * self.size + z] & (rounded | (height < 0.0)) & (height > self.neck)


def filled(hull: torch.Tensor) -> torch.Tensor:
    """A hull [H,H,H] of booleans and all that it encloses. Necks end at its bottom, which counts as closed."""
    outside = F.pad(~hull, [1] * 6, value=True)
    outside[:, 0] = False
    reached = torch.zeros_like(outside)
    reached[0] = True
    for _ in range(3 * len(outside)):
        near = F.max_pool3d(reached[None, None].float(), 3, stride=1, padding=1)[0, 0] > 0.0
        reached = near & outside
    return ~reached[1:-1, 1:-1, 1:-1]
