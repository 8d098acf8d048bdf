"""Finds the ``generator.Warp`` of styles in meshes: how heads differ in size and proportions from their mean.

A head's skin has the same vertices whoever it is, so that the displacements that take them to the mean head's are a linear least
squares problem for each axis. What a head's displacements are follows from its parameters, and from its styles, linearly.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from . import heads
from .generator import KNOTS, KNOTS_EXTENT, Mapping, Warp

#: Vertices that take part, of those that pictures show: how far from the middle they are at most, and how far behind it.
VERTICES, REACH, BEHIND = 2000, 0.40, 0.15
#: Weight of the second differences of displacements, and of their size, against the vertices.
SMOOTH, SMALL = 0.5, 1e-3
#: Share of the mean square of what is regressed on by which the regression is damped.
DAMPED = 1e-4
#: A pixel of a picture of 128, at the middle of the head, world units.
PIXEL = 0.005


@torch.no_grad()
def proportions_of(mapping: Mapping, assets: Path, count: int = 1500) -> nn.Linear:
    """Standardised parameters [B,P] → the displacements [B,3·K] of such heads, by so many random heads; takes half a minute."""
    params, vertices = skins(assets, count)
    mean = vertices.mean(0)
    wanted = torch.stack([displacements(each, mean) for each in vertices]).flatten(1)
    device = mapping.mean.device
    return _regression(mapping.standard(params.to(device)), wanted.to(device))


@torch.no_grad()
def fit(warp: Warp, mapping: Mapping, proportions: nn.Linear, params: torch.Tensor) -> None:
    """Sets the warp of a mapping's styles by heads [N,P]."""
    z = mapping.standard(params)
    styles = torch.cat([mapping(part) for part in params.split(256)]).flatten(1)
    warp.read.load_state_dict(_regression(styles, proportions(z)).state_dict())


def lost(warp: Warp, mapping: Mapping, proportions: nn.Linear, params: torch.Tensor) -> torch.Tensor:
    """How far the warp of heads [B,P] is from their proportions, in pixels of 1/128 of a picture's side: a mean over the knots.

    A mapping that learns must go on saying what the warp reads of it, which is kept.
    """
    wanted = proportions(mapping.standard(params))
    return (warp(mapping(params)).flatten(1) - wanted).abs().mean() / PIXEL


def _regression(given: torch.Tensor, wanted: torch.Tensor) -> nn.Linear:
    """The frozen affine map from rows [N,I] to rows [N,O], by damped least squares."""
    told = F.pad(given, [0, 1], value=1.0).double()
    power = told.T @ told
    damping = DAMPED * power.diagonal().mean() * torch.eye(len(power)).to(power)
    found = torch.linalg.solve(power + damping, told.T @ wanted.double()).float()
    affine = nn.Linear(given.shape[1], wanted.shape[1], device=given.device).requires_grad_(False)
    affine.weight.copy_(found[:-1].T)
    affine.bias.copy_(found[-1])
    return affine


def skins(assets: Path, count: int, seed: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    """Parameters [N,P] of random heads, and where the same visible vertices of their skins are: [N,V,3], world units."""
    from .mesh import HeadModel

    model, rng = HeadModel(assets), np.random.default_rng(seed)
    people = [heads.sample(rng) for _ in range(count)]
    positions = np.stack([model.skin(head) for head in people])
    middle = positions.mean(0)
    seen = np.flatnonzero((np.abs(middle) < REACH).all(1) & (middle[:, 2] > -BEHIND))
    chosen = rng.permutation(seen)[:VERTICES]
    return tuple(torch.from_numpy(x).float() for x in (np.stack([head.params for head in people]), positions[:, chosen]))


def displacements(points: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
    """Those at the knots of each axis [3,K] that take points [V,3] to where they are in the mean head [V,3]."""
    place = ((points / KNOTS_EXTENT + 1) / 2 * (KNOTS - 1)).clamp(0, KNOTS - 1)
    share = (1 - (place[..., None] - torch.arange(KNOTS)).abs()).clamp(min=0).transpose(0, 1)
    bends = torch.eye(KNOTS).diff(n=2, dim=0)
    power = share.mT @ share + SMOOTH * bends.T @ bends + SMALL * torch.eye(KNOTS)
    return torch.linalg.solve(power, share.mT @ (mean - points).T[..., None]).squeeze(2)
