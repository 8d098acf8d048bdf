"""What all rendering commands do: open a renderer, and render the unfinished rows of a folder."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from .storage import load, unfinished_rows

#: Renders one row into the arrays of a folder, which have the names of their files.
RenderRow = Callable[[dict[str, np.ndarray], int], None]


def open_renderer(args: argparse.Namespace, size: int, supersampling: int = 3):
    """A ``render.renderer.Renderer`` of the heads in ``--assets``, on one thread of torch.

    OpenGL is imported here, so that tests and other commands do not need it.
    """
    from ..render.mesh import HeadModel
    from ..render.renderer import Renderer

    torch.set_num_threads(1)
    return Renderer(HeadModel(args.assets), size, supersampling)


def fill_rows(folder: Path, args: argparse.Namespace, unit: str, render: RenderRow) -> int:
    """Renders this process's share of the unfinished rows, and marks each as done.

    Args:
        folder: of the arrays.
        args: options of the command; ``--limit-s``, if the command has it, ends the rendering.
        unit: of the progress bar.
        render: renders one row.

    Returns:
        The number of rendered rows.
    """
    arrays, count = load(folder, "r+"), 0
    for row in unfinished_rows(arrays["done"], args, unit, getattr(args, "limit_s", math.inf)):
        render(arrays, row)
        arrays["done"][row] = 1
        count += 1
    return count
