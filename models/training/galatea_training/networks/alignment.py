"""The network that finds a head's place in a picture of a face: where the pack's crop lies, from where it is seen, and whether there is one."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..render.people import FRAME, LANDMARKS
from .recognition import Conv

#: Side of the picture that the network sees.
ALIGN_SIZE = 112
#: Outputs: middle (2), side, roll, yaw, pitch, confidence, then ``people.LANDMARKS`` (2 each).
ALIGN_WIDTH = 7 + 2 * len(LANDMARKS)
_WIDE = 48


class Points(nn.Module):
    """Picture `[B,3,112,112]` in [-1, 1] → points `[B,K,2]` in it, 0 to 1, and `[B,3]`: yaw, pitch, logit of a face.

    A point is the mean of a heat map at 28² (Sun et al., "Integral Human Pose Regression", 2018), and a little that the whole
    picture adds, which reaches beyond its edge.
    """

    def __init__(self, points: int) -> None:
        super().__init__()
        self.count = points
        self.to_28 = nn.Sequential(Conv(3, 24, 2), Conv(24, 32, 2), Conv(32, 32))
        self.to_14 = nn.Sequential(Conv(32, 64, 2), Conv(64, 64))
        self.to_7 = nn.Sequential(Conv(64, 96, 2), Conv(96, 96), Conv(96, 96))
        self.squeeze = nn.Conv2d(96, 24, 1)
        self.hidden = nn.Linear(24 * 49, 96)
        self.angles, self.face, self.shift = nn.Linear(96, 2), nn.Linear(96, 1), nn.Linear(96, 2 * points)
        self.from_7, self.from_14, self.from_28 = (
            nn.Conv2d(96, _WIDE, 1),
            nn.Conv2d(64, _WIDE, 1),
            nn.Conv2d(32, _WIDE, 1),
        )
        self.spread = nn.Linear(96, _WIDE)
        self.join_14, self.join_28 = Conv(_WIDE, _WIDE), Conv(_WIDE, _WIDE)
        self.heat = nn.Conv2d(_WIDE, points, 1)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        at_28 = self.to_28(image)
        at_14 = self.to_14(at_28)
        at_7 = self.to_7(at_14)
        hidden = F.silu(self.hidden(self.squeeze(at_7).flatten(1)))
        up = self.join_14(
            F.interpolate(self.from_7(at_7), scale_factor=2.0)
            + self.from_14(at_14)
            + self.spread(hidden)[:, :, None, None]
        )
        up = self.join_28(F.interpolate(up, scale_factor=2.0) + self.from_28(at_28))
        heat = self.heat(up).float()
        share = heat.flatten(2).softmax(2).view_as(heat)
        line = (torch.arange(28, device=image.device, dtype=heat.dtype) + 0.5) / 28
        x, y = (share.sum(2) * line).sum(2), (share.sum(3) * line).sum(2)
        points = torch.stack([x, y], 2) + 0.2 * self.shift(hidden).float().view(-1, self.count, 2)
        return points, torch.cat([self.angles(hidden), self.face(hidden)], 1).float()


class Align(nn.Module):
    """Picture `[B,3,112,112]` → `[B,19]`, lengths as shares of the picture's side, from its upper left corner, y down.

    0-1 the middle of the pack's crop, 2 its side, 3 its roll (positive: the head leans clockwise), 4 yaw and 5 pitch of the camera in
    radians, 6 confidence of a face from 0 to 1, 7-18 x and y of eye right and left (of the person), nose tip, mouth right and left, chin.
    """

    def __init__(self, points: Points) -> None:
        super().__init__()
        self.points = points
        self.frame: int = len(FRAME)
        self.marks: int = len(LANDMARKS)

    def forward(self, image: Tensor) -> Tensor:
        points, rest = self.points(image)
        middle = points[:, : self.frame].mean(1)
        right, down = points[:, 2] - points[:, 1], points[:, 4] - points[:, 3]
        across = right + torch.stack([down[:, 1], -down[:, 0]], 1)
        side, roll = across.square().sum(1).sqrt(), torch.atan2(across[:, 1], across[:, 0])
        frame = torch.cat([middle, side[:, None], roll[:, None], rest[:, :2], torch.sigmoid(rest[:, 2:3])], 1)
        return torch.cat([frame, points[:, self.frame : self.frame + self.marks].flatten(1)], 1)
