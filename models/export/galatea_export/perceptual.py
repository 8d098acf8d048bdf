"""The perceptual network: VGG16 features whose squared distance is LPIPS.

Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric"; Simonyan and Zisserman
2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition". Two published forms are taken: NVIDIA's
`vgg16.pt`, a TorchScript file, and torchvision's VGG16 with the LPIPS heads `vgg.pth`.
"""

import zipfile
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoints.state import CheckpointError, fill, leading, read_state
from .pictures import IMAGENET, resized
from .precision import DTYPES, gradient_scale, scale_gradient
from .random_weights.state import random_state

#: The largest side that features are taken at; larger pictures are shrunk, as FaceDNeRF does.
SIZE = 256
#: VGG16's configuration D: channels of the convolutions as multiples of the first's; 0 is a pooling.
_LAYOUT = (1, 1, 0, 2, 2, 0, 4, 4, 4, 0, 8, 8, 8, 0, 8, 8, 8)
#: Layers after which LPIPS takes features: relu1_2, relu2_2, relu3_3, relu4_3, relu5_3.
_TAPS = (4, 9, 16, 23, 30)


class Vgg16(nn.Module):
    """VGG16's convolutions up to relu5_3, in torchvision's names.

    Args:
        width: channels of the first scale; the published network has 64.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        enter = 3
        for multiple in _LAYOUT:
            if multiple == 0:
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [nn.Conv2d(enter, multiple * width, 3, 1, 1), nn.ReLU()]
                enter = multiple * width
        self.features = nn.Sequential(*layers)

    def scales(self) -> list[nn.Sequential]:
        """The layers between the places where LPIPS takes features."""
        return [self.features[start:end] for start, end in pairwise((0, *_TAPS))]


class Heads(nn.Module):
    """The LPIPS heads: how much each channel of each scale counts, `[1,C,1,1]`, in the names of `vgg.pth`."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        for i, multiple in enumerate((1, 2, 4, 8, 8)):
            head = nn.Sequential(nn.Identity(), nn.Conv2d(multiple * width, 1, 1, bias=False))
            self.add_module(f"lin{i}", nn.ModuleDict({"model": head}))


class Scale(nn.Module):
    """The layers of one scale → what the next scale sees, and LPIPS's features of this one `[B,F]`.

    Args:
        head: weights of the channels; their roots are taken, so that the squared distance is weighted by them.
    """

    def __init__(self, layers: nn.Sequential, head: Tensor) -> None:
        super().__init__()
        self.layers = layers
        # In float64: torch's roots of float32 differ in their last bit from one CPU to another.
        self.register_buffer("root", head.double().sqrt().to(head.dtype))

    def forward(self, x: Tensor, gain: float) -> tuple[Tensor, Tensor]:
        x = self.layers(x)
        features = scale_gradient(x.to(self.root.dtype), gain)
        length = torch.rsqrt(features.square().sum(1, keepdim=True) + 1e-10)
        places = float(x.shape[2] * x.shape[3])
        return x, (features * length * self.root / places**0.5).flatten(1)


class Lpips(nn.Module):
    """Picture → features `[B,F]` whose squared distance is LPIPS: a sum over scales, a mean over places.

    Args:
        half: precision of the convolutions: "fp32", "fp16" or "bf16"; lengths and weights are float32.
    """

    def __init__(self, vgg: Vgg16, heads: Heads, half: str = "fp32") -> None:
        super().__init__()
        self.dtype, self.gain, self.size = DTYPES[half], gradient_scale(half), SIZE
        weights = heads.state_dict().values()
        self.scales = nn.ModuleList(Scale(s.to(self.dtype), w) for s, w in zip(vgg.scales(), weights, strict=True))
        mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in IMAGENET)
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def forward(self, image: Tensor) -> Tensor:
        x = (resized(image, min(self.size, image.shape[2])) - self.mean) / self.deviation
        x = scale_gradient(x, 1.0 / self.gain).to(self.dtype)
        parts: list[Tensor] = []
        for scale in self.scales:
            x, features = scale(x, self.gain)
            parts.append(features)
        return torch.cat(parts, 1)


