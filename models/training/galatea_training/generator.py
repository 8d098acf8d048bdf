"""The maquette's generator: parameters → W+ → tri-planes, warped → albedo, normals and coverage → picture under a light.

Tri-planes and the neural renderer follow Chan et al., "Efficient Geometry-aware 3D Generative Adversarial Networks"
(EG3D), 2022; the backbone's modulated convolutions follow Karras et al., "Analyzing and Improving the Image Quality of
StyleGAN" (StyleGAN2), 2020, with activations scaled instead of weights, so that a batch shares one convolution.
No noise inputs and no batch statistics: a row's result depends on that row alone.

The picture is shaded last (``shading``), as in relightable generators: the last row of W+ holds the light and the rows
before it the person, so that a light moves without the person and a person without the light. Of the person's rows the
first are styles, and the others the residual: what is added to the features of one layer, so that a photo can be met
where no style does (BDInvert: Kang et al., "GAN Inversion for Out-of-Range Images with Geometric Transformations", 2021).
"""

import copy

import torch
from torch import nn
from torch.nn import functional as F

from .shading import shade

#: Rows of W+: styles, one for each convolution; the residual; the light.
STYLES, WIDTH = 10, 128
RESIDUAL_CHANNELS, RESIDUAL_SIZE = 8, 32
RESIDUAL = RESIDUAL_CHANNELS * RESIDUAL_SIZE**2 // WIDTH
LAYERS = STYLES + RESIDUAL + 1
#: The convolution to whose features the residual is added.
RESIDUAL_AT = 6
PLANE_CHANNELS, PLANE_SIZE = 16, 64
#: Whole planes that a style blends.
PATTERNS = 8
RAYS, SAMPLES, FEATURES = 64, 8, 16
#: Share of its samples that a pack's render evaluates for a gradient: about a quarter weighs a thousandth or more in a pixel.
VISIBLE = 0.35
#: Channels of what is shaded: coverage, albedo, normals.
SURFACE = 7
IMAGE_SIZE = 128
#: Half the side of the cube that the planes span, world units; beyond it their borders repeat.
HALF_EXTENT = 0.38
#: Length of a ray that is sampled, densest where it can first meet a head: 98 % of surfaces lie in its first 0.33.
WINDOW = 0.40
HULL_SIZE, HULL_EXTENT = 32, 0.5
#: Knots of a warp along each axis, and how far from the middle the outer ones lie, world units.
KNOTS, KNOTS_EXTENT = 8, 0.36
#: Shapes that a warp blends; and its unit of length: a pixel of a picture of 128, at the middle of the head, world units.
SHAPES, PIXEL = 48, 0.005
_RESOLUTIONS = ((4, 128, 1), (8, 128, 2), (16, 128, 2), (32, 96, 2), (64, 48, 2))


def doubled(features: torch.Tensor) -> torch.Tensor:
    """Features [B,C,H,W] at twice the size."""
    return F.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)


class Mapping(nn.Module):
    """Head parameters → the person's rows of W+.

    Args:
        inputs: P.
        hidden: width of the two hidden layers.
    """

    def __init__(self, inputs: int, hidden: int = 384):
        super().__init__()
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(inputs))
        self.net = nn.Sequential(
            nn.Linear(inputs, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, hidden), nn.LeakyReLU(0.2)
        )
        self.out = nn.Linear(hidden, STYLES * WIDTH)
        for layer in (self.net[0], self.net[2], self.out):
            nn.init.kaiming_normal_(layer.weight, a=0.2)
            nn.init.zeros_(layer.bias)
        self.out.weight.data *= 0.35
        self.styles, self.width = STYLES, WIDTH

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """[B,P] → styles [B,S,D]."""
        return self.out(self.net(self.standard(z))).view(-1, self.styles, self.width)

    def standard(self, z: torch.Tensor) -> torch.Tensor:
        """Parameters [B,P], each measured from its mean in units of its spread."""
        return (z - self.mean) * self.scale


