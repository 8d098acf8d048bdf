"""Batch normalisation by running statistics alone."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: Training counters in checkpoints, which frozen networks do not have.
UNUSED = r"(.*\.)?num_batches_tracked"


class FrozenNorm(nn.Module):
    """Batch normalisation (Ioffe and Szegedy 2015) by its running statistics, whatever mode the network is in.

    The names are those of `nn.BatchNorm2d`, so that a checkpoint fills it.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, 1e-5)
