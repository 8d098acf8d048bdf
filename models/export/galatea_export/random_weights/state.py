"""Seeded random tensors under the names and shapes of a network."""

import torch
from torch import Tensor, nn


def random_state(network: nn.Module, seed: int) -> dict[str, Tensor]:
    """A random state dict with which signals neither vanish nor explode.

    Weights have the variance of He et al. (2015). Scales are near 1/2, so that residual branches add little. Running variances
    are near 1, and other values near 0.
    """
    generator = torch.Generator().manual_seed(seed)
    return {key: _random(key, value, generator) for key, value in network.state_dict().items()}


def _random(key: str, like: Tensor, generator: torch.Generator) -> Tensor:
    if not like.is_floating_point():
        return torch.zeros_like(like)
    if like.dim() > 1:
        return torch.randn(like.shape, generator=generator) * (2.0 / like[0].numel()) ** 0.5
    if key.endswith(("running_mean", "bias")):
        return 0.1 * torch.randn(like.shape, generator=generator)
    around = torch.rand(like.shape, generator=generator)
    return around + 0.5 if key.endswith("running_var") else 0.2 * around + 0.4
