"""EG3D's volume renderer (Chan et al., "Efficient Geometry-aware 3D Generative Adversarial Networks", 2022).

Two passes of samples along each ray as in NeRF (Mildenhall et al., 2020, section 5.2), composited at the midpoints of
neighbouring samples as in Mip-NeRF. EG3D jitters its samples; here both passes take the midpoints of their strata, so
that the same planes and camera always give the same picture.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .precision import scale_gradient
from .stylegan import Dense


class Decoder(nn.Module):
    """Features of a point → density and colour, by one hidden layer.

    Args:
        channels: C of a plane, and of the colour.
        rate: learning-rate multiplier of the checkpoint's layers.
    """

    def __init__(self, channels: int, hidden: int, colours: int, rate: float):
        super().__init__()
        self.net = nn.ModuleList([Dense(channels, hidden, rate), nn.Softplus(), Dense(hidden, 1 + colours, rate)])

    def settled(self, dtype: torch.dtype, gradient: float) -> "SettledDecoder":
        """The same map with its scales multiplied out, in `dtype`; gradients are multiplied by `gradient` inside."""
        return SettledDecoder(self.net[0], self.net[2], dtype, gradient)


class SettledDecoder(nn.Module):
    """The decoder over features that have their channels first."""

    def __init__(self, first: Dense, second: Dense, dtype: torch.dtype, gradient: float):
        super().__init__()
        self.gradient = gradient
        for name, layer in (("first", first), ("second", second)):
            self.register_buffer(f"{name}_weight", (layer.weight * layer.gain).to(dtype))
            self.register_buffer(f"{name}_bias", (layer.bias * layer.rate)[:, None].to(dtype))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """[B,C,N] → raw density [B,N] and colour [B,F,N] in about [0, 1], float32."""
        batch = features.shape[0]
        x = scale_gradient(features, 1.0 / self.gradient).to(self.first_weight.dtype)
        x = F.softplus(torch.bmm(self.first_weight.expand(batch, -1, -1), x) + self.first_bias)
        x = torch.bmm(self.second_weight.expand(batch, -1, -1), x) + self.second_bias
        x = scale_gradient(x.to(features.dtype), self.gradient)
        return x[:, 0], torch.sigmoid(x[:, 1:]) * 1.002 - 0.001


class Volume(nn.Module):
    """Tri-planes and cameras to pictures of features.

    Args:
        decoder: of a point's features.
        axes: for each plane the axes of space (0 x, 1 y, 2 z) along its columns and its rows.
        box: side of the cube that the planes span, world units.
        near, far: where rays begin and end, world units from the camera.
        rays: rays along a side of the picture, R.
        samples: of each of the two passes, S.
        white: whether what no surface covers is white; else black.
    """

    axes: list[tuple[int, int]]

    def __init__(
        self, decoder: SettledDecoder, axes: list[tuple[int, int]], box: float, near: float, far: float, rays: int,
        samples: int, white: bool,
    ):  # fmt: skip
        super().__init__()
        self.decoder, self.axes, self.scale, self.size, self.samples = decoder, axes, 2.0 / box, rays, samples
        self.white = white
        stratum = (far - near) / (samples - 1)
        self.register_buffer("depths", torch.linspace(near, far, samples) + 0.5 * stratum)
        self.register_buffer("pixels", (torch.arange(rays) + 0.5) / rays)
        self.register_buffer("quantiles", (torch.arange(samples) + 0.5) / samples)

    def forward(self, planes: Tensor, camera: Tensor) -> Tensor:
        """Planes [B,3,C,P,P], camera [B,25] → features [B,F,R,R] in about [-1, 1]."""
        origin, direction = self.rays(camera)
        coarse = self.depths.expand(direction.shape[0], direction.shape[1], -1)
        density, colour = self.look(planes, origin, direction, coarse)
        fine = self.importance(coarse, density.detach())
        fine_density, fine_colour = self.look(planes, origin, direction, fine)
        share = composite(torch.cat([coarse, fine], -1), torch.cat([density, fine_density], -1))[:, None]
        seen = (colour * share[..., : self.samples]).sum(-1) + (fine_colour * share[..., self.samples :]).sum(-1)
        if self.white:
            seen = seen + (1.0 - share.sum(-1))
        return (2.0 * seen - 1.0).unflatten(2, [self.size, self.size])

    def rays(self, camera: Tensor) -> tuple[Tensor, Tensor]:
        """Origins [B,3] and unit directions [B,R²,3], row by row from the top left."""
        pose = camera[:, :16].reshape(-1, 4, 4)
        x = (self.pixels - camera[:, 18:19]) / camera[:, 16:17]
        y = (self.pixels - camera[:, 21:22]) / camera[:, 20:21]
        x, y = torch.broadcast_tensors(x[:, None, :], y[:, :, None])
        local = torch.stack([x, y, torch.ones_like(x)], -1).flatten(1, 2)
        return pose[:, :3, 3], F.normalize(local @ pose[:, :3, :3].transpose(1, 2), dim=-1)

    def look(self, planes: Tensor, origin: Tensor, direction: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
        """At depths [B,N,S] along the rays: raw density [B,N,S], colour [B,F,N,S]."""
        points = origin[:, None, None] + depth[..., None] * direction[:, :, None]
        density, colour = self.at(planes, points.flatten(1, 2))
        sizes = [depth.shape[1], depth.shape[2]]
        return density.unflatten(1, sizes), colour.unflatten(2, sizes)

    def at(self, planes: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
        """At points [B,N,3] of space: raw density [B,N], colour [B,F,N]."""
        points = (points * self.scale)[:, None]
        features = torch.zeros(0)
        for index, (column, row) in enumerate(self.axes):
            where = torch.stack([points[..., column], points[..., row]], -1)
            found = F.grid_sample(planes[:, index], where, mode="bilinear", padding_mode="zeros", align_corners=False)
            features = found if index == 0 else features + found
        return self.decoder(features.flatten(2) / len(self.axes))

    def importance(self, depth: Tensor, density: Tensor) -> Tensor:
        """Depths [B,N,S] where the first pass found something: inverse transform sampling of its smoothed weights."""
        weight = intervals(depth, density).flatten(0, 1)
        weight = F.avg_pool1d(F.max_pool1d(weight[:, None], 2, stride=1, padding=1), 2, stride=1)[:, 0] + 0.01
        weight = weight[:, 1:-1] + 1e-5
        reached = F.pad((weight / weight.sum(-1, keepdim=True)).cumsum(-1), (1, 0))
        edges = (0.5 * (depth[..., 1:] + depth[..., :-1])).flatten(0, 1)
        wanted = self.quantiles.expand(weight.shape[0], -1).contiguous()
        upper = torch.searchsorted(reached, wanted, right=True)
        lower, upper = (upper - 1).clamp(min=0), upper.clamp(max=weight.shape[1])
        low, high = reached.gather(1, lower), reached.gather(1, upper)
        gap = torch.where(high - low < 1e-5, torch.ones_like(low), high - low)
        start, end = edges.gather(1, lower), edges.gather(1, upper)
        return (start + (wanted - low) / gap * (end - start)).view_as(depth)


def intervals(depth: Tensor, density: Tensor) -> Tensor:
    """Share of the light [B,N,S−1] that comes from between neighbouring samples, sorted by depth [B,N,S]."""
    between = F.softplus(0.5 * (density[..., 1:] + density[..., :-1]) - 1.0)
    absorbed = between * (depth[..., 1:] - depth[..., :-1])
    before = F.pad(absorbed.cumsum(-1), (1, 0))[..., :-1]
    return torch.exp(-before) * -torch.expm1(-absorbed)


def composite(depth: Tensor, density: Tensor) -> Tensor:
    """Each sample's share in the colour of its ray [B,N,S]; the samples need not be sorted.

    An interval's colour is the mean of the two samples that bound it.
    """
    order = depth.argsort(-1)
    weight = 0.5 * intervals(depth.gather(-1, order), density.gather(-1, order))
    return torch.zeros_like(depth).scatter(-1, order, F.pad(weight, (0, 1)) + F.pad(weight, (1, 0)))
