"""Renders training heads with another mouth, to teach the generator what a mood changes.

A smile changes few pixels by little, so that a loss over whole pictures hardly asks for it. Layout of ``DATA/train/moods``, by the
rows of ``DATA/train``: ``buffers.npy`` uint8 [N,V,8,128,128] from the first V = 2 cameras of the row, channels as in ``dataset``;
``params.npy`` float32 [N,P], the row's but for smile and open mouth; ``done.npy`` uint8 [N], 1 once a row is whole.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from torch import Tensor

from . import heads
from .dataset import SIZE, add_limit_argument, add_share_arguments, alone, blank, draw_row, unfinished
from .pictures import Pictures
from .shading import CHANNELS, shrunk

VIEWS = 2
SEED = 29


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_share_arguments(parser)
    add_limit_argument(parser)
    parser.add_argument("--heads", type=int, default=8000, help="rows, as far as the time allows")


def run(args: argparse.Namespace) -> None:
    """Renders a share of the rows."""
    from .mesh import HeadModel
    from .renderer import Renderer

    torch.set_num_threads(1)
    folder = args.out / "train" / "moods"
    with alone(folder):
        create(folder, args.heads)
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r+") for name in ("buffers", "params", "done")}
    renderer = Renderer(HeadModel(args.assets), SIZE)
    for row in unfinished(arrays["done"], args, "mood", args.limit_s):
        head, cameras, _ = draw_row("train", row)
        other = mood(head, np.random.default_rng((SEED, row)))
        loaded = renderer.load(other)
        for view in range(VIEWS):
            fine = renderer.draw(loaded, cameras[view])
            arrays["buffers"][row, view] = shrunk(fine, renderer.supersampling).transpose(2, 0, 1)
        arrays["params"][row], arrays["done"][row] = other.params, 1


def create(folder: Path, rows: int) -> None:
    """Makes the empty arrays, unless they are there."""
    if (folder / "done.npy").exists():
        return
    blank(folder, rows, buffers=(np.uint8, VIEWS, CHANNELS, SIZE, SIZE), params=(np.float32, len(heads.NAMES)))


def mood(head: heads.Head, rng: np.random.Generator) -> heads.Head:
    """The head with a smile where it had none and none where it had one; now and then with its mouth opened or closed instead."""
    if rng.random() < 0.2:
        opened = head["open"] > 0
        return head.replaced(open=0.0 if opened else float(rng.uniform(0.25, 0.55)))
    smiles = head["smile"] > 0.4
    return head.replaced(smile=float(rng.uniform(0, 0.2) if smiles else rng.uniform(0.7, 1.0)))


class Moods:
    """The heads of the training set that are finished in another mood too.

    Args:
        data: folder of the dataset.
        pictures: the training set.
    """

    def __init__(self, data: Path, pictures: Pictures) -> None:
        """Raises FileNotFoundError without moods and ValueError where none is finished."""
        folder = data / "train" / "moods"
        done = np.load(folder / "done.npy")
        self.rows = np.array([i for i, row in enumerate(pictures.rows) if row < len(done) and done[row]])
        if not len(self.rows):
            raise ValueError(f"{folder}: no head of the training set is finished yet")
        self.buffers = np.load(folder / "buffers.npy", mmap_mode="r")
        self.params = np.load(folder / "params.npy", mmap_mode="r")
        self.pictures = pictures

    def draw(self, count: int) -> tuple[np.ndarray, np.ndarray, Tensor, Tensor]:
        """Random heads and views of the training set [B] each; their G-buffers float32 [B,8,128,128] and parameters [B,P] then."""
        heads, views = np.random.choice(self.rows, count), np.random.randint(VIEWS, size=count)
        rows, device = self.pictures.rows[heads], self.pictures.device
        buffers = torch.from_numpy(self.buffers[rows, views]).to(device).float() / 255.0
        return heads, views, buffers, torch.from_numpy(self.params[rows]).to(device)
