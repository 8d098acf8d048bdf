"""Renders heads into the train, val and test splits of a dataset.

A picture is stored as a G-buffer without light. ``pictures.lit`` shades it when it is used.

Layout: ``DATA/train``, ``DATA/val``, ``DATA/test``, each a folder of

=================== ======= ================ ==============================================================
file                dtype   shape            holds
=================== ======= ================ ==============================================================
``buffers.npy``     uint8   [N,V,8,128,128]  encoded albedo (3), coverage (1), normal (3), importance (1), each 0-255
``cameras.npy``     float32 [N,V,25]         as in docs/pack.md
``params.npy``      float32 [N,P]            the head; names in ``meta.json``
``done.npy``        uint8   [N]              1 once the head is finished; unfinished heads are zeros
``attributes.json`` list    N dicts          the head in words (see ``heads.attributes``)
``meta.json``       dict    -                ``param_names``, ``background`` (RGB 0-255), ``size``, ``seed``
=================== ======= ================ ==============================================================

The arrays have their full length from the start. A reader may map them while they are filled (``np.load(…,
mmap_mode="r")``) and use the rows that ``done`` marks. ``attributes.json`` is complete from the start. V = 3: view 0 is
near-frontal, the other views lie within yaw ±0.7 and pitch ±0.35 rad.

In ``test`` the views are frontal, yaw −0.35 and yaw +0.35, and every head has one light (``light.npy`` float32 [N,9]). Its
pictures (``images.npy`` uint8 [N,3,128,128,3]) are shaded before their sub-pixels are averaged. For each edit the split holds
true renders with that one change: ``test/edits/NAME/images.npy`` uint8 [N,3,128,128,3], ``light.npy`` float32 [N,9],
``params.npy`` float32 [N,P] and ``valid.npy`` uint8 [N], which is 1 where the edit changes the head. NAME is one of
``heads.EDITS``, ``light_left`` (towards −x) or ``light_right``.

An attributes dict has ``sex`` (man, woman), ``age`` (young, middle-aged, old), ``skin`` (light, medium, dark),
``hair_colour`` (black, brown, blond, red, grey, blue; brows and beard have it too), ``hair_style`` (bald, cropped, short,
curly, long, ponytail, braid), ``eye_colour`` (brown, blue, green, grey), ``glasses`` (none, round, square), ``beard``
(none, short, full), ``smile`` (0-1; above 0.5 a caption may call it a smile) and ``mouth`` (open, closed).
"""

import argparse
import json
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..render import heads
from ..render.camera import camera
from ..render.light import directional
from ..render.shading import BACKGROUND, CHANNELS, picture, shrunk
from .rendering import fill_rows, open_renderer
from .sampling import sample_camera, sample_light
from .storage import add_limit_argument, add_share_arguments, create_arrays, locked

SIZE = 128
VIEWS = 3
#: Yaw of the test split's views, radians.
TEST_YAWS = (0.0, -0.35, 0.35)
SIDE_LIGHTS = {"light_left": (-1.0, 0.15, 0.35), "light_right": (1.0, 0.15, 0.35)}
_SPLIT_SEEDS = {"train": 1, "val": 2, "test": 3}


def draw_row(split: str, row: int) -> tuple[heads.Head, np.ndarray, np.ndarray]:
    """The head, the cameras [V,25] and the light [9] of a row. The result depends on split and row alone."""
    rng = np.random.default_rng((_SPLIT_SEEDS[split], row))
    head = heads.sample(rng)
    light = sample_light(rng)
    if split == "test":
        return head, np.stack([camera(yaw, 0) for yaw in TEST_YAWS]), light
    return head, np.stack([sample_camera(rng, frontal=view == 0) for view in range(VIEWS)]), light


def create(folder: Path, split: str, rows: int) -> None:
    """Creates the empty arrays and the attributes of a split, unless they exist."""
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
    create_arrays(folder, rows, **arrays)
    meta = {"param_names": heads.NAMES, "background": BACKGROUND, "size": SIZE, "seed": _SPLIT_SEEDS[split]}
    (folder / "meta.json").write_text(json.dumps(meta, indent=1))
    words = [heads.attributes(draw_row(split, row)[0]) for row in range(rows)]
    (folder / "attributes.json").write_text(json.dumps(words))


def render_rows(renderer, folder: Path, args: argparse.Namespace) -> int:
    """Renders a share of a split; returns the number of rendered rows."""

    def render(arrays: dict[str, np.ndarray], row: int) -> None:
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

    return fill_rows(folder, args, f"{args.split} head", render)


def render_edits(renderer, folder: Path, rows: int) -> None:
    """Renders the test heads again with each edit and each side light."""
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_share_arguments(parser)
    add_limit_argument(parser)
    parser.add_argument("--split", choices=_SPLIT_SEEDS, required=True)
    parser.add_argument("--heads", type=int, required=True, help="number of heads in the split")


def run(args: argparse.Namespace) -> int:
    """Renders a share of a split."""
    folder = args.out / args.split
    with locked(folder):
        create(folder, args.split, args.heads)
    renderer = open_renderer(args, SIZE)
    count = render_rows(renderer, folder, args)
    if args.split == "test" and args.part == 0:
        render_edits(renderer, folder, args.heads)
    print(f"{args.split}: {count} heads rendered by part {args.part} of {args.parts}")
    return 0
