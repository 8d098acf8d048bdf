"""Losses between drawn and true surfaces and pictures."""

import torch
from galatea_packfile.conventions import FOCAL

#: Least visible difference of a channel, in pictures in [-1, 1]; and the least sum of a change in ``change_loss``.
VISIBLE, LEAST_CHANGE = 0.06, 5.0
#: Eyes and mouth: positions in the head's frame, and weights in the loss.
LANDMARKS = (((0.085, 0.071, 0.15), 3.0), ((-0.085, 0.071, 0.15), 3.0), ((0.0, -0.105, 0.19), 3.0))


def landmark_weight(cameras: torch.Tensor, size: int) -> torch.Tensor:
    """Weights of pixels `[B,1,size,size]`: 1, and more about eyes and mouth, for cameras `[B,25]`."""
    pose, intrinsics = cameras[:, :16].view(-1, 4, 4), cameras[:, 16:].view(-1, 3, 3)
    radius = 0.06 * intrinsics[:, 0, 0, None, None] / FOCAL
    at = (torch.arange(size, device=cameras.device) + 0.5) / size
    weight = cameras.new_ones(len(cameras), size, size)
    for point, strength in LANDMARKS:
        local = torch.einsum("bij,bi->bj", pose[:, :3, :3], cameras.new_tensor(point) - pose[:, :3, 3])
        x, y = (intrinsics[:, i, i] * local[:, i] / local[:, 2] + intrinsics[:, i, 2] for i in (0, 1))
        distance = (at[None, None, :] - x[:, None, None]) ** 2 + (at[None, :, None] - y[:, None, None]) ** 2
        weight = weight + strength * torch.exp(-distance / (2 * radius**2))
    return weight[:, None]


def image_loss(image: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted L1 and L2 of pictures, and L1 of their image gradients."""
    error = image - target
    edges = (error[..., 1:] - error[..., :-1]).abs().mean() + (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    return (weight * (0.5 * error.abs() + 2 * error.square())).mean() + 0.25 * edges


def surface_loss(surface: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted L1 of coverage, albedo and normals. Normals have a third of the weight of the others."""
    error = (surface - target).abs()
    return (weight * (error[:, :4].mean(1, keepdim=True) + error[:, 4:].mean(1, keepdim=True) / 3)).mean()


def change_loss(pictures: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """The share of the true change within pairs of pictures that is drawn wrong, as a mean over the pairs.

    Args:
        pictures: drawn, `[2B,3,S,S]`: the first half before the change, the second half after it.
        truth: true pictures of the same shape.
    """
    before, after = pictures.chunk(2)
    true_before, true_after = truth.chunk(2)
    wanted = true_after - true_before
    region = (wanted.abs().amax(1, keepdim=True) > VISIBLE).float()
    wrong = ((after - before - wanted).abs() * region).sum((1, 2, 3))
    return (wrong / (wanted.abs() * region).sum((1, 2, 3)).clamp(min=LEAST_CHANGE)).mean()
