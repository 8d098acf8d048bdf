"""Losses between drawn and true surfaces and pictures.
"""

import torch
from galatea_packfile.conventions import FOCAL

#: Difference of a channel, of pictures in [-1, 1], that is seen; and the least sum of a change that is told in shares.
VISIBLE, LEAST_CHANGE = 0.06, 5.0
#: Centres of eyes and mouth in the head's frame and their weight in the loss.
LANDMARKS = (((0.085, 0.071, 0.15), 3.0), ((-0.085, 0.071, 0.15), 3.0), ((0.0, -0.105, 0.19), 3.0))


def landmark_weight(cameras: torch.Tensor, size: int) -> torch.Tensor:
    """Weights [B,1,size,size], 1 and more about eyes and mouth."""
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
    """Weighted L1 + L2 + L1 of the image gradients."""
    error = image - target
    edges = (error[..., 1:] - error[..., :-1]).abs().mean() + (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    return (weight * (0.5 * error.abs() + 2 * error.square())).mean() + 0.25 * edges


def surface_loss(surface: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted L1 of coverage, albedo and normals, normals at a third of the others' weight."""
    error = (surface - target).abs()
    return (weight * (error[:, :4].mean(1, keepdim=True) + error[:, 4:].mean(1, keepdim=True) / 3)).mean()


def change_loss(pictures: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """How much of what truly differs between the first and the second half of a batch is drawn wrong: mean share over the pairs."""
    before, after = pictures.chunk(2)
    true_before, true_after = truth.chunk(2)
    wanted = true_after - true_before
    region = (wanted.abs().amax(1, keepdim=True) > VISIBLE).float()
    wrong = ((after - before - wanted).abs() * region).sum((1, 2, 3))
    return (wrong / (wanted.abs() * region).sum((1, 2, 3)).clamp(min=LEAST_CHANGE)).mean()
