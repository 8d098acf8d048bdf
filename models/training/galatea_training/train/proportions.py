"""Measures proportions of heads in meshes, and fits the warp of the generator to them.

All heads' skins have the same vertices. The displacements at the knots of a lattice that move a head's vertices to the mean
head's are therefore a linear least-squares problem. The principal components of many heads' displacements are the shapes that
a warp blends. The warp reads the amount of each shape from the styles.
"""

import functools
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..networks.latent import Mapping
from ..networks.warp import KNOTS, KNOTS_EXTENT, PIXEL, SHAPES, Warp
from ..optimise.checkpoint import measured_once
from ..render import heads

#: Heads that are measured; and of their vertices that pictures show, how many, how far from the middle and behind it at most.
HEADS, VERTICES, REACH, BEHIND = 4000, 2000, 0.40, 0.15
#: Weight of the second differences of displacements along each axis, and of their size, against the vertices.
SMOOTH, SMALL = 0.5, 1e-3
#: Share of the mean square of styles by which the regression on them is damped.
DAMPED = 1e-4


@dataclass(frozen=True)
class Proportions:
    """How heads differ in size and proportions.

    Attributes:
        params: of the heads, `[N,P]`.
        amounts: of each shape in each head, with a mean of 0 and a variance of 1, `[N,S]`.
        shapes: displacements `[S,3·K³]` that an amount of 1 adds, in the warp's unit.
        mean: displacements `[3·K³]` of a head that has none of them, in the warp's unit.
    """

    params: Tensor
    amounts: Tensor
    shapes: Tensor
    mean: Tensor


def proportions_of(assets: Path, runs: Path) -> Proportions:
    """The proportions in ``RUNS/proportions.ckpt``. Without the file they are measured, in about two minutes, and kept."""
    return Proportions(**measured_once(runs / "proportions.ckpt", lambda: asdict(measured(assets, HEADS))))


@torch.no_grad()
def measured(assets: Path, count: int) -> Proportions:
    """Measures the proportions of random heads."""
    params, vertices = skin_vertices(assets, count)
    mean = vertices.mean(0)
    found = torch.stack([lattice_displacements(each, mean) for each in vertices]).flatten(1) / PIXEL
    middle = found.mean(0)
    _, _, axes = torch.linalg.svd(found - middle, full_matrices=False)
    axes = axes[:SHAPES]
    axes = axes * axes.gather(1, axes.abs().argmax(1, keepdim=True)).sign()  # the sign of an axis is arbitrary: make the largest component positive
    amounts = (found - middle) @ axes.T
    spread = amounts.std(0)
    return Proportions(params, amounts / spread, axes * spread[:, None], middle)


@torch.no_grad()
def fit(warp: Warp, mapping: Mapping, proportions: Proportions) -> None:
    """Fits a warp to the proportions and to a mapping's styles, by damped least squares."""
    styles = mapping(proportions.params.to(mapping.mean.device)).flatten(1)
    given = F.pad(styles, [0, 1], value=1.0).double()
    power = given.T @ given
    damping = DAMPED * power.diagonal().mean() * torch.eye(len(power)).to(power)
    wanted = given.T @ proportions.amounts.to(given)
    found = torch.linalg.solve(power + damping, wanted).float()
    warp.read.weight.copy_(found[:-1].T)
    warp.read.bias.copy_(found[-1])
    warp.bend.weight.copy_(proportions.shapes.T)
    warp.bend.bias.copy_(proportions.mean)


def proportion_loss(warp: Warp, mapping: Mapping, proportions: Proportions, count: int) -> Tensor:
    """Error of the warps of random heads, in pixels, as a mean over the knots.

    The warp reads the styles by fixed weights. A mapping that learns must therefore keep what the warp reads.
    """
    chosen = torch.randint(len(proportions.params), (count,))
    params, wanted = (x[chosen].to(mapping.mean.device) for x in (proportions.params, proportions.amounts))
    wrong = warp.read(mapping(params).flatten(1)) - wanted
    return F.linear(wrong, warp.bend.weight.detach()).abs().mean()


def skin_vertices(assets: Path, count: int, seed: int = 5) -> tuple[Tensor, Tensor]:
    """Parameters [N,P] of random heads, and where the same visible vertices of their skins are: [N,V,3], world units."""
    from ..render.mesh import HeadModel

    model, rng = HeadModel(assets), np.random.default_rng(seed)
    people = [heads.sample(rng) for _ in range(count)]
    positions = np.stack([model.skin(head) for head in people])
    middle = positions.mean(0)
    seen = np.flatnonzero((np.abs(middle) < REACH).all(1) & (middle[:, 2] > -BEHIND))
    chosen = rng.permutation(seen)[:VERTICES]
    return tuple(torch.from_numpy(x).float() for x in (np.stack([head.params for head in people]), positions[:, chosen]))


def lattice_displacements(points: Tensor, mean: Tensor) -> Tensor:
    """Those at the knots of a lattice [3,K,K,K] that take points [V,3] to where they are in the mean head [V,3]."""
    place = ((points / KNOTS_EXTENT + 1) / 2 * (KNOTS - 1)).clamp(0, KNOTS - 1)
    x, y, z = (1 - (place[..., None] - torch.arange(KNOTS)).abs()).clamp(min=0).unbind(1)
    share = torch.einsum("vi,vj,vk->vijk", z, y, x).flatten(1)
    found = torch.cholesky_solve(share.T @ (mean - points), torch.linalg.cholesky(share.T @ share + _bending()))
    return found.T.reshape(3, KNOTS, KNOTS, KNOTS)


@functools.cache
def _bending() -> Tensor:
    """What displacements [K³] cost by themselves: a quadratic form."""
    one, bends = torch.eye(KNOTS), torch.eye(KNOTS).diff(n=2, dim=0)
    bends = SMOOTH * bends.T @ bends
    along = (torch.kron(torch.kron(a, b), c) for a, b, c in ((bends, one, one), (one, bends, one), (one, one, bends)))
    return sum(along) + SMALL * torch.eye(KNOTS**3)
