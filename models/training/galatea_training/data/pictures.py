"""Reads the splits of a dataset for training (layout: ``data.splits``), and shades surfaces to pictures."""

import functools
import json
from pathlib import Path

import numpy as np
import torch
from galatea_packfile.conventions import angles_from_camera
from torch import Tensor
from torch.nn import functional as F

from ..optimise.device import placed
from ..render.shading import BACKDROP, shade, surface_of
from .sampling import sample_light

CPU = torch.device("cpu")


class Pictures:
    """The finished heads of one split, which can be shaded under any light.

    Results lie on ``device``. Heads and views are numpy arrays of indices, so that random choices are the same on any device.

    Args:
        folder: of the split.
        device: also holds the G-buffers if they fit; otherwise they stay in a memory-mapped file.
    """

    def __init__(self, folder: Path, device: torch.device = CPU) -> None:
        """Raises FileNotFoundError without a dataset, and ValueError if no head is finished."""
        self.rows = np.flatnonzero(np.load(folder / "done.npy", mmap_mode="r"))
        if not len(self.rows):
            raise ValueError(f"{folder}: no head is finished yet")
        self.device = device
        self._buffers = placed(torch.from_numpy(np.load(folder / "buffers.npy", mmap_mode="c")), device)
        attributes = json.loads((folder / "attributes.json").read_text(encoding="utf-8"))
        self.attributes = [attributes[row] for row in self.rows]
        self.cameras = torch.from_numpy(np.load(folder / "cameras.npy", mmap_mode="r")[self.rows]).to(device)
        self.params = torch.from_numpy(np.load(folder / "params.npy", mmap_mode="r")[self.rows]).to(device)

    @property
    def views(self) -> int:
        """Views of each head."""
        return self._buffers.shape[1]

    def __len__(self) -> int:
        return len(self.rows)

    def draw(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Random heads and views, `[count]` each."""
        return np.random.randint(len(self), size=count), np.random.randint(self.views, size=count)

    def everything(self, most: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Heads and views of all pictures of the first ``most`` heads, head by head."""
        count = min(len(self), most or len(self))
        return np.arange(count).repeat(self.views), np.tile(np.arange(self.views), count)

    def buffers(self, heads: np.ndarray, views: np.ndarray) -> Tensor:
        """G-buffers of the given heads and views, float32 `[B,8,128,128]` in [0, 1]."""
        return self._buffers[self.rows[heads], views].to(self.device).float() / 255.0

    def surfaces(self, heads: np.ndarray, views: np.ndarray) -> Tensor:
        """Surfaces (see ``shading``) of the given heads and views, float32 `[B,7,128,128]`."""
        return surface_of(self.buffers(heads, views))

    def shrunk(self, factor: int, chunk: int = 256) -> Tensor:
        """All surfaces reduced by means over areas: float16 `[heads · views, 7, 128 / factor, 128 / factor]`."""
        heads, views = self.everything()
        starts = range(0, len(heads), chunk)
        parts = (self.surfaces(heads[start : start + chunk], views[start : start + chunk]) for start in starts)
        return torch.cat([F.avg_pool2d(part, factor).half() for part in parts])

    def angles(self) -> Tensor:
        """Yaw and pitch, float32 `[heads, views, 2]`, radians."""
        return angles_from_camera(self.cameras.flatten(0, 1)).view(len(self), self.views, 2)


class Lights:
    """A pool of random lights to draw from (see ``sampling.sample_light``).

    Args:
        device: of the pool.
        count: number of lights in the pool.
    """

    def __init__(self, seed: int, device: torch.device = CPU, count: int = 20000) -> None:
        self.pool = torch.from_numpy(_pool(seed, count)).to(device)

    def draw(self, count: int) -> Tensor:
        """Lights `[count, 9]` in the head's frame."""
        return self.pool[torch.randint(len(self.pool), (count,))]


@functools.cache
def _pool(seed: int, count: int) -> np.ndarray:
    rng = np.random.default_rng((17, seed))
    return np.stack([sample_light(rng) for _ in range(count)])


def lit(surfaces: Tensor, light: Tensor) -> Tensor:
    """Surfaces `[B,7,S,S]` under lights `[B,9]`: pictures `[B,3,S,S]` in [-1, 1]."""
    surfaces = surfaces.float()
    return shade(surfaces, light, surfaces.new_tensor(BACKDROP)[:, None, None]).clamp(-1.0, 1.0)


def to_range(images: Tensor) -> Tensor:
    """Pictures in 0-255 as float32 in [-1, 1]."""
    return images.float() / 127.5 - 1.0


def save_sheet(images: Tensor, columns: int, path: Path, scale: int = 1) -> None:
    """Writes pictures `[N,3,S,S]` in [-1, 1] as one PNG, row by row."""
    from PIL import Image

    images = images.detach().cpu().float().clamp(-1, 1).repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    rows = [torch.cat(list(images[start : start + columns]), 2) for start in range(0, len(images), columns)]
    width = rows[0].shape[2]
    rows = [F.pad(row, (0, width - row.shape[2])) for row in rows]
    pixels = ((torch.cat(rows, 1) + 1.0) * 127.5).round().byte().permute(1, 2, 0)
    Image.fromarray(pixels.numpy()).save(path)
