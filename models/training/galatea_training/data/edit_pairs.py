"""Renders families of heads that differ in one trait or a few: pairs before and after an edit.

The prior learns from them what an edit is.

Layout of ``DATA/train/edit_pairs``: ``buffers.npy`` uint8 [N,M,V,8,64,64], channels as in ``data.splits``; ``done.npy`` uint8
[N], 1 once a family is finished; ``attributes.json``, a list of N lists of M dicts. M = 3: a head and two twins. V = 2: the same
two cameras see all members of a family, one camera near-frontal and one anywhere.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..networks.prior import SIZE
from ..optimise.device import placed
from ..render import heads
from ..render.shading import CHANNELS, shrunk, surface_of
from .captions import new_facts
from .pictures import CPU
from .rendering import fill_rows, open_renderer
from .sampling import sample_camera
from .storage import add_limit_argument, add_share_arguments, create_arrays, locked

MEMBERS, VIEWS = 3, 2
SEED = 13
#: Share of twins that differ in two traits or more, and the greatest number of traits.
SEVERAL, MOST_TRAITS = 0.3, 6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_share_arguments(parser)
    add_limit_argument(parser)
    parser.add_argument("--families", type=int, default=6000, help="families, at most")


def run(args: argparse.Namespace) -> None:
    """Renders a share of the families."""
    folder = args.out / "train" / "edit_pairs"
    with locked(folder):
        create(folder, args.families)
    renderer = open_renderer(args, SIZE, supersampling=4)

    def render(arrays: dict[str, np.ndarray], row: int) -> None:
        arrays["buffers"][row] = render_family(renderer, *draw_family(row))

    fill_rows(folder, args, "family", render)


def create(folder: Path, families: int) -> None:
    """Creates the empty arrays and the attributes, unless they exist."""
    if (folder / "attributes.json").exists():
        return
    create_arrays(folder, families, buffers=(np.uint8, MEMBERS, VIEWS, CHANNELS, SIZE, SIZE))
    words = [[heads.attributes(member) for member in draw_family(row)[0]] for row in range(families)]
    (folder / "attributes.json").write_text(json.dumps(words))


def draw_family(row: int) -> tuple[list[heads.Head], np.ndarray]:
    """The members and the cameras [V,25] of a row. The result depends on the row alone."""
    rng = np.random.default_rng((SEED, row))
    head = heads.sample(rng)
    members = [head] + [twin(head, rng) for _ in range(MEMBERS - 1)]
    return members, np.stack([sample_camera(rng, frontal=view == 0) for view in range(VIEWS)])


def render_family(renderer, members: list[heads.Head], cameras: np.ndarray) -> np.ndarray:
    """G-buffers of a family: uint8 [M,V,8,64,64]."""
    drawn = []
    for member in members:
        loaded = renderer.load(member)
        drawn += [shrunk(renderer.draw(loaded, view), renderer.supersampling).transpose(2, 0, 1) for view in cameras]
    return np.stack(drawn).reshape(MEMBERS, VIEWS, CHANNELS, SIZE, SIZE)


@dataclass(frozen=True)
class EditBatch:
    """A batch of edits.

    Attributes:
        before, after: surfaces (see ``render.shading``) float32 [B,7,64,64] from the same camera.
        attributes: of the heads after the edit.
        news: facts that the edit makes true (see ``captions.new_facts``), at least one for each edit.
    """

    before: Tensor
    after: Tensor
    attributes: list[dict]
    news: list[list[list[str]]]


class EditPairs:
    """Draws edits from the families that are finished when the object is made.

    Args:
        data: folder of the dataset.
        device: holds the G-buffers if they fit; otherwise they stay in a memory-mapped file.
    """

    def __init__(self, data: Path, device: torch.device = CPU) -> None:
        """Raises FileNotFoundError without a dataset, and ValueError if no family is finished."""
        folder = data / "train" / "edit_pairs"
        self.rows = np.flatnonzero(np.load(folder / "done.npy"))
        if not len(self.rows):
            raise ValueError(f"{folder}: no family is finished yet")
        self.device = device
        self._buffers = placed(torch.from_numpy(np.load(folder / "buffers.npy", mmap_mode="c")), device)
        self._attributes = json.loads((folder / "attributes.json").read_text(encoding="utf-8"))

    def draw(self, count: int) -> EditBatch:
        """Random edits from a head to its twin or back, seen by a random camera of the family."""
        rows, views = np.random.choice(self.rows, count), np.random.randint(VIEWS, size=count)
        ends = np.stack([np.zeros(count, int), np.random.randint(1, MEMBERS, size=count)])
        before, after = np.where(np.random.rand(count) < 0.5, ends, ends[::-1])
        seen, wanted = ([self._attributes[row][i] for row, i in zip(rows, at)] for at in (before, after))
        news = [new_facts(*pair) for pair in zip(seen, wanted)]

        def surfaces(members: np.ndarray) -> Tensor:
            return surface_of(self._buffers[rows, members, views].to(self.device).float() / 255.0)

        return EditBatch(surfaces(before), surfaces(after), wanted, news)


def twin(head: heads.Head, rng: np.random.Generator) -> heads.Head:
    """The head with one trait (see ``heads.TRAITS``) of another head; sometimes with several traits of others."""
    count = rng.integers(2, MOST_TRAITS + 1) if rng.random() < SEVERAL else 1
    while True:
        other = head
        for _ in range(count):
            other = _changed(other, rng)
        if _told_apart(head, other):
            return other


def _changed(head: heads.Head, rng: np.random.Generator) -> heads.Head:
    """The head with one trait of another head, such that words tell the two heads apart."""
    while True:
        start, _ = heads.TRAITS[rng.choice(list(heads.TRAITS), p=[share for _, share in heads.TRAITS.values()])]
        params, other = head.params.copy(), heads.sample(rng)
        places = [index for name, index in heads.INDEX.items() if name.startswith(start)]
        params[places] = other.params[places]
        if _told_apart(head, heads.Head(params)):
            return heads.Head(params)


def _told_apart(head: heads.Head, other: heads.Head) -> bool:
    """Whether each head has a fact that the other head lacks."""
    words, others = heads.attributes(head), heads.attributes(other)
    return bool(new_facts(words, others) and new_facts(others, words))
