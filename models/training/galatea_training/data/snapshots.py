"""Made-up photographs of rendered people, with exact labels.

Domain randomisation (Tobin et al. 2017; Wood et al., "Fake it till you make it", 2021): light of any colour and hardness, clothes,
backdrops, hats and things before the face, cameras and files are drawn at random, and what shall be found in the picture stays clean.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from galatea_packfile.conventions import angles_from_camera
from torch import Tensor
from torch.nn import functional as F

from ..render.light import directional
from ..render.people import FRAME, GRID, LANDMARKS
from ..render.shading import brightness
from .backdrops import backdrops, colours, noise, places
from .camera_effects import taken
from .sampling import sample_light
from .wide_views import CROP, SIZE

_PLACES = np.array(GRID)
_MIRRORED = [1, 0, 2, 4, 3, 5, *(6 + int(np.argmin(np.hypot(_PLACES[:, 0] + x, _PLACES[:, 1] - y))) for x, y in GRID)]


@dataclass
class Framing:
    """Where crops lie in wide pictures: middle `[B,2]` and side `[B]` as shares of the wide picture's side, roll `[B]`, mirrored `[B]`.

    ``roll`` is how far the head is turned clockwise in the crop, radians.
    """

    middle: Tensor
    side: Tensor
    roll: Tensor
    mirrored: Tensor

    def matrix(self) -> Tensor:
        """`[B,2,2]`: from places in the crop, -0.5 to 0.5, to those in the wide picture about the crop's middle."""
        c, s = self.roll.cos() * self.side, self.roll.sin() * self.side
        flip = torch.where(self.mirrored, -1.0, 1.0)
        return torch.stack([torch.stack([flip * c, flip * s], 1), torch.stack([-s, c], 1)], 1)

    def cut(self, wide: Tensor, size: int) -> Tensor:
        """Wide pictures `[B,C,S,S]`, cropped to `[B,C,size,size]`; beyond its edges a picture goes on as it ends."""
        theta = torch.cat([self.matrix(), 2 * (self.middle[:, :, None] - 0.5)], 2)
        grid = F.affine_grid(theta, [len(wide), 1, size, size], align_corners=False)
        return F.grid_sample(wide, grid, mode="bilinear", padding_mode="border", align_corners=False)

    def seen(self, points: Tensor) -> Tensor:
        """Points `[B,K,2]` of the wide picture as places in the crop, 0 to 1."""
        return torch.linalg.solve(self.matrix(), (points - self.middle[:, None]).transpose(1, 2)).transpose(1, 2) + 0.5


def framing_about(count: int, side: tuple[float, float], shift: float, roll: float, mirror: bool = False) -> Framing:
    """Random crops about the pack's own crop.

    Args:
        side: least and greatest, in sides of the pack's crop.
        shift: greatest distance of the middles along each axis, in sides of the pack's crop.
        roll: greatest, radians.
        mirror: whether half of them are mirrored.
    """
    unit = CROP / SIZE
    sides = unit * torch.exp(torch.empty(count).uniform_(*np.log(side)))
    middle = 0.5 + unit * torch.empty(count, 2).uniform_(-shift, shift)
    mirrored = (torch.rand(count) < 0.5) & mirror
    return Framing(middle, sides, torch.empty(count).uniform_(-roll, roll), mirrored)


@dataclass
class Snapshots:
    """Photographs and what is true of them.

    Attributes:
        picture: `[B,3,S,S]` in [-1, 1].
        matte: `[B,1,S,S]`, coverage of the head as the pack draws one: hair and neck, no clothes, no hat.
        points: `[B,5+K,2]`, 0 to 1: those of ``people.FRAME``, of ``people.LANDMARKS``, and the further landmarks.
        angles: yaw and pitch `[B,2]`, radians.
        light: `[B,9]` SH in the head's frame, as near as it comes to the light that is drawn.
        heads, views: numpy `[B]`: of the dataset.
    """

    picture: Tensor
    matte: Tensor
    points: Tensor
    angles: Tensor
    light: Tensor
    heads: np.ndarray
    views: np.ndarray


