"""Renders training heads with another expression of the mouth.

A smile changes few pixels by little, so that a loss over whole pictures hardly asks for it. These pairs teach the generator
what an expression changes.

Layout of ``DATA/train/expressions``, with the rows of ``DATA/train``: ``buffers.npy`` uint8 [N,V,8,128,128] from the row's first
V = 2 cameras, channels as in ``data.splits``; ``params.npy`` float32 [N,P], which differ from the row's in smile or mouth;
``done.npy`` uint8 [N], 1 once a row is finished.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..render import heads
from ..render.shading import CHANNELS, shrunk
from .pictures import Pictures
from .rendering import fill_rows, open_renderer
from .splits import SIZE, draw_row
from .storage import add_limit_argument, add_share_arguments, create_arrays, locked

VIEWS = 2
SEED = 29


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_share_arguments(parser)
    add_limit_argument(parser)
    parser.add_argument("--heads", type=int, default=8000, help="heads, at most")


def run(args: argparse.Namespace) -> None:
    """Renders a share of the rows."""
    folder = args.out / "train" / "expressions"
    with locked(folder):
        create(folder, args.heads)
    renderer = open_renderer(args, SIZE)

    def render(arrays: dict[str, np.ndarray], row: int) -> None:
        head, cameras, _ = draw_row("train", row)
        other = other_expression(head, np.random.default_rng((SEED, row)))
        loaded = renderer.load(other)
        for view in range(VIEWS):
            fine = renderer.draw(loaded, cameras[view])
            arrays["buffers"][row, view] = shrunk(fine, renderer.supersampling).transpose(2, 0, 1)
        arrays["params"][row] = other.params

    fill_rows(folder, args, "head", render)


def create(folder: Path, rows: int) -> None:
    """Creates the empty arrays, unless they exist."""
    if (folder / "done.npy").exists():
        return
    create_arrays(folder, rows, buffers=(np.uint8, VIEWS, CHANNELS, SIZE, SIZE), params=(np.float32, len(heads.NAMES)))


def other_expression(head: heads.Head, rng: np.random.Generator) -> heads.Head:
    """The head with its smile added or removed; in one case of five with its mouth opened or closed instead."""
    if rng.random() < 0.2:
        opened = head["open"] > 0
        return head.replaced(open=0.0 if opened else float(rng.uniform(0.25, 0.55)))
    smiles = head["smile"] > 0.4
    return head.replaced(smile=float(rng.uniform(0, 0.2) if smiles else rng.uniform(0.7, 1.0)))


class ExpressionPairs:
    """Draws pairs of expressions: training heads that are also finished with another expression.

    Args:
        data: folder of the dataset.
        pictures: the training set.
    """

    def __init__(self, data: Path, pictures: Pictures) -> None:
        """Raises FileNotFoundError without a dataset, and ValueError if no head is finished."""
        folder = data / "train" / "expressions"
        done = np.load(folder / "done.npy")
        self.rows = np.array([i for i, row in enumerate(pictures.rows) if row < len(done) and done[row]])
        if not len(self.rows):
            raise ValueError(f"{folder}: no head of the training set is finished yet")
        self.buffers = np.load(folder / "buffers.npy", mmap_mode="r")
        self.params = np.load(folder / "params.npy", mmap_mode="r")
        self.pictures = pictures

    def draw(self, count: int) -> tuple[np.ndarray, np.ndarray, Tensor, Tensor]:
        """Draws pairs at random.

        Returns:
            Heads and views of the training set, `[B]` each; G-buffers float32 `[B,8,128,128]` and parameters `[B,P]` of the same
            heads with the other expression.
        """
        heads, views = np.random.choice(self.rows, count), np.random.randint(VIEWS, size=count)
        rows, device = self.pictures.rows[heads], self.pictures.device
        buffers = torch.from_numpy(self.buffers[rows, views]).to(device).float() / 255.0
        return heads, views, buffers, torch.from_numpy(self.params[rows]).to(device)
