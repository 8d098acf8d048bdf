"""IR-SE50: the 50-layer improved residual network with squeeze-and-excitation of ArcFace.

Deng et al. 2019, "ArcFace: Additive Angular Margin Loss for Deep Face Recognition", section 3.1; Hu et al. 2018,
"Squeeze-and-Excitation Networks". The names are those of the public `model_ir_se50.pth`.
"""

import torch
from torch import Tensor, nn

from .norm import FrozenNorm

#: Units of the four stages; the first unit of each halves the picture.
_UNITS = (3, 4, 14, 3)
_REDUCTION = 16


class SqueezeExcite(nn.Module):
    """Weighs the channels by what their means say."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = max(1, channels // _REDUCTION)
        self.fc1 = nn.Conv2d(channels, squeezed, 1, bias=False)
        self.fc2 = nn.Conv2d(squeezed, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        means = x.mean([2, 3], keepdim=True)
        return x * torch.sigmoid(self.fc2(torch.relu(self.fc1(means))))


class Unit(nn.Module):
    """Normalise, convolve, PReLU, convolve, normalise, weigh the channels; and the shortcut."""

    def __init__(self, enter: int, leave: int, stride: int) -> None:
        super().__init__()
        if enter == leave:
            self.shortcut_layer = nn.MaxPool2d(1, stride)
        else:
            self.shortcut_layer = nn.Sequential(nn.Conv2d(enter, leave, 1, stride, bias=False), FrozenNorm(leave))
        self.res_layer = nn.Sequential(
            FrozenNorm(enter),
            nn.Conv2d(enter, leave, 3, 1, 1, bias=False),
            nn.PReLU(leave),
            nn.Conv2d(leave, leave, 3, stride, 1, bias=False),
            FrozenNorm(leave),
            SqueezeExcite(leave),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.res_layer(x) + self.shortcut_layer(x)


class IrSe50(nn.Module):
    """Faces `[B,3,112,112]`, RGB in [-1, 1] → embeddings `[B,512]`, not yet of unit length.

    Args:
        width: channels of the first stage, a multiple of 16; the published network has 64.
        embedding: E, numbers of an embedding.
    """

    def __init__(self, width: int = 64, embedding: int = 512) -> None:
        super().__init__()
        self.embedding = embedding
        self.input_layer = nn.Sequential(nn.Conv2d(3, width, 3, 1, 1, bias=False), FrozenNorm(width), nn.PReLU(width))
        units, enter = [], width
        for stage, count in enumerate(_UNITS):
            leave = width << stage
            units += [Unit(enter if i == 0 else leave, leave, 2 if i == 0 else 1) for i in range(count)]
            enter = leave
        self.body = nn.Sequential(*units)
        self.output_layer = nn.Sequential(
            FrozenNorm(enter), nn.Identity(), nn.Flatten(), nn.Linear(enter * 49, embedding), FrozenNorm(embedding)
        )

    def forward(self, face: Tensor) -> Tensor:
        return self.output_layer(self.body(self.input_layer(face)))
