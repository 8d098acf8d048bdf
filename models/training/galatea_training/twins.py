"""Renders families: heads, and twins of theirs that differ in one trait or a few, to teach the prior what an edit is.

Layout of ``DATA/train/twins``: ``buffers.npy`` uint8 [N,M,V,8,64,64], channels as in ``dataset``; ``done.npy`` uint8 [N],
1 once a family is whole; ``attributes.json``, a list of N lists of M dicts. M = 3: a head and two twins of it. V = 2: all
members are seen by the same two cameras, one near-frontal and one anywhere.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import heads
from .captions import news_of
from .dataset import add_limit_argument, add_share_arguments, alone, blank, sample_camera, unfinished
from .pictures import CPU
from .prior import SIZE
from .shading import CHANNELS, shrunk, surface_of
from .training import resident

MEMBERS, VIEWS = 3, 2
SEED = 13


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_share_arguments(parser)
    add_limit_argument(parser)
    parser.add_argument("--families", type=int, default=6000, help="rows, as far as the time allows")


def run(args: argparse.Namespace) -> None:
    """Renders a share of the families."""
    from .mesh import HeadModel
    from .renderer import Renderer

    torch.set_num_threads(1)
    folder = args.out / "train" / "twins"
    with alone(folder):
        create(folder, args.families)
    buffers, done = (np.load(folder / f"{name}.npy", mmap_mode="r+") for name in ("buffers", "done"))
    renderer = Renderer(HeadModel(args.assets), SIZE, supersampling=4)
    for row in unfinished(done, args, "family", args.limit_s):
        buffers[row] = render_family(renderer, *draw_family(row))
        done[row] = 1


def create(folder: Path, families: int) -> None:
    """Makes the empty arrays and the texts, unless they are there."""
    if (folder / "attributes.json").exists():
        return
    blank(folder, families, buffers=(np.uint8, MEMBERS, VIEWS, CHANNELS, SIZE, SIZE))
    words = [[heads.attributes(member) for member in draw_family(row)[0]] for row in range(families)]
    (folder / "attributes.json").write_text(json.dumps(words))


def draw_family(row: int) -> tuple[list[heads.Head], np.ndarray]:
    """The members and the cameras [V,25] of a row: a pure function of it."""
    rng = np.random.default_rng((SEED, row))
    head = heads.sample(rng)
    members = [head] + [heads.twin(head, rng) for _ in range(MEMBERS - 1)]
    return members, np.stack([sample_camera(rng, frontal=view == 0) for view in range(VIEWS)])


def render_family(renderer, members: list[heads.Head], cameras: np.ndarray) -> np.ndarray:
    """G-buffers uint8 [M,V,8,64,64]."""
    drawn = []
    for member in members:
        loaded = renderer.load(member)
        drawn += [shrunk(renderer.draw(loaded, view), renderer.supersampling).transpose(2, 0, 1) for view in cameras]
    return np.stack(drawn).reshape(MEMBERS, VIEWS, CHANNELS, SIZE, SIZE)


@dataclass(frozen=True)
class Edits:
    """A batch of edits.

    Attributes:
        before, after: surfaces (see ``shading``) float32 [B,7,64,64], of the same pixels.
        attributes: of the heads after the edit.
        news: what is new after the edit (see ``captions.news_of``), at least one fact each.
    """

    before: Tensor
    after: Tensor
    attributes: list[dict]
    news: list[list[list[str]]]


class Families:
    """The families that are finished when it is opened.

    Args:
        data: folder of the dataset.
        device: where the G-buffers rest, if they fit; otherwise they stay in a memory-mapped file.
    """

    def __init__(self, data: Path, device: torch.device = CPU) -> None:
        """Raises FileNotFoundError without twins and ValueError where no family is finished."""
        folder = data / "train" / "twins"
        self.rows = np.flatnonzero(np.load(folder / "done.npy"))
        if not len(self.rows):
            raise ValueError(f"{folder}: no family is finished yet")
        self.device = device
        self._buffers = resident(torch.from_numpy(np.load(folder / "buffers.npy", mmap_mode="c")), device)
        self._attributes = json.loads((folder / "attributes.json").read_text(encoding="utf-8"))

    def draw(self, count: int) -> Edits:
        """Random edits: a head becomes its twin or a twin its head, seen by a random camera of the family."""
        rows, views = np.random.choice(self.rows, count), np.random.randint(VIEWS, size=count)
        ends = np.stack([np.zeros(count, int), np.random.randint(1, MEMBERS, size=count)])
        before, after = np.where(np.random.rand(count) < 0.5, ends, ends[::-1])
        seen, wanted = ([self._attributes[row][i] for row, i in zip(rows, at)] for at in (before, after))
        news = [news_of(*pair) for pair in zip(seen, wanted)]

        def surfaces(members: np.ndarray) -> Tensor:
            return surface_of(self._buffers[rows, members, views].to(self.device).float() / 255.0)

        return Edits(surfaces(before), surfaces(after), wanted, news)