class WideViews:
    """The finished people of one split (see ``wide_views``)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.buffers = np.load(folder / "buffers.npy", mmap_mode="r")
        self.refresh()

    def refresh(self) -> None:
        """Looks anew which people are finished."""
        self.rows = np.flatnonzero(np.load(self.folder / "done.npy"))
        if not len(self.rows):
            raise ValueError(f"{self.folder}: nobody is finished yet")
        self.cameras = torch.from_numpy(np.load(self.folder / "cameras.npy")[self.rows])
        self.landmarks = torch.from_numpy(np.load(self.folder / "landmarks.npy")[self.rows])
        self.params = torch.from_numpy(np.load(self.folder / "params.npy")[self.rows])

    def __len__(self) -> int:
        return len(self.rows)

    def wide(self, heads: np.ndarray, views: np.ndarray) -> Tensor:
        """Wide G-buffers `[B,10,216,216]` in [0, 1]."""
        return torch.from_numpy(self.buffers[self.rows[heads], views]).float() / 255.0

    def clean(self, heads: np.ndarray, views: np.ndarray) -> Tensor:
        """G-buffers `[B,8,128,128]` in [0, 1] as the pack draws heads, of views at its own distance."""
        edge = (SIZE - CROP) // 2
        part = (
            torch.from_numpy(self.buffers[self.rows[heads], views, :, edge : edge + CROP, edge : edge + CROP]).float()
            / 255
        )
        return torch.cat([part[:, :3], part[:, 3:4] * part[:, 8:9], part[:, 4:8]], 1)

    def snapshots(self, heads: np.ndarray, views: np.ndarray, framing: Framing, size: int) -> Snapshots:
        """Photographs of people from views, cropped."""
        landmarks, camera = self.landmarks[heads, views], self.cameras[heads, views]
        unit = CROP / SIZE
        points = torch.cat([0.5 + unit * torch.tensor(FRAME).expand(len(heads), -1, -1), landmarks], 1)
        frame = list(range(len(FRAME)))
        swapped = torch.tensor([0, 2, 1, 3, 4] + [len(frame) + i for i in _MIRRORED])
        points = torch.where(framing.mirrored[:, None, None], points[:, swapped], points)
        points, angles = framing.seen(points), angles_from_camera(camera)
        angles = torch.where(framing.mirrored[:, None], angles * torch.tensor([-1.0, 1.0]), angles)
        picture, matte, light = _photographed(framing.cut(self.wide(heads, views), size), points)
        return Snapshots(2 * taken(picture) - 1, matte, points, angles, light, heads, views)

    def draw(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Random heads and views, `[count]` each."""
        return np.random.randint(len(self), size=count), np.random.randint(3, size=count)


