"""Renders heads into a dataset of G-buffers, which are lit when they are used (``shading.lit``).

Layout: ``DATA/train``, ``DATA/val``, ``DATA/test``, each a folder of

=================== ======= ================ ==============================================================
file                dtype   shape            holds
=================== ======= ================ ==============================================================
``buffers.npy``     uint8   [N,V,8,128,128]  encoded albedo (3), coverage (1), normal (3), care (1), each 0-255
``cameras.npy``     float32 [N,V,25]         as in docs/pack.md
``params.npy``      float32 [N,P]            the head; names in ``meta.json``
``done.npy``        uint8   [N]              1 once the head's rows above are whole; others are zeros
``attributes.json`` list    N dicts          what can be said of the head in words (see ``heads.attributes``)
``meta.json``       dict    -                ``param_names``, ``background`` (RGB 0-255), ``size``, ``seed``
=================== ======= ================ ==============================================================

The arrays have their full length from the start, so that a reader may map them (``np.load(…, mmap_mode="r")``) while
they grow and use the rows that ``done`` marks. ``attributes.json`` is whole from the start. V = 3: view 0 near-frontal,
the others over yaw ±0.7 and pitch ±0.35 rad.

``test`` has V = 3: frontal, yaw −0.35, yaw +0.35, one light a head (``light.npy`` float32 [N,9]), pictures that are lit
before their sub-pixels are averaged (``images.npy`` uint8 [N,3,128,128,3]), and for each edit a true twin with one thing
changed: ``test/edits/NAME/images.npy`` uint8 [N,3,128,128,3], ``light.npy`` float32 [N,9], ``params.npy`` float32 [N,P]
and ``valid.npy`` uint8 [N], 1 where the edit changes the head at all. NAME: those of ``heads.EDITS``, ``light_left``
(towards −x) and ``light_right``.

An attributes dict has ``sex`` (man, woman), ``age`` (young, middle-aged, old), ``skin`` (light, medium, dark),
``hair_colour`` (black, brown, blond, red, grey, blue; also of brows and beard), ``hair_style`` (bald, cropped, short,
curly, long, ponytail, braid), ``eye_colour`` (brown, blue, green, grey), ``glasses`` (none, round, square), ``beard``
(none, short, full), ``smile`` (0-1; above 0.5 it can be called one) and ``mouth`` (open, closed).
"""

import argparse
import contextlib
import fcntl
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from . import heads
from .camera import camera
from .light import directional
from .shading import BACKGROUND, CHANNELS, picture, shrunk

SIZE = 128
VIEWS = 3
#: Of the test set's views, radians.
TEST_YAWS = (0.0, -0.35, 0.35)
SIDE_LIGHTS = {"light_left": (-1.0, 0.15, 0.35), "light_right": (1.0, 0.15, 0.35)}
_SPLIT_SEEDS = {"train": 1, "val": 2, "test": 3}


def sample_light(rng: np.random.Generator) -> np.ndarray:
    """A light, SH [9] in the head's frame: half of them soft keys from the front, half strong and from any side."""
    if rng.random() < 0.5:
        yaw, pitch = rng.normal(0, 0.6), rng.normal(0.35, 0.3)
        strength, ambient = rng.uniform(0.25, 0.8), rng.uniform(0.3, 0.6)
    else:
        yaw, pitch = rng.uniform(-2.1, 2.1), rng.uniform(-0.5, 1.0)
        strength, ambient = rng.uniform(0.7, 1.4), rng.uniform(0.12, 0.4)
    direction = [np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)]
    return directional(direction, strength, ambient)


def sample_camera(rng: np.random.Generator, frontal: bool) -> np.ndarray:
    """A camera [25], near-frontal or anywhere in yaw ±0.7 and pitch ±0.35 rad."""
    if frontal:
        return camera(np.clip(rng.normal(0, 0.08), -0.2, 0.2), np.clip(rng.normal(0, 0.05), -0.12, 0.12))
    return camera(rng.uniform(-0.7, 0.7), rng.uniform(-0.35, 0.35))


def draw_row(split: str, row: int) -> tuple[heads.Head, np.ndarray, np.ndarray]:
    """The head, cameras [V,25] and one light [9] of a row: a pure function of split and row."""
    rng = np.random.default_rng((_SPLIT_SEEDS[split], row))
    head = heads.sample(rng)
    light = sample_light(rng)
    if split == "test":
        return head, np.stack([camera(yaw, 0) for yaw in TEST_YAWS]), light
    return head, np.stack([sample_camera(rng, frontal=view == 0) for view in range(VIEWS)]), light


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Makes the folder and keeps other processes that share its rendering waiting meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def create(folder: Path, split: str, rows: int) -> None:
    """Makes the empty arrays and the texts of a split, unless they are there."""
    if (folder / "attributes.json").exists():
        return
    views = len(draw_row(split, 0)[1])
    arrays = {
        "buffers": (np.uint8, views, CHANNELS, SIZE, SIZE),
        "cameras": (np.float32, views, 25),
        "params": (np.float32, len(heads.NAMES)),
    }
    if split == "test":
        arrays |= {"images": (np.uint8, views, SIZE, SIZE, 3), "light": (np.float32, 9)}
    blank(folder, rows, **arrays)
    meta = {"param_names": heads.NAMES, "background": BACKGROUND, "size": SIZE, "seed": _SPLIT_SEEDS[split]}
    (folder / "meta.json").write_text(json.dumps(meta, indent=1))
    words = [heads.attributes(draw_row(split, row)[0]) for row in range(rows)]
    (folder / "attributes.json").write_text(json.dumps(words))


