"""EG3D (Chan et al., "Efficient Geometry-aware 3D Generative Adversarial Networks", 2022) as `planes` and `render`.

The code reads the sizes of all layers from the checkpoint, so that it serves the checkpoints of FFHQ, AFHQ and ShapeNet and the
reduced ones of the tests.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .checkpoints import eg3d as eg3d_checkpoint
from .checkpoints.eg3d import Constants
from .checkpoints.state import CheckpointError, fill
from .packing import licences
from .packing.part import Part
from .precision import DTYPES, gradient_scale, scale_gradient
from .stylegan import Block, FirstBlock, Mapping, settle
from .volume import Decoder, Volume

#: In EG3D's checkpoints, but constant or never used at inference.
UNUSED = (r".*\.resample_filter", r"superresolution\..*\.noise_(const|strength)")
#: Gradients of a sample on a ray and of a plane's cell are about so much smaller than a pixel's.
FINER = 256.0
#: Raw density at which EG3D's authors draw surfaces.
SURFACE = 10.0


@dataclass(frozen=True)
class Options:
    """How EG3D is exported.

    Args:
        planes, render: arithmetic of each network's convolutions, and of the decoder; one of `part.PRECISIONS`.
        samples: of each of the two passes along a ray; None for the checkpoint's (48). EG3D's own videos take 96.
        rays: along a side before super-resolution; None for the checkpoint's (128). 64 costs a quarter.
        focal: focal length over image size of the camera that conditions the mean W; 4.2647 for FFHQ and AFHQ.
        mean_samples: z drawn for the mean W.
        truncation: ψ of the truncation trick; the mean W lies at w_avg + ψ·(mean − w_avg).
        seed: of the z.
    """

    planes: str = "fp32"
    render: str = "fp32"
    samples: int | None = None
    rays: int | None = None
    focal: float = 4.2647
    mean_samples: int = 10_000
    truncation: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Sizes:
    """Sizes of the architecture, read from the shapes of a checkpoint.

    Args:
        backbone: channels of each block from 4² on, each twice the side.
        upper: channels and side of the two super-resolution blocks.
    """

    z: int
    width: int
    conditions: int
    mapping_layers: int
    backbone: list[int]
    plane_channels: int
    hidden: int
    features: int
    upper: list[tuple[int, int]]

    @staticmethod
    def of(state: dict[str, Tensor], source: Path) -> "Sizes":
        """Reads the sizes; raises CheckpointError for a missing tensor."""

        def size(key: str, axis: int = 0) -> int:
            if key not in state or state[key].dim() <= axis:
                raise CheckpointError(f"{source} lacks '{key}'; it is truncated or no EG3D checkpoint")
            return state[key].shape[axis]

        width, side, backbone, layers = size("backbone.mapping.w_avg"), 4, [], 0
        while f"backbone.synthesis.b{side}.torgb.weight" in state or side == 4:
            backbone.append(size(f"backbone.synthesis.b{side}.conv1.bias"))
            side *= 2
        while f"backbone.mapping.fc{layers}.weight" in state or layers == 0:
            size(f"backbone.mapping.fc{layers}.weight")
            layers += 1
        upper = [
            (size(f"superresolution.{b}.conv1.bias"), size(f"superresolution.{b}.conv1.noise_const"))
            for b in ("block0", "block1")
        ]
        return Sizes(
            z=size("backbone.mapping.fc0.weight", 1) - width,
            width=width,
            conditions=size("backbone.mapping.embed.weight", 1),
            mapping_layers=layers,
            backbone=backbone,
            plane_channels=size("backbone.synthesis.b4.torgb.bias") // 3,
            hidden=size("decoder.net.0.bias"),
            features=size("decoder.net.2.bias") - 1,
            upper=upper,
        )


class Generator(nn.Module):
    """All parameters under NVIDIA's names. `Planes` and `Render` are made of its filled parts."""

    def __init__(self, sizes: Sizes, constants: Constants):
        super().__init__()
        colours, width = 3 * sizes.plane_channels, sizes.width
        self.backbone = nn.Module()
        self.backbone.mapping = Mapping(sizes.z, sizes.conditions, width, sizes.mapping_layers)
        blocks = {"b4": FirstBlock(sizes.backbone[0], colours, width, noisy=True, clamp=constants.clamp)}
        for index, (inputs, outputs) in enumerate(zip(sizes.backbone, sizes.backbone[1:])):
            side = 8 << index
            blocks[f"b{side}"] = Block(inputs, outputs, colours, width, side, True, True, constants.clamp)
        self.backbone.synthesis = nn.ModuleDict(blocks)
        self.decoder = Decoder(sizes.plane_channels, sizes.hidden, sizes.features, constants.decoder_rate)
        self.superresolution, before = nn.ModuleDict(), (sizes.features, constants.input_resolution)
        for index, (channels, side) in enumerate(sizes.upper):
            if side not in (before[1], 2 * before[1]):
                raise CheckpointError(f"superresolution.block{index} is for {side}²; after {before[1]}² it cannot be")
            block = Block(before[0], channels, 3, width, side, False, side > before[1], constants.upper_clamp)
            self.superresolution[f"block{index}"], before = block, (channels, side)


