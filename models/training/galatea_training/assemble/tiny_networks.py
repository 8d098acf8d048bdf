"""Tiny networks with random weights that keep the pack contract, for tests of gradients and of loading.

All activations are smooth, so that central differences agree with autograd. Shapes: image 32, W+ 4x16, planes 3x4x8x8,
8 tokens of width 16, prior 3x8x8, identity 8. TorchScript reads no globals, so `forward` has these numbers as literals.
"""

import math

import torch
from galatea_packfile.conventions import camera_from_angles
from torch import Tensor, nn
from torch.nn import functional as F

IMAGE, LAYERS, WIDTH = 32, 4, 16
CHANNELS, PLANE = 4, 8
TOKENS, TEXT_WIDTH = 8, 16
PRIOR, IDENTITY = 8, 8
RAYS, SAMPLES = 16, 8


class Planes(nn.Module):
    """W+ `[B,4,16]` to tri-planes `[B,3,4,8,8]`: an affine map of all layers, and smooth patches."""

    def __init__(self) -> None:
        super().__init__()
        self.coarse = nn.Linear(LAYERS * WIDTH, 3 * CHANNELS * 4)
        self.patches = nn.ConvTranspose2d(3 * CHANNELS, 3 * CHANNELS, 4, stride=4)

    def forward(self, latent: Tensor) -> Tensor:
        coarse = torch.tanh(self.coarse(latent.flatten(1))).reshape(-1, 12, 2, 2)
        return self.patches(coarse).unflatten(1, [3, 4])


class Render(nn.Module):
    """Planes, W+ and camera `[B,25]` to a picture: 16^2 rays of 8 samples, an MLP, and bilinear up-sampling."""

    def __init__(self) -> None:
        super().__init__()
        self.style = nn.Linear(WIDTH, 16)
        self.hidden = nn.Linear(CHANNELS, 16)
        self.out = nn.Linear(16, 4)
        axis = (torch.arange(RAYS) + 0.5) / RAYS
        rows, columns = torch.meshgrid(axis, axis, indexing="ij")
        self.register_buffer("pixels", torch.stack([columns, rows], -1).reshape(-1, 2))
        self.register_buffer("depths", torch.linspace(2.2, 3.2, SAMPLES))

    def forward(self, planes: Tensor, latent: Tensor, camera: Tensor) -> Tensor:
        points = self.points(camera)
        features = self.lookup(planes, points)
        hidden = torch.tanh(self.hidden(features) + self.style(latent[:, -1])[:, None])
        out = self.out(hidden).reshape(-1, 256, 8, 4)
        alpha = 1.0 - torch.exp(-F.softplus(4.0 * out[..., 3]))
        clear = torch.cumprod(1.0 - alpha + 1e-6, -1) / (1.0 - alpha + 1e-6)
        colour = ((alpha * clear)[..., None] * torch.tanh(2.0 * out[..., :3])).sum(2)
        image = colour.transpose(1, 2).reshape(-1, 3, 16, 16)
        return F.interpolate(image, scale_factor=2.0, mode="bilinear", align_corners=False)

    def points(self, camera: Tensor) -> Tensor:
        """Sample positions `[B, rays * samples, 3]` in the head's frame."""
        pose = camera[:, :16].reshape(-1, 4, 4)
        focal, centre = camera[:, [16, 20]], camera[:, [18, 21]]
        slope = (self.pixels - centre[:, None]) / focal[:, None]
        ray = F.normalize(torch.cat([slope, torch.ones_like(slope[..., :1])], -1), dim=-1)
        ray = ray @ pose[:, :3, :3].transpose(1, 2)
        points = pose[:, None, None, :3, 3] + ray[:, :, None] * self.depths[:, None]
        return points.flatten(1, 2)

    def lookup(self, planes: Tensor, points: Tensor) -> Tensor:
        """Mean over the xy, xz and yz planes at the points: `[B,N,4]`."""
        pairs = torch.stack([points[:, :, [0, 1]], points[:, :, [0, 2]], points[:, :, [1, 2]]], 1)
        sampled = F.grid_sample(planes.flatten(0, 1), 2.0 * pairs.flatten(0, 1)[:, None], align_corners=False)
        return sampled.reshape(-1, 3, 4, points.shape[1]).mean(1).transpose(1, 2)