def blank(folder: Path, rows: int, **arrays: tuple) -> None:
    """Makes empty arrays of so many rows, each of a type and the shape of a row, and ``done``, which tells the whole ones."""
    for name, (dtype, *shape) in (arrays | {"done": (np.uint8,)}).items():
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", dtype, (rows, *shape)).flush()


def load(folder: Path, mode: str = "r") -> dict[str, np.ndarray]:
    """The arrays of a split, memory-mapped; ``done`` tells which rows are whole."""
    return {path.stem: np.load(path, mmap_mode=mode) for path in sorted(Path(folder).glob("*.npy"))}


def unfinished(done: np.ndarray, args: argparse.Namespace, unit: str, limit_s: float = math.inf) -> Iterator[int]:
    """The rows of this process's share that are not done, with a bar of progress, until the time is spent."""
    began = time.monotonic()
    rows = [row for row in range(args.part, len(done), args.parts) if not done[row]]
    for row in tqdm(rows, unit=unit, mininterval=10):
        if time.monotonic() - began > limit_s:
            return
        yield row


def render_rows(renderer, folder: Path, args: argparse.Namespace) -> int:
    """Renders a share of a split; returns how many rows it did."""
    arrays, count = load(folder, "r+"), 0
    for row in unfinished(arrays["done"], args, f"{args.split} head", args.limit_s):
        head, cameras, light = draw_row(args.split, row)
        loaded = renderer.load(head)
        for view, cam in enumerate(cameras):
            fine = renderer.draw(loaded, cam)
            arrays["buffers"][row, view] = shrunk(fine, renderer.supersampling).transpose(2, 0, 1)
            if args.split == "test":
                arrays["images"][row, view] = picture(fine, renderer.supersampling, light)
        arrays["cameras"][row], arrays["params"][row] = cameras, head.params
        if args.split == "test":
            arrays["light"][row] = light
        arrays["done"][row] = 1
        count += 1
    return count


def render_edits(renderer, folder: Path, rows: int) -> None:
    """Renders the true twins of the test heads."""
    for name in (*heads.EDITS, *SIDE_LIGHTS):
        out = folder / "edits" / name
        out.mkdir(parents=True, exist_ok=True)
        images = np.zeros((rows, len(TEST_YAWS), SIZE, SIZE, 3), np.uint8)
        lights, params, valid = np.zeros((rows, 9), np.float32), [], np.ones(rows, np.uint8)
        for row in tqdm(range(rows), desc=name, unit="head", mininterval=10):
            head, cameras, light = draw_row("test", row)
            lights[row] = directional(SIDE_LIGHTS[name], 1.1, 0.25) if name in SIDE_LIGHTS else light
            if name in heads.EDITS:
                head, valid[row] = heads.edit(head, name)
            params.append(head.params)
            loaded = renderer.load(head)
            for view, cam in enumerate(cameras):
                images[row, view] = picture(renderer.draw(loaded, cam), renderer.supersampling, lights[row])
        for key, value in {"images": images, "light": lights, "params": np.stack(params), "valid": valid}.items():
            np.save(out / f"{key}.npy", value)


def add_share_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every command that renders rows, and may share them with other processes."""
    parser.add_argument("--assets", type=Path, required=True, help="folder of MakeHuman's free files")
    parser.add_argument("--out", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--part", type=int, default=0, help="which share of the rows this process renders")
    parser.add_argument("--parts", type=int, default=1, help="how many processes share the rows")


def add_limit_argument(parser: argparse.ArgumentParser) -> None:
    """The option of a command that renders as much as the time allows."""
    parser.add_argument("--limit-s", type=float, default=3600, help="stop after so many seconds; run again to go on")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_share_arguments(parser)
    add_limit_argument(parser)
    parser.add_argument("--split", choices=_SPLIT_SEEDS, required=True)
    parser.add_argument("--heads", type=int, required=True, help="rows of the split")


def run(args: argparse.Namespace) -> int:
    """Renders a share of a split."""
    from .mesh import HeadModel
    from .renderer import Renderer

    torch.set_num_threads(1)
    folder = args.out / args.split
    with alone(folder):
        create(folder, args.split, args.heads)
    renderer = Renderer(HeadModel(args.assets), SIZE)
    count = render_rows(renderer, folder, args)
    if args.split == "test" and args.part == 0:
        render_edits(renderer, folder, args.heads)
    print(f"{args.split}: {count} heads rendered by part {args.part} of {args.parts}")
    return 0