def _photographed(buffers: Tensor, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Cropped buffers `[B,10,S,S]` lit, dressed and put somewhere: pictures in [0, 1], mattes, lights."""
    count, size = len(buffers), buffers.shape[-1]
    albedo, coverage, normals, bust, height = (
        buffers[:, :3],
        buffers[:, 3:4],
        2 * buffers[:, 4:7] - 1,
        buffers[:, 8:9],
        buffers[:, 9:10],
    )
    x, _ = places(size)
    chin = points[:, len(FRAME) + LANDMARKS.index("chin"), 0].view(-1, 1, 1, 1) - 0.5
    opening = torch.rand(count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) < 0.4)
    collar = torch.empty(count, 1, 1, 1).uniform_(0.52, 0.9) - 0.35 * opening * (1 - (x - chin).abs() / 0.18).clamp(
        0, 1
    )
    collar = collar - (torch.rand(count, 1, 1, 1) < 0.1).float()
    cloth = torch.sigmoid((collar + 0.01 * noise(count, size) - height) * 60)
    stuff = backdrops(count, size)
    albedo = torch.lerp(albedo + 0.03 * torch.rand(count, 1, 1, 1) * noise(count, size), stuff, cloth).clamp(0, 1)
    lit, light = _lit(albedo, normals, cloth)
    behind = backdrops(count, size)
    others = torch.rand(count, 1, 1, 1) < 0.08
    crowd = torch.roll(torch.lerp(behind, lit, coverage), 1, 0)
    crowd = torch.roll(crowd, int(np.random.randint(-size, size)), 3)
    behind = torch.where(others, crowd, behind)
    picture = torch.lerp(behind, lit, coverage)
    matte = coverage * bust * (1 - cloth)
    for put, share in ((_lenses, 0.04), (_hat, 0.12), (_strands, 0.12), (_thing, 0.16)):
        rows = torch.rand(count) < share
        if rows.any():
            picture[rows], matte[rows] = put(picture[rows], matte[rows], points[rows])
    return picture, matte, light


def _lit(albedo: Tensor, normals: Tensor, cloth: Tensor) -> tuple[Tensor, Tensor]:
    """Under an even to soft light, a hard one before which something may stand, and its highlights; each of its own colour."""
    count = len(albedo)
    n = normals * torch.rsqrt((normals * normals).sum(1, keepdim=True) + 1e-4)
    soft = torch.from_numpy(np.stack([sample_light(np.random) for _ in range(count)])).float()
    hard = torch.rand(count) < 0.5
    yaw, pitch = torch.empty(count).uniform_(-2.0, 2.0), torch.empty(count).uniform_(-0.5, 1.2)
    d = torch.stack([yaw.sin() * pitch.cos(), pitch.sin(), yaw.cos() * pitch.cos()], 1)
    strength = torch.empty(count).uniform_(0.2, 1.1) * hard
    soft = soft * torch.where(hard, 0.6, 1.0)[:, None]
    light = soft + torch.from_numpy(np.stack([directional(v, float(s), 0.0) for v, s in zip(d.numpy(), strength)]))
    level = _shading(n, soft)
    facing = (n * d[:, :, None, None]).sum(1, keepdim=True)
    shadow = torch.sigmoid(noise(count, albedo.shape[-1]) * 6 + 5 - 9 * (torch.rand(count, 1, 1, 1) < 0.3))
    direct = strength[:, None, None, None] * facing.clamp(min=0) * shadow
    tints = [torch.exp(0.18 * torch.randn(count, 3, 1, 1) * (torch.rand(count, 1, 1, 1) < 0.6)) for _ in range(2)]
    half = F.normalize(d + torch.tensor([0.0, 0.0, 1.0]), dim=1)[:, :, None, None]
    gloss = torch.exp(torch.empty(count, 1, 1, 1).uniform_(2.3, 4.2))
    shine = (n * half).sum(1, keepdim=True).clamp(min=1e-3).pow(gloss) * (facing > 0) * (1 - cloth)
    shine = (
        0.3
        * torch.rand(count, 1, 1, 1)
        * (torch.rand(count, 1, 1, 1) < 0.5)
        * shine
        * (0.3 + strength[:, None, None, None])
    )
    lit = albedo.clamp(1e-4).pow(2.2) * (level * tints[0] + direct * tints[1]) + shine
    return lit.clamp(1e-5, 1).pow(1 / 2.2), light


def _shading(n: Tensor, light: Tensor) -> Tensor:
    """Linear shading `[B,1,H,W]` of white surfaces with normals `[B,3,H,W]` under lights `[B,9]`."""
    return brightness(n, light).pow(2.2)


def _point(points: Tensor, name: str) -> Tensor:
    return points[:, len(FRAME) + LANDMARKS.index(name)]


def _axes(points: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Places of the pixels along the head's own axes, in sides of the pack's crop about its middle: `[B,1,S,S]` each."""
    x, y = places(size)
    across, down = 2 * (points[:, 2] - points[:, 1]), 2 * (points[:, 4] - points[:, 3])
    x = x + 0.5 - points[:, 0, 0].view(-1, 1, 1, 1)
    y = y + 0.5 - points[:, 0, 1].view(-1, 1, 1, 1)
    side = (across * across).sum(1).view(-1, 1, 1, 1)
    a, d = across[:, :, None, None, None], down[:, :, None, None, None]
    return (x * a[:, 0] + y * a[:, 1]) / side, (x * d[:, 0] + y * d[:, 1]) / side


def _hat(picture: Tensor, matte: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """A hat or a scarf: a dome from the brow or the hair's line up, often with a brim."""
    count, size = len(picture), picture.shape[-1]
    u, v = _axes(points, size)
    line = torch.empty(count, 1, 1, 1).uniform_(-0.3, -0.15) + 0.12 * torch.empty(count, 1, 1, 1).uniform_(-1, 1) * u
    wide, high = torch.empty(count, 1, 1, 1).uniform_(0.24, 0.34), torch.empty(count, 1, 1, 1).uniform_(0.12, 0.35)
    dome = torch.sigmoid((1 - ((u / wide) ** 2 + ((v - line) / high) ** 2)) * 25) * torch.sigmoid((line - v) * 250)
    reach = wide * torch.empty(count, 1, 1, 1).uniform_(1.0, 1.7)
    brim = torch.sigmoid(
        (1 - ((u / reach) ** 2 + ((v - line) / torch.empty(count, 1, 1, 1).uniform_(0.02, 0.07)) ** 2)) * 12
    )
    hat = torch.maximum(dome, brim * (torch.rand(count, 1, 1, 1) < 0.6))
    cloth = backdrops(count, size) * (0.5 + 0.5 * (1 - (u / wide - 0.3).abs()).clamp(0, 1))
    return torch.lerp(picture, cloth, hat), matte * (1 - hat)


def _strands(picture: Tensor, matte: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Strands of hair over the face, of the colour of what grows above the forehead."""
    count, size = len(picture), picture.shape[-1]
    u, v = _axes(points, size)
    top = points[:, 0] + 1.3 * (points[:, 3] - points[:, 0])
    grid = (2 * top - 1).view(count, 1, 1, 2)
    colour = F.grid_sample(picture, grid, align_corners=False)
    hairs = torch.zeros(count, 1, size, size)
    for _ in range(4):
        at, lean, bow = (
            torch.empty(count, 1, 1, 1).uniform_(*span) for span in ((-0.25, 0.25), (-0.6, 0.6), (-1.5, 1.5))
        )
        far = (u - at - lean * v - bow * v * v).abs()
        ends = torch.empty(count, 1, 1, 1).uniform_(-0.1, 0.35)
        hairs = torch.maximum(
            hairs,
            torch.sigmoid((torch.empty(count, 1, 1, 1).uniform_(0.002, 0.02) - far) * 300) * (v < ends) * (v > -0.35),
        )
    hairs = hairs * matte
    return torch.lerp(picture, colour * (0.8 + 0.4 * torch.rand(count, 1, 1, 1)), 0.9 * hairs), matte


def _thing(picture: Tensor, matte: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """A hand, a microphone or some other thing before the head: a rod with a ball, of any colour or the skin's."""
    count, size = len(picture), picture.shape[-1]
    u, v = _axes(points, size)
    angle = torch.empty(count, 1, 1, 1).uniform_(0, 3.2)
    at_u, at_v = torch.empty(count, 1, 1, 1).uniform_(-0.3, 0.3), torch.empty(count, 1, 1, 1).uniform_(0.0, 0.45)
    along = (u - at_u) * angle.cos() + (v - at_v) * angle.sin()
    across = (v - at_v) * angle.cos() - (u - at_u) * angle.sin()
    thick, ball = (torch.empty(count, 1, 1, 1).uniform_(*span) for span in ((0.01, 0.07), (0.01, 0.13)))
    far = torch.minimum(torch.maximum(across.abs() - thick, -along), (along**2 + across**2 + 1e-6).sqrt() - ball)
    shape = torch.sigmoid(-far * 200)
    cheek = (2 * _point(points, "nose_tip") - 1).view(count, 1, 1, 2)
    skin = F.grid_sample(picture, cheek, align_corners=False) * (0.75 + 0.35 * torch.sigmoid(across * 40))
    stuff = torch.where(torch.rand(count, 1, 1, 1) < 0.5, skin.clamp(0, 1), backdrops(count, size))
    return torch.lerp(picture, stuff, shape), matte * (1 - shape)


def _lenses(picture: Tensor, matte: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Dark or shining lenses before the eyes."""
    count, size = len(picture), picture.shape[-1]
    x, y = (place + 0.5 for place in places(size))
    left, right = _point(points, "eye_left"), _point(points, "eye_right")
    unit = ((left - right) ** 2).sum(1).sqrt().clamp(min=0.05).view(-1, 1, 1, 1)
    wide, high = torch.empty(count, 1, 1, 1).uniform_(0.3, 0.44), torch.empty(count, 1, 1, 1).uniform_(0.22, 0.4)
    lens = torch.zeros(count, 1, size, size)
    for eye in (left, right):
        u, v = (x - eye[:, 0].view(-1, 1, 1, 1)) / unit / wide, (y - eye[:, 1].view(-1, 1, 1, 1)) / unit / high
        lens = torch.maximum(lens, torch.sigmoid((1 - (u**4 + v**4)) * 8))
    return torch.lerp(picture, colours(count) * 0.3 + 0.5 * (torch.rand(count, 1, 1, 1) < 0.2), 0.9 * lens), matte
