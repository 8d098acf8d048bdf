"""Networks that see a picture at 32² only: lighting and pose.

A lighting loss over such a network cannot be met by fine patterns that nobody sees.
"""

import torch
from galatea_packfile.conventions import camera_from_angles
from torch import Tensor, nn
from torch.nn import functional as F

from .recognition import Conv


class LowResolutionRegressor(nn.Module):
    """Picture `[B,3,S,S]` to `[B,outputs]`, from its 32² means over areas."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Conv(3, 32), Conv(32, 48, 2), Conv(48, 48), Conv(48, 64, 2), Conv(64, 64), Conv(64, 64, 2)
        )
        self.hidden = nn.Linear(64 * 16, 64)
        self.out = nn.Linear(64, outputs)

    def forward(self, image: Tensor) -> Tensor:
        features = self.layers(F.avg_pool2d(image, image.shape[3] // 32)).flatten(1)
        return self.out(F.silu(self.hidden(features)))


class Pose(nn.Module):
    """Picture `[B,3,S,S]` to its camera `[B,25]`, with yaw within ±1.2 rad and pitch within ±0.8 rad."""

    def __init__(self) -> None:
        super().__init__()
        self.glance = LowResolutionRegressor(2)

    def forward(self, image: Tensor) -> Tensor:
        angles = self.angles(image)
        return camera_from_angles(angles[:, 0], angles[:, 1])

    def angles(self, image: Tensor) -> Tensor:
        """Yaw and pitch `[B,2]`, radians."""
        yaw, pitch = self.glance(image).unbind(1)
        return torch.stack([1.2 * torch.tanh(yaw), 0.8 * torch.tanh(pitch)], 1)
