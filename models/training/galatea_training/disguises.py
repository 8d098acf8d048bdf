"""Renders the same faces under other hair, beards, glasses and moods, to teach the identity network what a person is.

Layout of ``DATA/disguises``: ``images.npy`` uint8 [N,V,128,128,3], ``done.npy`` uint8 [N]. A row is one person: face
shape, skin and eyes stay; hair style and colour, glasses, beard, expression, light and camera are drawn for each view.
"""

import argparse
from pathlib import Path

import numpy as np

from . import heads
from .dataset import SIZE, add_share_arguments, alone, blank, sample_camera, sample_light, unfinished
from .shading import picture

VIEWS = 8
SEED = 11
DISGUISING = ("hair", "glasses_", "beard_", "smile", "open", "brow_raise", "squint")
#: Places in a head's vector of what makes the person: all that no disguise changes.
OWN = [index for index, name in enumerate(heads.NAMES) if not name.startswith(DISGUISING)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_share_arguments(parser)
    parser.add_argument("--people", type=int, default=400, help="rows")


def run(args: argparse.Namespace) -> None:
    from .mesh import HeadModel
    from .renderer import Renderer

    folder = args.out / "disguises"
    with alone(folder):
        create(folder, args.people)
    images = np.load(folder / "images.npy", mmap_mode="r+")
    done = np.load(folder / "done.npy", mmap_mode="r+")
    renderer = Renderer(HeadModel(args.assets), SIZE)
    for row in unfinished(done, args, "person"):
        images[row] = render_person(renderer, np.random.default_rng((SEED, row)))
        done[row] = 1


def create(folder: Path, people: int) -> None:
    """Makes the empty arrays, unless they are there."""
    if (folder / "done.npy").exists():
        return
    blank(folder, people, images=(np.uint8, VIEWS, SIZE, SIZE, 3))


def render_person(renderer, rng: np.random.Generator) -> np.ndarray:
    """Pictures of one person, uint8 [V,128,128,3]."""
    person = heads.sample(rng)
    pictures = []
    for _ in range(VIEWS):
        loaded = renderer.load(disguise(person, heads.sample(rng)))
        view = sample_camera(rng, frontal=rng.random() < 0.3)
        pictures.append(picture(renderer.draw(loaded, view), renderer.supersampling, sample_light(rng)))
    return np.stack(pictures)


def disguise(person: heads.Head, other: heads.Head) -> heads.Head:
    """The person with the other's hair, glasses, beard and expression."""
    params = person.params.copy()
    for index, name in enumerate(heads.NAMES):
        if name.startswith(DISGUISING):
            params[index] = other.params[index]
    return heads.Head(params)
