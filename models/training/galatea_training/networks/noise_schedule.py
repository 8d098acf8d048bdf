"""The noise schedule of the diffusion prior."""

import math

import torch
from torch import Tensor

STEPS = 1000


def cosine_alphas_cumprod(steps: int = STEPS, offset: float = 0.008) -> Tensor:
    """Cumulative products of alpha, float32 `[steps]`, falling from about 1 to 2e-5 (Nichol and Dhariwal 2021, eq. 17)."""
    time = torch.arange(steps + 1, dtype=torch.float64) / steps
    level = torch.cos((time + offset) / (1.0 + offset) * math.pi / 2.0) ** 2
    betas = (1.0 - level[1:] / level[:-1]).clamp(max=0.999)
    return torch.cumprod(1.0 - betas, 0).clamp(min=2e-5).float()


def add_noise(x0: Tensor, noise: Tensor, alphas_cumprod: Tensor) -> Tensor:
    """x_t `[B,...]` from x_0, noise of the same shape and the rows' alpha-bar `[B]` (Ho et al. 2020, eq. 4)."""
    level = alphas_cumprod.reshape([-1] + [1] * (x0.dim() - 1))
    return level.sqrt() * x0 + (1.0 - level).sqrt() * noise
