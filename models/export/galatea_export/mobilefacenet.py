"""MobileFaceNet: inverted residuals with a global depthwise convolution instead of a mean.

Chen et al. 2018, "MobileFaceNets: Efficient CNNs for Accurate Real-Time Face Verification on Mobile Devices", table 1.
The names are those of the public `mobilefacenet.pt` trained with ArcFace.
"""

from torch import Tensor, nn

from .norm import FrozenNorm

#: Of each stage: expansion, channels as a multiple of the first's, units, stride of the first unit.
_STAGES = ((2, 1, 5, 2), (4, 2, 1, 2), (2, 2, 6, 1), (4, 2, 1, 2), (2, 2, 2, 1))


def _conv(enter: int, leave: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(enter, leave, kernel, stride, kernel // 2, groups=groups, bias=False), FrozenNorm(leave), nn.ReLU6()
    )


class DepthwiseSeparable(nn.Module):
    """A convolution of each channel by itself, then one across channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, 1, 1, groups=channels, bias=False)
        self.bn1 = FrozenNorm(channels)
        self.pointwise = nn.Conv2d(channels, channels, 1, bias=False)
        self.bn2 = FrozenNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn2(self.pointwise(self.bn1(self.depthwise(x)).relu())).relu()


class InvertedResidual(nn.Module):
    """Expand, convolve each channel, shrink (Sandler et al. 2018, MobileNetV2); a shortcut where the shape stays."""

    def __init__(self, enter: int, leave: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = enter * expansion
        self.conv = nn.Sequential(
            _conv(enter, wide, 1),
            _conv(wide, wide, 3, stride, wide),
            nn.Conv2d(wide, leave, 1, bias=False),
            FrozenNorm(leave),
        )
        self.shortcut = stride == 1 and enter == leave

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.shortcut else self.conv(x)


class GlobalDepthwise(nn.Module):
    """Each channel's weighted sum over the whole of its 7×7 places."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, groups=channels, bias=False)
        self.bn = FrozenNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.depthwise(x))


class MobileFaceNet(nn.Module):
    """Faces `[B,3,112,112]`, RGB normalised as ImageNet's → embeddings `[B,128]`, not yet of unit length.

    Args:
        width: channels of the first stage; the published network has 64.
        embedding: E, numbers of an embedding.
    """

    def __init__(self, width: int = 64, embedding: int = 128) -> None:
        super().__init__()
        self.embedding = embedding
        self.conv1 = _conv(3, width, 3, 2)
        self.dw_conv = DepthwiseSeparable(width)
        units, enter = [], width
        for expansion, multiple, count, stride in _STAGES:
            for i in range(count):
                units.append(InvertedResidual(enter, width * multiple, stride if i == 0 else 1, expansion))
                enter = width * multiple
        self.features = nn.Sequential(*units)
        self.conv2 = _conv(enter, 8 * width, 1)
        self.gdconv = GlobalDepthwise(8 * width)
        self.conv3 = nn.Conv2d(8 * width, embedding, 1)
        self.bn = FrozenNorm(embedding)

    def forward(self, face: Tensor) -> Tensor:
        features = self.gdconv(self.conv2(self.features(self.dw_conv(self.conv1(face)))))
        return self.bn(self.conv3(features)).flatten(1)
