"""Renders people into wide G-buffers, from which ``snapshots`` makes photographs up.

Layout: ``DATA/wide/train``, ``DATA/wide/val`` and ``DATA/wide/test``, each a folder of

================== ======= ================= ==============================================================
file               dtype   shape             holds
================== ======= ================= ==============================================================
``buffers.npy``    uint8   [N,3,10,216,216]  channels as in ``wide_renderer``, each 0-255
``cameras.npy``    float32 [N,3,25]          as in docs/pack.md
``landmarks.npy``  float32 [N,3,K,2]         ``PeopleModel.landmarks``, as shares of the picture's side
``params.npy``     float32 [N,P]             the head's parameters; real shapes come on top of them
``done.npy``       uint8   [N]               1 once the row is whole
================== ======= ================= ==============================================================

The middle 128² of the 216² pixels are the pack's crop. View 0 is a photograph's: from any distance, near-frontal or turned.
View 1 has the same yaw and pitch at the pack's own distance and view 2 any other; so they tell what an avatar of view 0 shall be.
In ``test`` all views are at the pack's own distance, and from the yaws of ``data.splits``' test: 0, −0.35 and 0.35.
"""

import argparse

import numpy as np
import torch
from galatea_packfile.conventions import FOCAL, RADIUS, camera_from_angles

from ..render import heads, people
from ..render.wide_renderer import CHANNELS, WideRenderer, seen_at
from .rendering import fill_rows
from .splits import TEST_YAWS
from .storage import add_limit_argument, add_share_arguments, create_arrays, locked

SIZE, CROP = 216, 128
#: How far photographs are taken from, world units of 0.37 m: from arm's length to far away.
DISTANCES = (1.2, 6.0)
_SEEDS = {"train": 51, "val": 52, "test": 53}


def draw_row(split: str, row: int) -> tuple[people.Person, np.ndarray]:
    """The person and the cameras [3,25] of a row: a pure function of split and row."""
    rng = np.random.default_rng((_SEEDS[split], row))
    person = people.sample(rng)
    if split == "test":
        return person, np.stack([wide_camera(yaw, 0.0) for yaw in TEST_YAWS])
    if rng.random() < 0.5:
        yaw, pitch = rng.normal(0, 0.12), rng.normal(0, 0.1)
    else:
        yaw, pitch = rng.uniform(-0.85, 0.85), rng.uniform(-0.4, 0.4)
    distance = np.exp(rng.uniform(*np.log(DISTANCES)))
    other = rng.uniform(-0.7, 0.7), rng.uniform(-0.35, 0.35)
    return person, np.stack([wide_camera(yaw, pitch, distance), wide_camera(yaw, pitch), wide_camera(*other)])


def wide_camera(yaw: float, pitch: float, distance: float = RADIUS) -> np.ndarray:
    """A camera [25] that sees the pivot's surroundings at one scale from any distance."""
    angles = torch.tensor([[yaw], [pitch]], dtype=torch.float64)
    return camera_from_angles(*angles, distance, FOCAL * distance / RADIUS * CROP / SIZE)[0].float().numpy()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_share_arguments(parser)
    add_limit_argument(parser)
    parser.add_argument("--split", choices=_SEEDS, required=True)
    parser.add_argument("--people", type=int, required=True, help="rows of the split")


def run(args: argparse.Namespace) -> int:
    """Renders a share of a split."""
    torch.set_num_threads(1)
    folder = args.out / "wide" / args.split
    model = people.PeopleModel(args.assets)
    marks = 2 + len(model.marked)
    with locked(folder):
        if not (folder / "done.npy").exists():
            shapes = {"buffers": (np.uint8, 3, CHANNELS, SIZE, SIZE), "cameras": (np.float32, 3, 25)}
            shapes |= {"landmarks": (np.float32, 3, marks, 2), "params": (np.float32, len(heads.NAMES))}
            create_arrays(folder, args.people, **shapes)
    renderer = WideRenderer(model, SIZE)

    def render(arrays: dict[str, np.ndarray], row: int) -> None:
        person, cameras = draw_row(args.split, row)
        loaded, landmarks = renderer.load(person), model.landmarks(person)
        for view, seen in enumerate(cameras):
            arrays["buffers"][row, view] = renderer.draw(loaded, seen).transpose(2, 0, 1)
            arrays["landmarks"][row, view] = seen_at(landmarks, seen)
        arrays["cameras"][row], arrays["params"][row] = cameras, person.params

    count = fill_rows(folder, args, f"{args.split} person", render)
    print(f"wide {args.split}: {count} people rendered by part {args.part} of {args.parts}")
    return 0
