"""Reading of a dataset that may still be growing (its layout: dataset.py)."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .camera import picture_frame, yaw_pitch
from .light import rotation_matrix


class Pictures:
    """The finished heads of one split, as they were when it was opened."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError without a dataset and ValueError where no head is finished."""
        self.folder = folder
        self.rows = np.flatnonzero(np.load(folder / "done.npy", mmap_mode="r"))
        if not len(self.rows):
            raise ValueError(f"{folder}: no head is finished yet")
        self.images = np.load(folder / "images.npy", mmap_mode="r")
        attributes = json.loads((folder / "attributes.json").read_text(encoding="utf-8"))
        self.attributes = [attributes[row] for row in self.rows]
        self.cameras = np.load(folder / "cameras.npy", mmap_mode="r")[self.rows]
        self.light = np.load(folder / "light.npy", mmap_mode="r")[self.rows]
        self.params = torch.from_numpy(np.load(folder / "params.npy", mmap_mode="r")[self.rows])

    @property
    def views(self) -> int:
        return self.images.shape[1]

    def __len__(self) -> int:
        return len(self.rows)

    def bytes(self, heads: np.ndarray, views: np.ndarray) -> Tensor:
        """Pictures of the given heads and views, uint8 `[B,3,128,128]`."""
        picked = self.images[self.rows[heads], views]
        return torch.from_numpy(np.ascontiguousarray(picked)).permute(0, 3, 1, 2)

    def shrunk(self, factor: int, chunk: int = 64) -> Tensor:
        """All pictures as means over areas, float16 `[heads * views, 3, 128 / factor, 128 / factor]` in [-1, 1]."""
        parts = []
        for start in range(0, len(self), chunk):
            heads = np.arange(start, min(start + chunk, len(self)))
            images = torch.from_numpy(self.images[self.rows[heads]]).flatten(0, 1).permute(0, 3, 1, 2)
            parts.append(torch.nn.functional.avg_pool2d(to_range(images), factor).half())
        return torch.cat(parts)

    def picture_light(self) -> Tensor:
        """Light in each picture's own frame, float32 `[heads, views, 9]`."""
        light = np.zeros_like(self.light, dtype=np.float32)
        for head, view in np.ndindex(light.shape[:2]):
            light[head, view] = rotation_matrix(picture_frame(self.cameras[head, view])) @ self.light[head, view]
        return torch.from_numpy(light)

    def angles(self) -> Tensor:
        """Yaw and pitch, float32 `[heads, views, 2]`, radians."""
        angles = [[yaw_pitch(camera) for camera in views] for views in self.cameras]
        return torch.tensor(angles, dtype=torch.float32)


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