class ScriptedLpips(nn.Module):
    """Picture → features `[B,F]` of a TorchScript file with NVIDIA's signature: pixels 0 to 255, `return_lpips`."""

    def __init__(self, network: torch.jit.ScriptModule) -> None:
        super().__init__()
        self.network, self.size = network, SIZE

    def forward(self, image: Tensor) -> Tensor:
        pixels = 127.5 * (resized(image, min(self.size, image.shape[2])) + 1.0)
        return self.network(pixels, resize_images=False, return_lpips=True)


def load(path: Path, heads: Path | None = None, half: str = "fp32") -> nn.Module:
    """The perceptual network from one of its published forms.

    Args:
        path: NVIDIA's `vgg16.pt`, or torchvision's state dict of VGG16 (`vgg16-397923af.pth`).
        heads: for torchvision's, the LPIPS heads (`vgg.pth` of LPIPS 0.1).
        half: precision inside the network: "fp32", "fp16" or "bf16"; a TorchScript file has "fp32" only.

    Raises:
        CheckpointError: the file is of neither form, a key or shape is wrong, or the heads are missing or out of place.
    """
    if is_script(path):
        return _scripted(path, heads, half)
    state = read_state(path)
    if heads is None:
        raise CheckpointError(f"{path} is a state dict: it needs the LPIPS heads (vgg.pth of LPIPS 0.1) beside it")
    lin = read_state(heads)
    with torch.device("meta"):
        width = leading(state, "features.0.weight", path)
        vgg, empty = Vgg16(width), Heads(width)
    fill(vgg, state, path, [r"classifier\..*"])
    filled = fill(empty, lin, heads)
    for key, value in filled.state_dict().items():
        if value.min() < 0:
            raise CheckpointError(f"{heads}: '{key}' has weights below 0; LPIPS is a distance only where none is")
    return Lpips(vgg, filled, half).eval()


def is_script(path: Path) -> bool:
    """Whether the file is TorchScript, that is a zip archive with code."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any("/code/" in name for name in archive.namelist())


def _scripted(path: Path, heads: Path | None, half: str) -> nn.Module:
    if heads is not None:
        raise CheckpointError(f"{path} is TorchScript and has its own LPIPS heads; {heads} must not be given with it")
    if half != "fp32":
        raise CheckpointError(
            f"{path} is TorchScript, which computes in fp32 only, not in {half}; "
            "give torchvision's VGG16 and the LPIPS heads for that"
        )
    try:
        network = torch.jit.script(ScriptedLpips(_frozen(torch.jit.load(path, map_location="cpu"))).eval())
        features = network(torch.zeros(1, 3, 64, 64))
    except RuntimeError as error:
        raise CheckpointError(
            f"{path} does not take (pixels, resize_images=False, return_lpips=True) as NVIDIA's vgg16.pt does: {error}"
        ) from error
    if features.dim() != 2 or features.shape[0] != 1:
        raise CheckpointError(
            f"{path} gives features of shape {list(features.shape)} for one picture; they must be [1,F]"
        )
    return network


def _frozen(network: torch.jit.ScriptModule) -> torch.jit.ScriptModule:
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    return network.eval()


class Published(nn.Module):
    """A network with the signature of NVIDIA's `vgg16.pt`, of which only `return_lpips` is there."""

    def __init__(self, network: Lpips) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, pixels: Tensor, resize_images: bool = True, return_features: bool = False, return_lpips: bool = False
    ) -> Tensor:
        assert return_lpips and not resize_images and not return_features
        return self.network(pixels / 127.5 - 1.0)


def random_checkpoint(path: Path, seed: int, reduced: bool) -> None:
    """Writes torchvision's VGG16 and, as `heads_beside(path)`, the LPIPS heads, with seeded random weights.

    Args:
        reduced: a few channels instead of the published widths.
    """
    for part, file in zip(random_parts(4 if reduced else 64, seed), (path, heads_beside(path)), strict=True):
        torch.save(part.state_dict(), file)


def heads_beside(path: Path) -> Path:
    """`vgg.pth` in the folder of a VGG16."""
    return path.with_name("vgg.pth")


def random_parts(width: int, seed: int) -> tuple[Vgg16, Heads]:
    """VGG16 and the LPIPS heads with seeded random weights, the heads' not below 0."""
    vgg, heads = Vgg16(width), Heads(width)
    vgg.load_state_dict(random_state(vgg, seed))
    heads.load_state_dict({key: value.abs() for key, value in random_state(heads, seed + 1).items()})
    return vgg.requires_grad_(False), heads.requires_grad_(False)
