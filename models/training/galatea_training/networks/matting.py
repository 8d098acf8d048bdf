"""The network that tells how much of each pixel of an aligned picture is the head, as the pack draws heads."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..render.shading import BACKDROP
from .recognition import Conv

_WIDE = 48


class Matte(nn.Module):
    """Aligned picture `[B,3,128,128]` in [-1, 1] → coverage `[B,1,128,128]` in [0, 1] of head, hair, glasses, beard and neck.

    A U-Net (Ronneberger et al. 2015) down to 8² that adds what it finds at each size on the way up. A coverage below a quarter
    counts as none and one above three quarters as whole: half-seen backdrops would become part of an avatar.
    """

    def __init__(self) -> None:
        super().__init__()
        self.to_64, self.to_32 = Conv(3, 16, 2), nn.Sequential(Conv(16, 32, 2), Conv(32, 32))
        self.to_16 = nn.Sequential(Conv(32, 64, 2), Conv(64, 64))
        self.to_8 = nn.Sequential(Conv(64, 80, 2), Conv(80, 80), Conv(80, 80))
        self.whole = nn.Linear(80, _WIDE)
        self.from_8, self.from_16, self.from_32 = (
            nn.Conv2d(80, _WIDE, 1),
            nn.Conv2d(64, _WIDE, 1),
            nn.Conv2d(32, _WIDE, 1),
        )
        self.join_16, self.join_32 = Conv(_WIDE, _WIDE), nn.Sequential(Conv(_WIDE, _WIDE), Conv(_WIDE, _WIDE))
        self.narrow, self.from_64, self.join_64 = nn.Conv2d(_WIDE, 24, 1), nn.Conv2d(16, 24, 1), Conv(24, 24)
        self.last, self.from_128 = nn.Conv2d(24, 12, 1), nn.Conv2d(3, 12, 3, padding=1)
        self.out = nn.Conv2d(12, 1, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        return (2.0 * torch.sigmoid(self.logits(image)) - 0.5).clamp(0.0, 1.0)

    def logits(self, image: Tensor) -> Tensor:
        """Before the last nonlinearity."""
        at_64 = self.to_64(image)
        at_32 = self.to_32(at_64)
        at_16 = self.to_16(at_32)
        at_8 = self.to_8(at_16)
        whole = self.whole(at_8.mean((2, 3)))[:, :, None, None]
        up = self.join_16(_larger(self.from_8(at_8) + whole) + self.from_16(at_16))
        up = self.join_32(_larger(up) + self.from_32(at_32))
        up = self.join_64(_larger(self.narrow(up)) + self.from_64(at_64))
        return self.out(F.silu(_larger(self.last(up)) + self.from_128(image))).float()


def _larger(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def matted(picture: Tensor, cover: Tensor) -> Tensor:
    """A crop `[B,3,S,S]` in [-1, 1] with the pack's backdrop where the head does not cover it, as the product's ``Backdrop`` puts it there.

    Where the head covers a pixel in part, the share of the old backdrop, which is taken for the mean of what shows nearby, is replaced.
    """
    own = picture.new_tensor(BACKDROP).view(1, 3, 1, 1)
    shown, reach = 1 - cover, max(1, picture.shape[-1] // 20)
    pure = shown**4
    share, old = (F.avg_pool2d(F.pad(x, [reach] * 4, mode="replicate"), 2 * reach + 1, 1) for x in (pure, pure * picture))
    behind = torch.where(share > 1e-3, old / share.clamp(min=1e-3), own)
    least = shown * own - cover
    return torch.maximum(least, torch.minimum(least + 2 * cover, picture + shown * (own - behind)))
