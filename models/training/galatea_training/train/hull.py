"""The union of all heads, which bounds the samples of rays."""

from pathlib import Path

import numpy as np
import torch

from ..networks.volume import HULL_EXTENT, HULL_SIZE


def hull(params: np.ndarray, assets: Path) -> torch.Tensor:
    """The cells that one of the heads `[N,P]` touches: bool `[HULL_SIZE³]` in the order x, y, z."""
    from ..render.heads import Head
    from ..render.mesh import HeadModel

    cells, model = np.zeros((HULL_SIZE,) * 3, dtype=bool), HeadModel(assets)
    for row in params:
        for part in model.parts(Head(row)):
            points = _subdivided(part, model)
            points = points[np.linalg.norm(points * [1, 1, 0.9], axis=1) < 0.47]
            index = ((points + HULL_EXTENT) * HULL_SIZE / (2 * HULL_EXTENT)).astype(int).clip(0, HULL_SIZE - 1)
            cells[tuple(index.T)] = True
    return torch.from_numpy(cells.ravel())


def _subdivided(part, model) -> np.ndarray:
    triangles = part.triangles if part.triangles is not None else model.meshes[part.name].triangles
    a, b, c = (part.positions[triangles[:, i]] for i in range(3))
    return np.concatenate([a, b, c, (a + b + c) / 3, (a + b) / 2, (b + c) / 2, (a + c) / 2])