class Planes(nn.Module):
    """W+ to tri-planes: the StyleGAN2 backbone, with its fixed noise."""

    def __init__(self, synthesis: nn.ModuleDict, channels: int, gradient: float):
        super().__init__()
        first, *rest = synthesis.values()
        self.first, self.rest = first, nn.ModuleList(rest)
        self.channels, self.gradient = channels, gradient

    def forward(self, latent: Tensor) -> Tensor:
        """[B,L,D] → [B,3,C,P,P]."""
        latent = scale_gradient(latent, 1.0 / self.gradient)
        x, planes = self.first(latent[:, :2])
        for index, block in enumerate(self.rest):
            x, planes = block(x, planes, latent[:, 2 * index + 1 : 2 * index + 4])
        return scale_gradient(planes, self.gradient).unflatten(1, [3, self.channels])


class SuperResolution(nn.Module):
    """Features, whose first three channels are a picture, to the picture at full size, styled by the last layer of W+."""

    def __init__(self, blocks: nn.ModuleDict, side: int, antialias: bool, gradient: float):
        super().__init__()
        self.blocks = nn.ModuleList(blocks.values())
        self.side, self.antialias, self.gradient = side, antialias, gradient

    def forward(self, features: Tensor, w: Tensor) -> Tensor:
        """Features [B,F,R,R], w [B,D] → picture [B,3,S,S]."""
        w = scale_gradient(w, 1.0 / self.gradient)[:, None].expand(-1, 3, -1)
        picture, x = features[:, :3], features
        if x.shape[-1] != self.side:
            x, picture = self.resized(x), self.resized(picture)
        x = scale_gradient(x, 1.0 / self.gradient).to(self.blocks[0].conv0.kernel.dtype)
        picture = scale_gradient(picture, 1.0 / self.gradient)
        for block in self.blocks:
            x, picture = block(x, picture, w)
        return scale_gradient(picture, self.gradient)

    def resized(self, x: Tensor) -> Tensor:
        """x [B,C,R,R] at the side that the first block takes."""
        size = [self.side, self.side]
        return F.interpolate(x, size, mode="bilinear", align_corners=False, antialias=self.antialias)


class Render(nn.Module):
    """Planes, W+ and cameras to pictures."""

    def __init__(self, volume: Volume, superresolution: SuperResolution):
        super().__init__()
        self.volume, self.superresolution = volume, superresolution

    def forward(self, planes: Tensor, latent: Tensor, camera: Tensor) -> Tensor:
        """Planes [B,3,C,P,P], W+ [B,L,D], camera [B,25] → picture [B,3,S,S]."""
        return self.superresolution(self.volume(planes, camera), latent[:, -1])


