"""What cameras and files do to a picture: exposure, white balance, grading, black and white, blur, grain, JPEG."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def taken(picture: Tensor) -> Tensor:
    """Pictures `[B,3,S,S]` in [0, 1] as some camera, some hand and some file would have left them, in [0, 1]."""
    count = len(picture)
    picture = _graded(picture)
    picture = _blurred(picture)
    grey = picture.mean(1, keepdim=True)
    grain = torch.randn(count, 1, *picture.shape[2:]) + 0.6 * torch.randn_like(picture)
    picture = picture + _degree(count, 0.05, 0.6) * grain * (0.4 + (1 - grey).clamp(0, 1))
    return _compressed(picture.clamp(0, 1)).clamp(0, 1)


def _degree(count: int, most: float, share: float) -> Tensor:
    """For a share of the rows an amount up to ``most``, else 0."""
    return most * torch.rand(count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) < share)


def _graded(picture: Tensor) -> Tensor:
    count = len(picture)
    exposure = torch.exp(torch.empty(count, 1, 1, 1).normal_(0, 0.22).clamp(-0.6, 0.6))
    balance = torch.exp(torch.randn(count, 3, 1, 1) * 0.08 * (torch.rand(count, 1, 1, 1) < 0.8))
    picture = (picture * exposure * balance).clamp(0, 1.3)
    power = torch.exp(torch.empty(count, 1, 1, 1).normal_(0, 0.15))
    picture = picture.clamp(1e-4).pow(power)
    contrast = 1 + torch.empty(count, 1, 1, 1).uniform_(-0.3, 0.35)
    picture = 0.45 + (picture - 0.45) * contrast + _degree(count, 0.1, 0.3)
    grey = (picture * picture.new_tensor([0.3, 0.59, 0.11]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    tone = 1 + 0.1 * torch.randn(count, 3, 1, 1) * (torch.rand(count, 1, 1, 1) < 0.3)
    saturation = torch.empty(count, 1, 1, 1).uniform_(0.5, 1.4)
    drained = torch.rand(count, 1, 1, 1) < 0.1
    return torch.where(drained, grey * tone, grey + (picture - grey) * saturation).clamp(0, 1)


def _blurred(picture: Tensor) -> Tensor:
    """Half of the pictures softer, as from fewer pixels or out of focus; some sharpened."""
    count, size = len(picture), picture.shape[-1]
    small = max(16, int(size / torch.empty(1).uniform_(1.15, 3.2).item()))
    soft = F.interpolate(
        F.interpolate(picture, size=small, mode="area"), size=size, mode="bicubic", align_corners=False
    )
    near = F.avg_pool2d(F.pad(picture, [1, 1, 1, 1], mode="replicate"), 3, stride=1)
    picture = torch.where(torch.rand(count, 1, 1, 1) < 0.35, soft, picture)
    return picture + _degree(count, 1.2, 0.3) * (picture - near)


def _compressed(picture: Tensor) -> Tensor:
    """Half of the pictures with what JPEG's quantisation of 8×8 blocks leaves, brightness and colours alike."""
    count, _, height, width = picture.shape
    if height % 8 or width % 8:
        return picture
    k = torch.arange(8.0)
    basis = (math.pi * (2 * k[None] + 1) * k[:, None] / 16).cos() * torch.where(k[:, None] > 0, 0.5, math.sqrt(0.125))
    chosen = torch.rand(count) < 0.5
    if not chosen.any():
        return picture
    part = picture[chosen]
    blocks = part.reshape(len(part), 3, height // 8, 8, width // 8, 8)
    waves = torch.einsum("ki,bchiwj,lj->bchkwl", basis, blocks, basis)
    coarse = torch.exp(torch.empty(len(part), 1, 1, 1, 1, 1).uniform_(-4.5, -2.2))
    steps = coarse * (1 + 0.7 * (k[:, None] + k[None])).view(1, 1, 1, 8, 1, 8)
    waves = (waves / steps).round() * steps
    out = picture.clone()
    out[chosen] = torch.einsum("ki,bchkwl,lj->bchiwj", basis, waves, basis).reshape(part.shape)
    return out