class Pooled(nn.Module):
    """Image to `[B,outputs]`: 4x4 patches, a smooth layer, and an affine map of all of them."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 4, 8, stride=8)
        self.out = nn.Linear(4 * 16, outputs)

    def forward(self, image: Tensor) -> Tensor:
        return self.out(torch.tanh(self.patches(image)).flatten(1))


class Perceptual(nn.Module):
    """Image to features `[B,192]`: patches through a smooth layer."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 12, 8, stride=8)

    def forward(self, image: Tensor) -> Tensor:
        return 0.2 * torch.tanh(self.patches(image)).flatten(1)


class Identity(nn.Module):
    """Image to a unit vector `[B,8]`."""

    def __init__(self) -> None:
        super().__init__()
        self.pooled = Pooled(IDENTITY)

    def forward(self, image: Tensor) -> Tensor:
        return F.normalize(self.pooled(image), dim=1)


class Encoder(nn.Module):
    """Image to W+ `[B,4,16]`."""

    def __init__(self) -> None:
        super().__init__()
        self.pooled = Pooled(LAYERS * WIDTH)

    def forward(self, image: Tensor) -> Tensor:
        return self.pooled(image).unflatten(1, [4, 16])


class Pose(nn.Module):
    """Image to camera `[B,25]`, yaw and pitch within half a radian."""

    def __init__(self) -> None:
        super().__init__()
        self.pooled = Pooled(2)

    def forward(self, image: Tensor) -> Tensor:
        angles = 0.5 * torch.tanh(self.pooled(image))
        return camera_from_angles(angles[:, 0], angles[:, 1])


class Text(nn.Module):
    """Token ids `[B,8]` to conditioning `[B,8,16]`; padding gives zeros."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, TEXT_WIDTH)

    def forward(self, ids: Tensor) -> Tensor:
        return self.words(ids) * (ids != 0).unsqueeze(-1)


class PriorEncode(nn.Module):
    """Image `[B,3,32,32]` to the prior's space `[B,3,8,8]` by the mean over areas."""

    def forward(self, image: Tensor) -> Tensor:
        return F.avg_pool2d(image, 4)


class Prior(nn.Module):
    """x_t `[B,3,8,8]`, timestep `[B]` and conditioning `[B,8,16]` to noise `[B,3,8,8]`."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3, 8, 3, padding=1)
        self.condition = nn.Linear(TEXT_WIDTH + 2, 8)
        self.leave = nn.Conv2d(8, 3, 3, padding=1)

    def forward(self, x: Tensor, timestep: Tensor, conditioning: Tensor) -> Tensor:
        phase = timestep.to(x.dtype)[:, None] * (math.pi / 1000.0)
        facts = torch.cat([conditioning.mean(1), phase.sin(), phase.cos()], 1)
        hidden = self.enter(x) + self.condition(facts)[:, :, None, None]
        return self.leave(torch.tanh(hidden))


class GreedyPrior(nn.Module):
    """A prior that asks libtorch for 4 PiB when it is given more than 4 samples, and fails as on a full device."""

    def __init__(self) -> None:
        super().__init__()
        self.prior = Prior()

    def forward(self, x: Tensor, timestep: Tensor, conditioning: Tensor) -> Tensor:
        if x.shape[0] > 4:
            x = x + torch.zeros([1 << 50]).sum()
        return self.prior(x, timestep, conditioning)


class RoundingPrior(nn.Module):
    """A prior that ignores the text, except for a rounding error in batches that depends on the text."""

    def __init__(self) -> None:
        super().__init__()
        self.prior = Prior()

    def forward(self, x: Tensor, timestep: Tensor, conditioning: Tensor) -> Tensor:
        rounding = torch.sin(1000.0 * conditioning.sum((1, 2))) * float(x.shape[0] > 2)
        return self.prior(x, timestep, torch.zeros_like(conditioning)) + 0.001 * rounding[:, None, None, None]


class Mapping(nn.Module):
    """Normal numbers `[B,2]` to W+ `[B,4,16]`: the first number in even columns, the second in odd columns."""

    def forward(self, noise: Tensor) -> Tensor:
        return noise.repeat(1, 32).view(-1, 4, 16)


class LatentMapper(nn.Module):
    """W+ `[B,4,16]` and conditioning `[B,8,16]` to W+: every layer plus the sum of the conditioning."""

    def forward(self, latent: Tensor, conditioning: Tensor) -> Tensor:
        return latent + conditioning.sum(1, keepdim=True)
