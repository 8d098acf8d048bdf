"""The backbone: styles → tri-planes."""

import torch
from torch import nn
from torch.nn import functional as F

from .latent import RESIDUAL, RESIDUAL_CHANNELS, RESIDUAL_SIZE, STYLES, WIDTH, Basis

#: Index of the convolution whose features the residual is added to.
RESIDUAL_AT = 6
PLANE_CHANNELS, PLANE_SIZE = 16, 64
#: Number of patterns: whole planes that a style blends.
PATTERNS = 8
_RESOLUTIONS = ((4, 128, 1), (8, 128, 2), (16, 128, 2), (32, 96, 2), (64, 48, 2))


def doubled(features: torch.Tensor) -> torch.Tensor:
    """Features [B,C,H,W] at twice the size."""
    return F.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)


def _widths() -> list[int]:
    return [width for _, width, count in _RESOLUTIONS for _ in range(count)]


class Residual(nn.Module):
    """The residual's layers of W+ → features, along the axes in which heads differ most.

    A photo may need what no style draws (BDInvert: Kang et al., "GAN Inversion for Out-of-Range Images with Geometric
    Transformations", 2021).
    """

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
        """Sets the axes from the features `[N,C,size,size]` of many heads.

        Args:
            unit: length of a unit of W+, in standard deviations of the features along an axis.
        """
        apart = (features - features.mean(0)).permute(0, 2, 3, 1).flatten(0, 2).double()
        variance, axes = torch.linalg.eigh(apart.T @ apart / len(apart))
        variance, axes = variance.flip(0)[:RESIDUAL_CHANNELS], axes.flip(1)[:, :RESIDUAL_CHANNELS]
        self.axes.copy_((axes * variance.clamp(min=0).sqrt() * unit).T)


class ModulatedConv(nn.Module):
    """A convolution whose style scales the input channels, demodulated to unit variance (StyleGAN2).

    The style scales activations instead of weights, so that all rows of a batch share one convolution.

    Args:
        side: 1 for one bias for each channel; the picture's size for one bias for each channel and place.
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

    From 16² on, and on the planes, biases differ from place to place. All heads share a face, and a bias learns its details
    (eyes, lips) far sooner than convolutions of a 4² start do. Patterns learn what many heads share, but not all: a skin, a hair
    style, a smile. The last style blends the patterns as a morphable model blends shapes and textures (Blanz and Vetter, "A
    Morphable Model for the Synthesis of 3D Faces", 1999).
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
        """Styles `[B,S,D]` and optional features of the residual → planes `[B,3,C,P,P]`."""
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


class LatentPlanes(nn.Module):
    """W+ → tri-planes, for training. ``inference_planes`` makes the pack's network `planes` from it.

    Args:
        planes: a trained backbone.
    """

    def __init__(self, planes: Planes):
        super().__init__()
        self.basis, self.residual, self.planes = Basis(), Residual(), planes

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        """[B,L,D] → [B,3,C,P,P]."""
        return self.planes(self.basis(w), self.residual(w))

    @torch.no_grad()
    def fit(self, styles: torch.Tensor, floor: float = 0.3, unit: float = 4.0, most: int = 512) -> None:
        """Fits the basis to the styles `[N,S,D]` of heads, and the residual to the features of the first ``most`` heads."""
        self.basis.fit(styles, floor)
        features = []
        hook = self.planes.convs[RESIDUAL_AT].register_forward_hook(lambda layer, given, x: features.append(x))
        for part in styles[:most].split(32):
            self.planes(part)
        hook.remove()
        self.residual.fit(torch.cat(features), unit)