class Basis(nn.Module):
    """Where the person's rows of W+ are measured from and in: the principal axes of the mapping's styles.

    In these coordinates heads are spread alike along every axis that sets heads apart, and little along those that do
    not, so that a step of equal length means as much everywhere and the squared length of a row is how unusual a head is
    (Zhu et al., "Improved StyleGAN Embedding: Where are the Good Latents?", 2020).
    """

    def __init__(self):
        super().__init__()
        size = STYLES * WIDTH
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("axes", torch.eye(size))
        self.styles, self.width = STYLES, WIDTH

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        """W+ [B,L,D] → styles [B,S,D]."""
        return (self.mean + w[:, : self.styles].flatten(1) @ self.axes.to(w.dtype)).view(-1, self.styles, self.width)

    @torch.no_grad()
    def fit(self, styles: torch.Tensor, floor: float) -> None:
        """Takes mean and axes from styles [N,S,D].

        Args:
            floor: least spread of an axis, as a share of the root mean square spread of all.
        """
        flat = styles.flatten(1).double()
        self.mean.copy_(flat.mean(0))
        variance, axes = torch.linalg.eigh(torch.cov(flat.T))
        variance, axes = variance.flip(0).clamp(min=0), axes.flip(1)
        spread = (variance + floor**2 * variance.mean()).sqrt()
        self.axes.copy_((axes * spread).T)

    @torch.no_grad()
    def inverse(self) -> torch.Tensor:
        """The matrix that takes (styles − mean) [B,S·D] back to W+: [S·D, S·D]."""
        return torch.linalg.inv(self.axes.double()).float()


class Residual(nn.Module):
    """The residual's rows of W+ as features: a few channels a place, along the axes in which heads differ most there."""

    def __init__(self):
        super().__init__()
        self.register_buffer("axes", torch.zeros(RESIDUAL_CHANNELS, _widths()[RESIDUAL_AT]))
        self.first, self.last, self.size = STYLES, STYLES + RESIDUAL, RESIDUAL_SIZE

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        """W+ [B,L,D] → features [B,C,size,size]."""
        places = w[:, self.first : self.last].reshape(w.shape[0], -1, self.size * self.size)
        return (self.axes.to(w.dtype).t() @ places).view(w.shape[0], -1, self.size, self.size)

    @torch.no_grad()
    def fit(self, features: torch.Tensor, unit: float) -> None:
        """Takes the axes from the features of many heads [N,C,size,size].

        Args:
            unit: how many standard deviations of the features along an axis a unit of W+ is.
        """
        apart = (features - features.mean(0)).permute(0, 2, 3, 1).flatten(0, 2).double()
        variance, axes = torch.linalg.eigh(apart.T @ apart / len(apart))
        variance, axes = variance.flip(0)[:RESIDUAL_CHANNELS], axes.flip(1)[:, :RESIDUAL_CHANNELS]
        self.axes.copy_((axes * variance.clamp(min=0).sqrt() * unit).T)


def _widths() -> list[int]:
    return [width for _, width, count in _RESOLUTIONS for _ in range(count)]


class ModulatedConv(nn.Module):
    """A convolution whose input channels are scaled by a style, demodulated to unit variance.

    Args:
        side: 1 for a bias a channel; the size of the picture for one a place as well.
    """

    def __init__(self, inputs: int, outputs: int, side: int = 1, kernel: int = 3, demodulate: bool = True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel) / (inputs * kernel * kernel) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(outputs, side, side))
        self.style = nn.Linear(WIDTH, inputs)
        self.padding = kernel // 2
        self.demodulate = demodulate
        nn.init.normal_(self.style.weight, std=0.7 / WIDTH**0.5)
        nn.init.ones_(self.style.bias)

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """x [B,I,H,W], w [B,D] → [B,O,H,W]."""
        style = self.style(w)
        x = F.conv2d(x * style[:, :, None, None], self.weight, padding=self.padding)
        if self.demodulate:
            power = style.square() @ self.weight.square().sum(dim=(2, 3)).t()
            x = x * torch.rsqrt(power + 1e-8)[:, :, None, None]
        return x + self.bias