class Density(nn.Module):
    """Planes and points to solidity and colour, for meshes."""

    def __init__(self, volume: Volume):
        super().__init__()
        self.volume, self.level = volume, SURFACE

    def forward(self, planes: Tensor, latent: Tensor, points: Tensor) -> Tensor:
        """Planes [B,3,C,P,P], W+ [B,L,D] that is not used, points [B,N,3] → [B,N,4] in [0, 1]: solidity, RGB."""
        density, colour = self.volume.at(planes, points)
        solid = (0.5 * density / self.level).clamp(0.0, 1.0)
        return torch.cat([solid[:, None], colour[:, :3].clamp(0.0, 1.0)], dim=1).transpose(1, 2)


def part(path: Path, code: Path | None, options: Options) -> Part:
    """Reads a checkpoint, `.pkl` with the user's own clone of EG3D, or `.safetensors` (`eg3d_checkpoint.read`).

    Raises:
        CheckpointError: it is no EG3D checkpoint, or broken.
    """
    state, constants = eg3d_checkpoint.read(path, code)
    sizes = Sizes.of(state, path)
    generator = fill(Generator(sizes, constants), state, path, UNUSED)
    mean = mean_latent(generator.backbone.mapping, constants, options)
    settle(generator.backbone.synthesis, DTYPES[options.planes])
    settle(generator.superresolution, DTYPES[options.render])
    layers, side = 2 * len(sizes.backbone), 4 << (len(sizes.backbone) - 1)
    volume = Volume(
        generator.decoder.settled(DTYPES[options.render], finer_scale(options.render)),
        [tuple(pair) for pair in constants.plane_axes], constants.box_warp, constants.ray_start, constants.ray_end,
        options.rays or constants.neural_rendering_resolution, options.samples or constants.depth_resolution,
        constants.white_back,
    )  # fmt: skip
    upper = SuperResolution(
        generator.superresolution, constants.input_resolution, constants.antialias, gradient_scale(options.render)
    )
    return Part(
        networks={
            "planes": Planes(generator.backbone.synthesis, sizes.plane_channels, finer_scale(options.planes)).eval(),
            "render": Render(volume, upper).eval(),
            "density": Density(volume).eval(),
        },
        licence=licences.EG3D,
        source=[path],
        sections={
            "image_size": sizes.upper[-1][1],
            "latent": {"layers": layers, "width": sizes.width, "mean": "mean_latent.f32"},
            "planes": {"channels": sizes.plane_channels, "size": side},
            "camera": {"radius": constants.camera_radius, "focal": options.focal, "side_yaw": 0.2, "side_pitch": 0.2},
            "density": {"extent": 0.5 * constants.box_warp},
        },
        files={"mean_latent.f32": mean.repeat(layers, 1).numpy().astype("<f4").tobytes()},
    )


def finer_scale(half: str) -> float:
    """The factor on gradients of samples on rays and of planes' cells."""
    return FINER * gradient_scale(half) if half == "fp16" else 1.0


@torch.no_grad()
def mean_latent(mapping: Mapping, constants: Constants, options: Options) -> Tensor:
    """Mean W [D] of random z under the frontal camera."""
    z = torch.randn(options.mean_samples, mapping.z, generator=torch.Generator().manual_seed(options.seed))
    camera = frontal(constants.camera_radius, options.focal) * constants.condition_scale
    mean = mapping(z, camera.expand(len(z), -1)).mean(0)
    return mapping.w_avg + options.truncation * (mean - mapping.w_avg)


def frontal(radius: float, focal: float) -> Tensor:
    """The frontal camera [25] of docs/pack.md."""
    pose = [[1, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, radius], [0, 0, 0, 1]]
    intrinsics = [[focal, 0, 0.5], [0, focal, 0.5], [0, 0, 1]]
    return torch.tensor([*sum(pose, []), *sum(intrinsics, [])], dtype=torch.float32)
