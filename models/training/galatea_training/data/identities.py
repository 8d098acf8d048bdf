"""Renders each of several people in many disguises: hair, beards, glasses and expressions.

The identity network learns from them what makes a person. Layout of ``DATA/identities``: ``images.npy`` uint8
[N,V,128,128,3], ``done.npy`` uint8 [N]. A row is one person with V = 8 views. Face shape, skin and eyes stay the same. Hair,
glasses, beard, expression, light and camera are random for each view.
"""

import argparse
from pathlib import Path

import numpy as np

from ..render import heads
from ..render.shading import picture
from .rendering import fill_rows, open_renderer
from .sampling import sample_camera, sample_light
from .splits import SIZE
from .storage import add_share_arguments, create_arrays, locked

VIEWS = 8
SEED = 11
#: Prefixes of the parameters that a disguise changes.
DISGUISING = ("hair", "glasses_", "beard_", "smile", "open", "brow_raise", "squint")
#: Indices of the parameters that make a person: no disguise changes them.
IDENTITY_PARAMETERS = [index for index, name in enumerate(heads.NAMES) if not name.startswith(DISGUISING)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_share_arguments(parser)
    parser.add_argument("--people", type=int, default=400, help="number of people")


def run(args: argparse.Namespace) -> None:
    """Renders a share of the people."""
    folder = args.out / "identities"
    with locked(folder):
        create(folder, args.people)
    renderer = open_renderer(args, SIZE)

    def render(arrays: dict[str, np.ndarray], row: int) -> None:
        arrays["images"][row] = render_person(renderer, np.random.default_rng((SEED, row)))

    fill_rows(folder, args, "person", render)


def create(folder: Path, people: int) -> None:
    """Creates the empty arrays, unless they exist."""
    if (folder / "done.npy").exists():
        return
    create_arrays(folder, people, images=(np.uint8, VIEWS, SIZE, SIZE, 3))


def render_person(renderer, rng: np.random.Generator) -> np.ndarray:
    """Pictures of one random person in different disguises: uint8 [V,128,128,3]."""
    person = heads.sample(rng)
    pictures = []
    for _ in range(VIEWS):
        loaded = renderer.load(disguised(person, heads.sample(rng)))
        view = sample_camera(rng, frontal=rng.random() < 0.3)
        pictures.append(picture(renderer.draw(loaded, view), renderer.supersampling, sample_light(rng)))
    return np.stack(pictures)


def disguised(person: heads.Head, other: heads.Head) -> heads.Head:
    """The person with the other's hair, glasses, beard and expression."""
    params = person.params.copy()
    for index, name in enumerate(heads.NAMES):
        if name.startswith(DISGUISING):
            params[index] = other.params[index]
    return heads.Head(params)
