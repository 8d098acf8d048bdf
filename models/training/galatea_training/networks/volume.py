"""The volume renderer: tri-planes and cameras → surfaces."""

import torch
from torch import nn
from torch.nn import functional as F

from .planes import PLANE_CHANNELS, doubled
from .warp import KNOTS_EXTENT

RAYS, SAMPLES, FEATURES = 64, 8, 16
#: Channels of a surface: coverage, albedo, normals.
SURFACE = 7
#: Half the side of the cube that the planes span, world units. Outside the cube the planes' borders repeat.
HALF_EXTENT = 0.38
#: Sampled length of a ray, world units, densest where the ray first meets a head. 98 % of surfaces lie in the first 0.33.
WINDOW = 0.40
HULL_SIZE, HULL_EXTENT = 32, 0.5


class Decoder(nn.Module):
    """Features of a point → density and colour features."""

    def __init__(self, hidden: int = 32):
        super().__init__()
        self.first = nn.Linear(PLANE_CHANNELS, hidden)
        self.second = nn.Linear(hidden, 1 + FEATURES)
        nn.init.normal_(self.second.weight, std=0.05)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B,C,N] → [B,1+FEATURES,N]; the first is the raw density."""
        hidden = F.leaky_relu(self.affine(x, self.first.weight, self.first.bias), 0.2)
        return self.affine(hidden, self.second.weight, self.second.bias)

    def affine(self, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """[B,I,N] → [B,O,N]."""
        return torch.baddbmm(bias[None, :, None], weight.expand(x.shape[0], -1, -1), x)


class SuperResolution(nn.Module):
    """Rendered features and coverage at 64² → surface at 128²: the features at twice the size, plus learned detail."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(FEATURES + 1, 32, 3, padding=1)
        self.second = nn.Conv2d(32, 32, 3, padding=1)
        self.expand = nn.Conv2d(32, 4 * 12, 3, padding=1)
        self.out = nn.Conv2d(12, SURFACE, 3, padding=1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """[B,FEATURES+1,64,64] → surface [B,7,128,128]."""
        features = features.contiguous(memory_format=torch.channels_last)
        x = F.leaky_relu(self.first(features), 0.2)
        x = x + F.leaky_relu(self.second(x), 0.2)
        x = F.leaky_relu(F.pixel_shuffle(self.expand(x), 2), 0.2)
        return (doubled(features[:, :7]) + self.out(x)).contiguous()


class VolumeRenderer(nn.Module):
    """Tri-planes and light seen by a camera: volume rendering at 64², super-resolution, deferred shading.

    Args:
        background: RGB of the backdrop in [-1, 1].

    Attributes:
        visible: share of the samples that are evaluated for a gradient; 0 evaluates all samples, as training needs.
    """

    def __init__(self, background: tuple[float, float, float]):
        super().__init__()
        self.decoder = Decoder()
        self.upscale = SuperResolution()
        self.samples, self.hull_size = SAMPLES, HULL_SIZE
        self.outputs, self.size, self.window = FEATURES, RAYS, WINDOW
        self.visible = 0.0
        self.to_plane, self.to_knots, self.hull_extent = 1.0 / HALF_EXTENT, 1.0 / KNOTS_EXTENT, HULL_EXTENT
        self.register_buffer("backdrop", torch.tensor(background)[:, None, None])
        self.register_buffer("light_mean", torch.zeros(9))
        self.register_buffer("light_scale", torch.ones(9))
        self.register_buffer("hull", torch.ones(HULL_SIZE**3, dtype=torch.bool))

    def surface(self, planes: torch.Tensor, warp: torch.Tensor, camera: torch.Tensor) -> torch.Tensor:
        """Surface `[B,7,128,128]` of warped planes, seen by a camera."""
        return self.upscale(self.features(planes, warp, camera, self.size))

    def light(self, w: torch.Tensor) -> torch.Tensor:
        """W+ [B,L,D] → SH radiance [B,9] in the head's frame."""
        return self.light_mean + self.light_scale * w[:, w.shape[1] - 1, :9]

    def features(self, planes: torch.Tensor, warp: torch.Tensor, camera: torch.Tensor, rays: int) -> torch.Tensor:
        """Planes `[B,3,C,P,P]`, warp `[B,3,K,K,K]` and cameras `[B,25]` → coverage and features `[B,1+FEATURES,rays,rays]`.

        The first seven channels are a surface.
        """
        near = self.entry(camera, rays // 2)
        points = self.samples_of(camera, doubled(near))
        if self.visible > 0.0 and torch.is_grad_enabled():
            place = self.likely(planes.detach(), warp.detach(), camera, near)
            seen = self.seen_in_some(planes, warp, points, place)
        else:
            seen = self.seen_in_all(planes, warp, points)
        return seen.view(-1, 1 + self.outputs, rays, rays)

    def raw(self, planes: torch.Tensor, warp: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        """The decoder's output `[B,1+FEATURES,N]` at points `[B,N,3]` of a head."""
        return self.decoder(self.lookup(planes, self.warped(points, warp)))

    def seen_in_all(self, planes: torch.Tensor, warp: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        """Coverage and features of the rays with samples [B,S·R,3]: [B,1+FEATURES,R]."""
        raw = self.raw(planes, warp, points)
        weight, coverage = self.composite(raw[:, :1])
        seen = (weight * raw[:, 1:]).unflatten(2, [self.samples, -1]).sum(dim=2)
        return torch.cat([coverage, seen], dim=1)

    def seen_in_some(self, planes: torch.Tensor, warp: torch.Tensor, points: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
        """As ``seen_in_all``, with all samples empty except the samples at ``place`` `[B,1,K]`."""
        raw = self.raw(planes, warp, points.gather(1, place.transpose(1, 2).expand(-1, -1, 3)))
        empty = raw.new_full([points.shape[0], 1, points.shape[1]], -float("inf"))
        weight, coverage = self.composite(empty.scatter(2, place, raw[:, :1]))
        parts = weight.gather(2, place) * raw[:, 1:]
        ray = (place % coverage.shape[2]).expand_as(parts)
        seen = raw.new_zeros([points.shape[0], self.outputs, coverage.shape[2]]).scatter_add(2, ray, parts)
        return torch.cat([coverage, seen], dim=1)

    def likely(self, planes: torch.Tensor, warp: torch.Tensor, camera: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
        """Indices `[B,1,K]` of the samples with the greatest weights, among S·(2H)² samples.

        Every second ray each way is evaluated without gradient and stands for its neighbours. That suffices to find empty and
        hidden samples, as the proposals of mip-NeRF 360 do (Barron et al., 2022).

        Args:
            near: depth `[B,1,H,H]` at which the evaluated rays enter.
        """
        weight, _ = self.composite(self.raw(planes, warp, self.samples_of(camera, near))[:, :1])
        between = doubled(weight.view(-1, self.samples, near.shape[2], near.shape[3])).flatten(1)[:, None]
        return between.topk(int(self.visible * between.shape[2]), dim=2, sorted=False).indices

    def composite(self, density: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Raw densities [B,1,S·R] → the samples' weights [B,1,S·R], and the rays' coverage [B,1,R]."""
        optical = 2.0 * F.softplus(10.0 * torch.tanh(density * 0.1) - 3.0)
        through = torch.exp(-torch.cumsum(optical.unflatten(2, [self.samples, -1]), dim=2))
        before = F.pad(through[:, :, :-1], [0, 0, 1, 0], value=1.0)
        return (before - through).flatten(2), 1.0 - through[:, :, -1]

    def samples_of(self, camera: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
        """Sample points `[B,S·size²,3]` of rays that enter at depth `[B,1,size,size]`: first the first sample of every ray."""
        origin, direction = self.rays(camera, near.shape[2])
        at = (torch.arange(self.samples, device=near.device, dtype=near.dtype) + 0.5) / self.samples
        depth = near.flatten(2) + (self.window * 0.5 * (at + at * at))[:, None]
        return (origin[:, None, None] + depth[..., None] * direction[:, None]).flatten(1, 2)

    def warped(self, points: torch.Tensor, warp: torch.Tensor) -> torch.Tensor:
        """Moves points `[B,N,3]` of a head into the mean head, by the warp `[B,3,K,K,K]`."""
        place = (points * self.to_knots)[:, None, None]
        moved = F.grid_sample(warp, place, mode="bilinear", padding_mode="border", align_corners=True)
        return points + moved.flatten(2).transpose(1, 2)

    def lookup(self, planes: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        """Sum of the three planes' features at points [B,N,3] → [B,C,N]. Planes: xy, zy, xz."""
        x, y, z = (points * (self.to_plane * torch.tensor([1.0, -1.0, -1.0]).to(points))).unbind(dim=-1)
        found = self.look(planes[:, 0], x, y) + self.look(planes[:, 1], z, y) + self.look(planes[:, 2], x, z)
        return found.flatten(2)

    def look(self, plane: torch.Tensor, column: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
        """One plane [B,C,P,P] at columns and rows [B,N] in [-1, 1] → [B,C,1,N]."""
        where = torch.stack([column, row], dim=-1)[:, None]
        return F.grid_sample(plane, where, mode="bilinear", padding_mode="border", align_corners=False)

    def rays(self, camera: torch.Tensor, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Origins [B,3] and unit directions [B,size²,3] in the head's frame, row by row from the top left."""
        pose = camera[:, :16].view(-1, 4, 4)
        at = (torch.arange(size, device=camera.device, dtype=camera.dtype) + 0.5) / size
        x = (at[None, :] - camera[:, 18:19]) / camera[:, 16:17]
        y = (at[None, :] - camera[:, 21:22]) / camera[:, 20:21]
        x = x[:, None, :].expand(-1, size, size)
        y = y[:, :, None].expand(-1, size, size)
        local = torch.stack([x, y, torch.ones_like(x)], dim=-1).view(-1, size * size, 3)
        return pose[:, :3, 3], F.normalize(local @ pose[:, :3, :3].transpose(1, 2), dim=-1)

    def entry(self, camera: torch.Tensor, size: int) -> torch.Tensor:
        """Depth `[B,1,size,size]` at which each ray, or a ray beside it, first meets the union of all heads.

        Outside the hull's cube, the cube's border continues.
        """
        origin, direction = self.rays(camera, size)
        middle = torch.norm(origin, dim=-1)[:, None, None]
        steps = torch.linspace(-0.46, 0.42, 40, device=camera.device, dtype=camera.dtype)
        depth = middle + steps
        scale = 0.5 * self.hull_size / self.hull_extent
        start, along = (origin + self.hull_extent) * scale, direction.transpose(1, 2) * scale
        cell = torch.addcmul(start[:, :, None, None], along[..., None], depth[:, None]).clamp(0, self.hull_size - 1)
        x, y, z = cell.long().unbind(dim=1)
        met = self.hull[(x * self.hull_size + y) * self.hull_size + z]
        first = torch.where(met, depth, middle + 1.0).min(dim=2).values
        first = torch.where(first > middle[..., 0] + 0.9, middle[..., 0] - 0.1, first)
        return -F.max_pool2d(-first.view(-1, 1, size, size), 3, stride=1, padding=1)