class Planes(nn.Module):
    """Styles → tri-planes: one modulated convolution at 4², two at each of 8² to 64², and one to the planes.

    From 16² upwards and on the planes biases differ from place to place: all heads share a face, and such a constant
    learns its details (eyes, lips) far sooner than convolutions of a 4² start do. What many heads share, but not all (a skin,
    a hair style, a smile), is learned likewise by patterns: planes that the last style blends, as a morphable model blends its
    shapes and textures (Blanz and Vetter, "A Morphable Model for the Synthesis of 3D Faces", 1999).
    """

    scale_up: list[bool]

    def __init__(self):
        super().__init__()
        channels = _RESOLUTIONS[0][1]
        self.start = nn.Parameter(torch.randn(1, channels, 4, 4))
        self.convs = nn.ModuleList()
        self.scale_up = []
        for size, width, count in _RESOLUTIONS:
            for i in range(count):
                grows = i == 0 and size > 4
                side = size // 2 if grows else size
                self.convs.append(ModulatedConv(channels, width, side if side >= 16 else 1))
                self.scale_up.append(grows)
                channels = width
        self.out = ModulatedConv(channels, 3 * PLANE_CHANNELS, PLANE_SIZE, kernel=1, demodulate=False)
        self.blend = nn.Linear(WIDTH, PATTERNS)
        self.patterns = nn.Parameter(torch.zeros(PATTERNS, 3 * PLANE_CHANNELS, PLANE_SIZE, PLANE_SIZE))
        nn.init.normal_(self.blend.weight, std=0.1 / WIDTH**0.5)
        self.channels, self.size, self.residual_at = PLANE_CHANNELS, PLANE_SIZE, RESIDUAL_AT

    def forward(self, w: torch.Tensor, residual: torch.Tensor | None = None) -> torch.Tensor:
        """Styles [B,S,D] and the residual's features, if any → planes [B,3,C,P,P]."""
        x = self.start.expand(w.shape[0], -1, -1, -1)
        for i, conv in enumerate(self.convs):
            x = conv(x, w[:, i])
            if i == self.residual_at and residual is not None:
                x = x + residual
            x = F.leaky_relu(x, 0.2) * 1.4142
            if self.scale_up[i]:
                x = doubled(x)
        style = w[:, len(self.convs)]
        planes = self.out(x, style) + torch.einsum("bk,kchw->bchw", self.blend(style), self.patterns)
        return planes.view(-1, 3, self.channels, self.size, self.size)


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


class PlanesOfLatent(nn.Module):
    """W+ → tri-planes: what the pack's planes network does, which ``ready_planes`` makes of this.

    Args:
        planes: trained.
    """

    def __init__(self, planes: Planes):
        super().__init__()
        self.basis, self.residual, self.planes = Basis(), Residual(), planes

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        """[B,L,D] → [B,3,C,P,P]."""
        return self.planes(self.basis(w), self.residual(w))

    @torch.no_grad()
    def fit(self, styles: torch.Tensor, floor: float = 0.3, unit: float = 4.0, most: int = 512) -> None:
        """Measures the basis by styles [N,S,D] of heads, and the residual by the features of the first ``most``."""
        self.basis.fit(styles, floor)
        features = []
        hook = self.planes.convs[RESIDUAL_AT].register_forward_hook(lambda layer, given, x: features.append(x))
        for part in styles[:most].split(32):
            self.planes(part)
        hook.remove()
        self.residual.fit(torch.cat(features), unit)


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
    """Rendered features and coverage at 64² → surface at 128²: the doubled ones plus learned detail."""

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


