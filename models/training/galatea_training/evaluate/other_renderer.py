"""Measures a pack on people of another renderer, before any backdrop and before the pack's own.

The people have real faces' shapes, bodies and clothes, sharper textures and highlights. Each person is sent twice as a picture is that someone took: before a made-up backdrop and before the pack's own. The product finds,
aligns and refines them, and turns a light. Each is also sent as an aligned picture, which is cut to the pack's crop already. The
pictures are compared with the same person as the pack would draw it. The test
people of ``data.wide_views`` are seen from the front, from yaw −0.35 and from yaw 0.35. Figures are medians.
"""

import argparse
import json
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..data.backdrops import backdrops, colours
from ..data.pictures import lit, save_sheet
from ..data.sampling import sample_light
from ..data.snapshots import WideViews
from ..data.splits import SIDE_LIGHTS
from ..data.wide_views import CROP, SIZE
from ..render.light import directional
from ..render.shading import BACKDROP, shade, surface_of
from . import refiner
from .measures import median, psnr
from .quality import Table
from .refiner import Refiner, load_pictures, save_picture

#: What a person stands before.
BEHIND = ("any", "own")
#: Whether the whole picture is sent, or the pack's crop of it.
SENT = ("found", "aligned")
#: Height on the body below which a person is dressed, see ``render.wide_renderer``.
COLLAR = 0.62
#: Strength of the highlights and of the sharpening, which the pack's own pictures do not have.
GLOSS, SHARPEN = 0.12, 0.8
#: Pixels of a picture for each of the wide G-buffer.
ENLARGED = 3
SIDE_LIGHT = directional(np.array(SIDE_LIGHTS["light_left"]), 1.1, 0.25)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    refiner.add_arguments(parser, heads=12)


def run(args: argparse.Namespace) -> int:
    """Prints the table, and writes table.md and a sheet to OUT."""
    torch.set_num_threads(1)
    torch.manual_seed(11)
    people = WideViews(args.data / "wide" / "test")
    chosen = np.arange(min(args.heads, len(people)))
    rng = np.random.default_rng(11)
    light = torch.from_numpy(np.stack([sample_light(rng) for _ in chosen])).float()
    whole = dict(zip(BEHIND, pictures(people, chosen, light)))
    true = [truth(people, chosen, of) for of in (light, torch.from_numpy(SIDE_LIGHT).float().expand(len(chosen), -1))]
    table, columns, runner = Table(), [], Refiner(args)
    for sent, (behind, picture) in product(SENT, whole.items()):
        name = f"{behind} backdrop, {sent}"
        found, before, after = refined(runner, f"{behind}-{sent}", picture if sent == "found" else crop(picture))
        table.add(f"{name}: taken", f"{len(found)} of {len(chosen)}")
        photo, turned = (psnr(made, of[found]) for made, of in zip((before, after), true))
        still = psnr(before, true[1][found])
        table.add(f"{name}: source view, dB", median(photo[:, 0]))
        table.add(f"{name}: ±0.35 rad, dB", median(photo[:, 1:]))
        table.add(f"{name}: gain of a side light, source view, dB", median(turned[:, 0] - still[:, 0]))
        columns += sheet_columns(picture, found, before, after)
    columns += [true[0][:, 0], true[1][:, 0]]
    save_sheet(torch.stack(columns, 1).flatten(0, 1), len(columns), args.out / "sheet.png")
    (args.out / "table.md").write_text(table.markdown())
    return 0


def pictures(people: WideViews, chosen: np.ndarray, light: Tensor) -> tuple[Tensor, Tensor]:
    """Frontal pictures `[N,3,S,S]` of people, glossy and sharp, before any backdrop and before the pack's own."""
    wide = people.wide(chosen, np.zeros(len(chosen), int))
    coverage, height = wide[:, 3:4], wide[:, 9:10]
    cloth = torch.sigmoid((COLLAR - height) * 60)
    wide[:, :3] = torch.lerp(wide[:, :3], colours(len(chosen)).expand_as(wide[:, :3]), cloth)
    normals = F.normalize(2 * wide[:, 4:7] - 1, dim=1)
    shine = GLOSS * normals[:, 2:].clamp(min=0).pow(24) * (1 - cloth) * coverage
    large = F.interpolate(torch.cat([wide, shine], 1), scale_factor=ENLARGED, mode="bicubic").clamp(0, 1)
    surface, shine = surface_of(large[:, :8]), large[:, 10:]
    anything = F.interpolate(2 * backdrops(len(chosen), CROP) - 1, size=large.shape[-1], mode="bicubic")
    own = torch.tensor(BACKDROP).view(1, 3, 1, 1).expand_as(anything)
    made = []
    for backdrop in (anything, own):
        picture = shade(surface, light, backdrop) + 2 * shine
        soft = F.avg_pool2d(F.pad(picture, [2] * 4, mode="replicate"), 5, stride=1)
        made.append((picture + SHARPEN * (picture - soft)).clamp(-1, 1))
    return made[0], made[1]


def truth(people: WideViews, chosen: np.ndarray, light: Tensor) -> Tensor:
    """The same people as the pack draws heads, `[N,3,3,128,128]`."""
    views = [lit(surface_of(people.clean(chosen, np.full(len(chosen), view))), light) for view in range(3)]
    return torch.stack(views, 1)


def crop(picture: Tensor) -> Tensor:
    """The pack's crop of frontal pictures."""
    size = picture.shape[-1] * CROP // SIZE
    edge = (picture.shape[-1] - size) // 2
    return picture[:, :, edge : edge + size, edge : edge + size]


def refined(runner: Refiner, kind: str, picture: Tensor) -> tuple[np.ndarray, Tensor, Tensor]:
    """What the product makes of pictures: who was found, and their pictures before and after the side light."""
    folder = runner.out / f"sent-{kind}"
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{kind}.{i:03d}" for i in range(len(picture))]
    place = {"aligned": True, "yaw": 0, "pitch": 0} if kind.endswith("aligned") else {}
    requests = []
    for name, image in zip(names, picture):
        save_picture(image, folder / f"{name}.png")
        requests.append({"identity": name, "image": f"{folder.name}/{name}.png"} | place)
    requests += [{"identity": name, "light": {"sh": [float(c) for c in SIDE_LIGHT]}} for name in names]
    out = runner.refine(kind, requests, may_refuse=True)
    lines = [json.loads(line) for line in (out / "outcomes.jsonl").read_text().splitlines()]
    refused = {line["identity"] for line in lines if line["status"] == "rejected"}
    found = np.array([i for i, name in enumerate(names) if name not in refused], dtype=int)
    kept = [names[i] for i in found]
    return found, load_pictures(out, kept, 1), load_pictures(out, kept, 2)


def sheet_columns(picture: Tensor, found: np.ndarray, before: Tensor, after: Tensor) -> list[Tensor]:
    """Columns of the sheet: as sent, from the front, from a side, in the side light; grey where nobody was found."""
    columns = [F.interpolate(picture, size=before.shape[-1], mode="area")]
    for made in (before[:, 0], before[:, 2], after[:, 0]):
        column = torch.zeros_like(columns[0])
        column[found] = made
        columns.append(column)
    return columns
