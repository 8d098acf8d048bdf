"""Random changes of pictures while training: mirroring, noise, blur, stains and contrast."""

import torch
from torch import Tensor
from torch.nn import functional as F

MIRROR_LIGHT = torch.tensor([1.0, 1, 1, -1, -1, 1, 1, -1, 1])
MIRROR_ANGLES = torch.tensor([-1.0, 1.0])


def mirror(images: Tensor) -> tuple[Tensor, Tensor]:
    """Mirrors half of the pictures; also returns a mask `[B,1]` of the mirrored ones."""
    mirrored = torch.rand(len(images), 1, device=images.device) < 0.5
    images = torch.where(mirrored[:, :, None, None], images.flip(3), images)
    return images.contiguous(memory_format=torch.channels_last), mirrored


def degraded(images: Tensor) -> Tensor:
    """Adds noise and blur of a random degree to half of the pictures `[B,3,S,S]`."""
    blurred = F.interpolate(F.avg_pool2d(images, 2), scale_factor=2.0, mode="bilinear", align_corners=False)
    chance, degree = torch.rand(2, len(images), 1, 1, 1, device=images.device)
    degree = degree * (chance < 0.5)
    return images + degree * (blurred - images) + 0.06 * degree.flip(0) * torch.randn_like(images)


def perturbed(images: Tensor) -> Tensor:
    """Changes noise, blur, stains and contrast of three in four pictures `[B,3,32,32]`, each to a random degree."""
    count, device = len(images), images.device

    def chance() -> Tensor:
        return torch.rand(count, 1, 1, 1, device=device)

    def degree(most: float) -> Tensor:
        return most * chance() * (chance() < 0.5)

    blurred = F.avg_pool2d(F.pad(images, [1, 1, 1, 1], mode="replicate"), 3, stride=1)
    out = images + degree(1.0) * (blurred - images)
    coarse = torch.randn(count, 3, 5, 5, device=device)
    stains = F.interpolate(coarse, size=32, mode="bicubic", align_corners=False)
    out = out + degree(0.12) * stains + degree(0.12) * torch.randn_like(images)
    middle = out.mean((2, 3), keepdim=True)
    out = middle + (out - middle) * (1.0 + degree(0.15) - degree(0.15)) + degree(0.06) - degree(0.06)
    return torch.where(chance() < 0.75, out, images).clamp(-1.2, 1.2)
