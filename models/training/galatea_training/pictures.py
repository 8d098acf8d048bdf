"""Reading of a dataset that may still be growing (its layout: dataset.py)."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .dataset import BACKGROUND, sample_light
from .frames import angles_from_camera
from .shading import shade, surface_of


class Pictures:
    """The finished heads of one split, as they were when it was opened, to be seen under any light."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError without a dataset and ValueError where no head is finished."""
        self.rows = np.flatnonzero(np.load(folder / "done.npy", mmap_mode="r"))
        if not len(self.rows):
            raise ValueError(f"{folder}: no head is finished yet")
        self.buffers = np.load(folder / "buffers.npy", mmap_mode="r")
        attributes = json.loads((folder / "attributes.json").read_text(encoding="utf-8"))
        self.attributes = [attributes[row] for row in self.rows]
        self.cameras = torch.from_numpy(np.load(folder / "cameras.npy", mmap_mode="r")[self.rows])
        self.params = torch.from_numpy(np.load(folder / "params.npy", mmap_mode="r")[self.rows])

    @property
    def views(self) -> int:
        return self.buffers.shape[1]

    def __len__(self) -> int:
        return len(self.rows)

    def surfaces(self, heads: np.ndarray, views: np.ndarray) -> Tensor:
        """Surfaces (see ``shading``) of the given heads and views, float32 `[B,7,128,128]`."""
        return surface_of(torch.from_numpy(self.buffers[self.rows[heads], views]).float() / 255.0)

    def shrunk(self, factor: int, chunk: int = 64) -> Tensor:
        """Means over areas of all surfaces, float16 `[heads * views, 7, 128 / factor, 128 / factor]`."""
        parts = []
        for start in range(0, len(self), chunk):
            heads = np.arange(start, min(start + chunk, len(self))).repeat(self.views)
            surfaces = self.surfaces(heads, np.tile(np.arange(self.views), len(heads) // self.views))
            parts.append(torch.nn.functional.avg_pool2d(surfaces, factor).half())
        return torch.cat(parts)

    def angles(self) -> Tensor:
        """Yaw and pitch, float32 `[heads, views, 2]`, radians."""
        return angles_from_camera(self.cameras.flatten(0, 1)).view(len(self), self.views, 2)


class Lights:
    """A pool of lights as the dataset's law draws them, to take from at random.

    Args:
        count: how many.
    """

    def __init__(self, seed: int, count: int = 20000) -> None:
        rng = np.random.default_rng((17, seed))
        self.pool = torch.from_numpy(np.stack([sample_light(rng) for _ in range(count)]))

    def draw(self, count: int) -> Tensor:
        """Lights `[count, 9]` in the head's frame."""
        return self.pool[torch.randint(len(self.pool), (count,))]


#: The backdrop of all pictures, `[3,1,1]` in [-1, 1].
BACKDROP = torch.tensor(BACKGROUND)[:, None, None] / 127.5 - 1.0


def lit(surfaces: Tensor, light: Tensor) -> Tensor:
    """Surfaces `[B,7,S,S]` under lights `[B,9]`: pictures `[B,3,S,S]` in [-1, 1]."""
    return shade(surfaces.float(), light, BACKDROP).clamp(-1.0, 1.0)


def to_range(images: Tensor) -> Tensor:
    """uint8 pictures to float32 in [-1, 1]."""
    return images.float() / 127.5 - 1.0


def save_sheet(images: Tensor, columns: int, path: Path, scale: int = 1) -> None:
    """Writes pictures `[N,3,S,S]` in [-1, 1] as one PNG, row by row."""
    from PIL import Image

    images = images.detach().float().clamp(-1, 1).repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    rows = [torch.cat(list(images[start : start + columns]), 2) for start in range(0, len(images), columns)]
    width = rows[0].shape[2]
    rows = [torch.nn.functional.pad(row, (0, width - row.shape[2])) for row in rows]
    pixels = ((torch.cat(rows, 1) + 1.0) * 127.5).round().byte().permute(1, 2, 0)
    Image.fromarray(pixels.numpy()).save(path)
