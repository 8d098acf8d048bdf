"""What stands behind people in photographs, made up: gradients, noise, stripes, clutter of shapes, sharp and out of focus."""

import functools
import math

import torch
from torch import Tensor
from torch.nn import functional as F

#: Pictures of the pools that noise and backdrops are taken from, and their side.
_POOL, _POOL_SIDE = 1000, 168


def backdrops(count: int, size: int) -> Tensor:
    """Random backdrops `[count,3,size,size]` in [0, 1]: pieces of a pool that is made at the first call, their colours in any order."""
    pieces = _pieces(_pool(), count, size).float() / 255
    order = torch.rand(count, 3).argsort(1)[:, :, None, None].expand(-1, -1, size, size)
    return pieces.gather(1, order)


def noise(count: int, size: int, channels: int = 1) -> Tensor:
    """Smooth to rough noise of about unit spread `[count,channels,size,size]`, each picture of its own roughness."""
    return _pieces(_noise_pool(), count * channels, size).view(count, channels, size, size)


def _pieces(pool: Tensor, count: int, size: int) -> Tensor:
    """Random squares of random pictures of a pool, half of them mirrored."""
    which = torch.randint(len(pool), (count,)).tolist()
    corners = torch.randint(_POOL_SIDE - size + 1, (count, 2)).tolist()
    pieces = torch.stack([pool[i, :, y : y + size, x : x + size] for i, (y, x) in zip(which, corners)])
    half = count // 2
    return torch.cat([pieces[:half].flip(3), pieces[half:]])


@functools.cache
def _pool() -> Tensor:
    with torch.random.fork_rng([]):
        torch.manual_seed(11)
        parts = [_clutter(50, _POOL_SIDE) for _ in range(_POOL // 50)]
    return (255 * torch.cat(parts)).byte()


@functools.cache
def _noise_pool() -> Tensor:
    with torch.random.fork_rng([]):
        torch.manual_seed(12)
        return _made_noise(_POOL // 2, _POOL_SIDE)


def _clutter(count: int, size: int, layers: int = 4) -> Tensor:
    """A texture, and shapes of other textures before it: `[count,3,size,size]` in [0, 1]."""
    picture = _texture(count, size)
    for layer in range(layers):
        shape = _shape(count, size) * (torch.rand(count, 1, 1, 1) < 0.6)
        picture = torch.lerp(picture, _texture(count, size), shape)
        if layer == 1:
            picture = _defocused(picture, 0.5)
    return _defocused(picture, 0.4).clamp(0, 1)


def _made_noise(count: int, size: int) -> Tensor:
    """Sums of octaves `[count,1,size,size]`."""
    total, slope = torch.zeros(count, 1, size, size), 0.4 + 0.9 * torch.rand(count, 1, 1, 1)
    cells, octave = 2, 0
    while cells < size:
        grain = torch.randn(count, 1, cells + 1, cells + 1)
        total += slope**octave * F.interpolate(grain, size=size, mode="bilinear", align_corners=True)
        cells, octave = cells * 2, octave + 1
    return total / (total.std((1, 2, 3), keepdim=True) + 1e-4)


def colours(count: int) -> Tensor:
    """Random colours `[count,3,1,1]` in [0, 1], many of them greyish."""
    grey = torch.rand(count, 1, 1, 1)
    return torch.lerp(grey.expand(-1, 3, -1, -1), torch.rand(count, 3, 1, 1), torch.rand(count, 1, 1, 1) ** 2)


def places(size: int) -> tuple[Tensor, Tensor]:
    """x to the right and y down of a picture's pixels, -0.5 to 0.5: `[1,1,1,size]` and `[1,1,size,1]`."""
    line = (torch.arange(size) + 0.5) / size - 0.5
    return line.view(1, 1, 1, -1), line.view(1, 1, -1, 1)


def _texture(count: int, size: int) -> Tensor:
    """Two colours mixed by a gradient, by noise, or by stripes or checks; over all a little noise in colours."""
    x, y = places(size)
    angle = 2 * math.pi * torch.rand(count, 1, 1, 1)
    across, along = x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()
    often = 2 * math.pi * torch.exp(torch.empty(count, 1, 1, 1).uniform_(0.3, 3.2))
    waves = (often * across).sin() * torch.where(torch.rand(count, 1, 1, 1) < 0.4, (often * along).sin(), 1.0)
    hard = torch.exp(torch.empty(count, 1, 1, 1).uniform_(0, 3))
    kind = torch.rand(count, 1, 1, 1)
    rough = noise(count, size)
    by = torch.where(kind < 0.35, across * 2, torch.where(kind < 0.7, 0.7 * rough, hard * waves))
    mixed = torch.lerp(colours(count), colours(count), torch.sigmoid(2 * by))
    strength = 0.12 * torch.rand(count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) < 0.6)
    return (mixed + strength * (rough + 0.4 * noise(count, size, 3))).clamp(0, 1)


def _shape(count: int, size: int) -> Tensor:
    """Coverage `[count,1,size,size]` of an ellipse, a rectangle, a half-plane or a patch of noise."""
    x, y = places(size)
    angle = 2 * math.pi * torch.rand(count, 1, 1, 1)
    x, y = x - torch.empty(count, 1, 1, 1).uniform_(-0.5, 0.5), y - torch.empty(count, 1, 1, 1).uniform_(-0.5, 0.5)
    wide, high = (torch.empty(count, 1, 1, 1).uniform_(0.04, 0.45) for _ in range(2))
    u, v = (x * angle.cos() + y * angle.sin()) / wide, (y * angle.cos() - x * angle.sin()) / high
    kind = torch.rand(count, 1, 1, 1)
    far = torch.where(
        kind < 0.35, (u * u + v * v + 1e-4).sqrt(), torch.where(kind < 0.7, torch.maximum(u.abs(), v.abs()), 1 + u)
    )
    far = torch.where(kind > 0.88, 1 + noise(count, size), far)
    return torch.sigmoid((1 - far) * size * 0.3)


def _defocused(picture: Tensor, share: float) -> Tensor:
    """A share of the pictures blurred, each batch by one size."""
    size = picture.shape[-1]
    small = max(4, int(size / torch.empty(1).uniform_(2, 9).item()))
    soft = F.interpolate(
        F.interpolate(picture, size=small, mode="area"), size=size, mode="bicubic", align_corners=False
    )
    return torch.where(torch.rand(len(picture), 1, 1, 1) < share, soft, picture)
