"""Batches of rendered heads: views of heads, random quarters of pictures, and pairs of expressions."""

import numpy as np
import torch

from ..data.expressions import ExpressionPairs
from ..data.pictures import Lights, Pictures


def batch_of(pictures: Pictures, lights: Lights, heads: np.ndarray, views: np.ndarray) -> dict[str, torch.Tensor]:
    """A batch of the given heads `[B]` and views `[B,V]`, with random lights.

    Returns:
        ``z``: parameters `[B,P]`. ``buffers`` `[B·V,8,S,S]`, ``cameras`` `[B·V,25]`, ``light`` `[B·V,9]`.
    """
    rows, views = heads.repeat(views.shape[1]), views.ravel()
    return {
        "z": pictures.params[heads],
        "buffers": pictures.buffers(rows, views),
        "cameras": pictures.cameras[rows, views],
        "light": lights.draw(len(rows)),
    }


def draw(pictures: Pictures, lights: Lights, count: int, views: int) -> dict[str, torch.Tensor]:
    """A batch of random heads, each with several different views (see ``batch_of``)."""
    chosen = np.random.rand(count, pictures.views).argsort(1)[:, :views]
    return batch_of(pictures, lights, np.random.randint(len(pictures), size=count), chosen)


def random_corners(count: int, size: int) -> np.ndarray:
    """Upper left corners x and y `[B,2]` of random quarters of pictures."""
    return 2 * np.random.randint(0, size // 4 + 1, (count, 2))


def cropped(batch: dict[str, torch.Tensor], corners: np.ndarray) -> dict[str, torch.Tensor]:
    """Crops a batch to quarters with the corners `[B,2]`. The intrinsics of the cameras follow the crop."""
    size = batch["buffers"].shape[-1]
    half = size // 2
    buffers = torch.stack([p[:, y : y + half, x : x + half] for p, (x, y) in zip(batch["buffers"], corners.tolist())])
    cameras = batch["cameras"].clone()
    cameras[:, [16, 20]] *= 2
    cameras[:, [18, 21]] = 2 * (cameras[:, [18, 21]] - torch.from_numpy(corners / size).to(cameras))
    return batch | {"cameras": cameras, "buffers": buffers}


def quarters(pictures: Pictures, lights: Lights, count: int) -> dict[str, torch.Tensor]:
    """A random quarter of each of two views of random heads (see ``batch_of``)."""
    batch = draw(pictures, lights, count, views=2)
    return cropped(batch, random_corners(2 * count, batch["buffers"].shape[-1]))


def expression_crops(pictures: Pictures, expressions: ExpressionPairs, lights: Lights, count: int) -> dict[str, torch.Tensor]:
    """Quarters of pictures about mouths: first heads, then the same heads with other expressions.

    The cameras and lights of both halves of the batch are the same.
    """
    rows, views, buffers, params = expressions.draw(count)
    before, light = batch_of(pictures, lights, rows, views[:, None]), lights.draw(count)
    after = before | {"z": params, "buffers": buffers}
    pair = {name: torch.cat([value, after[name]]) for name, value in before.items()} | {"light": light.repeat(2, 1)}
    size = buffers.shape[-1]
    about = np.array([[0.5, 0.67]]) + np.random.uniform(-0.15, 0.15, (count, 2))
    corners = 2 * ((about - 0.25) * size / 2).round().astype(int).clip(0, size // 4)
    return cropped(pair, np.tile(corners, (2, 1)))
