"""The maquette's generator: parameters → W+ → tri-planes, warped → albedo, normals and coverage → picture under a light.

Tri-planes and the neural renderer follow Chan et al., "Efficient Geometry-aware 3D Generative Adversarial Networks"
(EG3D), 2022; the backbone's modulated convolutions follow Karras et al., "Analyzing and Improving the Image Quality of
StyleGAN" (StyleGAN2), 2020, with activations scaled instead of weights, so that a batch shares one convolution.
Without noise inputs and batch statistics, the result of a row depends on that row alone.

The picture is shaded last (``render.shading``), as in relightable generators. The last layer of W+ holds the light and the
layers before it hold the person, so that light and person move independently. The person's first layers are styles. The other
layers are the residual, which is added to the features of one convolution (``planes.Residual``).
"""

import copy

import torch
from torch import nn

from ..render.shading import shade
from .latent import Basis, Mapping
from .planes import Planes
from .volume import VolumeRenderer
from .warp import Warp

#: Share of samples that the pack's `render` evaluates for a gradient. About a quarter weigh a thousandth or more in a pixel.
VISIBLE = 0.35
IMAGE_SIZE = 128


class LatentRenderer(nn.Module):
    """Tri-planes, W+ and camera → picture: the pack's network `render`.

    Args:
        generator: a trained generator.
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
    """Mapping, planes, warp and renderer together, for training.

    Args:
        inputs: P.
        background: RGB of the backdrop in [-1, 1].
    """

    def __init__(self, inputs: int, background: tuple[float, float, float]):
        super().__init__()
        self.mapping = Mapping(inputs)
        self.planes = Planes()
        self.warp = Warp()
        self.render = VolumeRenderer(background)

    def surface(self, styles: torch.Tensor, cameras: torch.Tensor) -> torch.Tensor:
        """Surfaces [B·V,7,128,128] of heads by their styles [B,S,D], each seen by V cameras [B·V,25]."""
        views = len(cameras) // len(styles)
        planes, warp = (part.repeat_interleave(views, dim=0) for part in (self.planes(styles), self.warp(styles)))
        return self.render.surface(planes, warp, cameras)