class Render(nn.Module):
    """Tri-planes and light seen by a camera: volume rendering at 64², super-resolution, deferred shading.

    Args:
        background: RGB of the backdrop in [-1, 1].

    Attributes:
        visible: share of the samples that are evaluated when a gradient is wanted; 0 for all of them, as training needs.
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
        """Surface [B,7,128,128] of the planes, warped, seen by the camera."""
        return self.upscale(self.features(planes, warp, camera, self.size))

    def light(self, w: torch.Tensor) -> torch.Tensor:
        """W+ [B,L,D] → SH radiance [B,9] in the head's frame."""
        return self.light_mean + self.light_scale * w[:, w.shape[1] - 1, :9]

    def features(self, planes: torch.Tensor, warp: torch.Tensor, camera: torch.Tensor, rays: int) -> torch.Tensor:
        """Planes [B,3,C,P,P], their warp [B,3,K,K,K] and cameras [B,25] → coverage and rendered features.

        [B,1+FEATURES,rays,rays], the first seven of which are a surface.
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
        """What the decoder tells of points [B,N,3] of a head: [B,1+FEATURES,N]."""
        return self.decoder(self.lookup(planes, self.warped(points, warp)))

    def seen_in_all(self, planes: torch.Tensor, warp: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        """Coverage and features of the rays with samples [B,S·R,3]: [B,1+FEATURES,R]."""
        raw = self.raw(planes, warp, points)
        weight, coverage = self.composite(raw[:, :1])
        seen = (weight * raw[:, 1:]).unflatten(2, [self.samples, -1]).sum(dim=2)
        return torch.cat([coverage, seen], dim=1)

    def seen_in_some(self, planes: torch.Tensor, warp: torch.Tensor, points: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
        """As ``seen_in_all``, were all samples empty but those at ``place`` [B,1,K]."""
        raw = self.raw(planes, warp, points.gather(1, place.transpose(1, 2).expand(-1, -1, 3)))
        empty = raw.new_full([points.shape[0], 1, points.shape[1]], -float("inf"))
        weight, coverage = self.composite(empty.scatter(2, place, raw[:, :1]))
        parts = weight.gather(2, place) * raw[:, 1:]
        ray = (place % coverage.shape[2]).expand_as(parts)
        seen = raw.new_zeros([points.shape[0], self.outputs, coverage.shape[2]]).scatter_add(2, ray, parts)
        return torch.cat([coverage, seen], dim=1)

    def likely(self, planes: torch.Tensor, warp: torch.Tensor, camera: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
        """Which samples weigh most, by rays that enter at depth [B,1,H,H] and stand for those between: [B,1,K] of S·(2H)².

        Half as many rays each way tell well enough where the head is empty or hidden, as do the proposals of mip-NeRF 360
        (Barron et al., 2022).
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
        """Samples [B,S·size²,3] of the rays of a camera that enter at depth [B,1,size,size], the first of all rays first."""
        origin, direction = self.rays(camera, near.shape[2])
        at = (torch.arange(self.samples, device=near.device, dtype=near.dtype) + 0.5) / self.samples
        depth = near.flatten(2) + (self.window * 0.5 * (at + at * at))[:, None]
        return (origin[:, None, None] + depth[..., None] * direction[:, None]).flatten(1, 2)

    def warped(self, points: torch.Tensor, warp: torch.Tensor) -> torch.Tensor:
        """Where points [B,N,3] of a head lie in the mean head, by its warp [B,3,K,K,K]."""
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
        """Depth [B,1,size,size] at which each ray first meets the union of all heads, lowered to its neighbours'.

        Beyond the cube of the hull its border goes on.
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


class RenderOfLatent(nn.Module):
    """Tri-planes and W+ seen by a camera: what the pack's render network does.

    Args:
        generator: trained.
        basis: of W+.
    """

    def __init__(self, generator: "Generator", basis: Basis):
        super().__init__()
        self.warp, self.render = copy.deepcopy(generator.warp), copy.deepcopy(generator.render)
        self.render.visible = VISIBLE
        read = generator.warp.read
        self.warp.read.weight.data = read.weight.data @ basis.axes.T
        self.warp.read.bias.data = read.bias.data + read.weight.data @ basis.mean

    def forward(self, planes: torch.Tensor, w: torch.Tensor, camera: torch.Tensor) -> torch.Tensor:
        """planes [B,3,C,P,P], W+ [B,L,D], camera [B,25] → image [B,3,128,128] in about [-1, 1]."""
        return shade(self.render.surface(planes, self.warp(w), camera), self.render.light(w), self.render.backdrop)


class Generator(nn.Module):
    """Mapping, planes, warp and render together, for training.

    Args:
        inputs: P.
        background: RGB of the backdrop in [-1, 1].
    """

    def __init__(self, inputs: int, background: tuple[float, float, float]):
        super().__init__()
        self.mapping = Mapping(inputs)
        self.planes = Planes()
        self.warp = Warp()
        self.render = Render(background)

    def surface(self, styles: torch.Tensor, cameras: torch.Tensor) -> torch.Tensor:
        """Surfaces [B·V,7,128,128] of heads by their styles [B,S,D], each seen by V cameras [B·V,25]."""
        views = len(cameras) // len(styles)
        planes, warp = (part.repeat_interleave(views, dim=0) for part in (self.planes(styles), self.warp(styles)))
        return self.render.surface(planes, warp, cameras)
