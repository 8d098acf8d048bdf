"""Measures a pack's refinement against true twins of heads never trained on, and draws a sheet.

Photos are refined first as a service would do it (encoder, then the `image` plan). Each edit then starts from that
latent. *Region* is where the true edit changes the picture; errors are PSNR towards the true edited render there, before
and after, over the three views of the test set. Numbers of the plan can be overridden to look for better ones.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .pictures import save_sheet, to_range
from .refine import Pack, Plan, Wish, refine

PROMPTS = {"red_hair": "red hair", "glasses": "wearing glasses", "beard": "with a beard"}
LIGHTS = ("light_left", "light_right")
CHANGED = 0.12


@dataclass
class Heads:
    """Test heads: pictures `[N,3,3,128,128]` (three views), cameras `[N,3,25]`."""

    folder: Path
    rows: np.ndarray
    images: Tensor
    cameras: Tensor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pack", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--data", type=Path, required=True, help="dataset folder")
    parser.add_argument("--heads", type=int, default=12, help="how many test heads")
    parser.add_argument("--edits", nargs="+", default=[*PROMPTS, *LIGHTS], help="which edits")
    parser.add_argument("--starts", type=Path, help="file to keep the refined latents of the photos in")
    parser.add_argument("--sheet", type=Path, help="PNG to write: photo, reconstruction, then edited and true by edit")
    parser.add_argument("--steps", type=int, help="budget of each edit")
    parser.add_argument("--guidance-scale", type=float)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--timesteps", type=float, nargs=2)
    parser.add_argument("--weights", type=json.loads, default={}, help='e.g. \'{"pull": 0.1}\'')
    parser.add_argument("--negative", default="", help="negative prompt of every prompt")


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    pack = Pack(args.pack)
    heads = load_heads(args.data / "test", args.heads)
    starts = reconstruct(pack, heads, args.starts)
    columns = [heads.images[:, 0], pack.show(starts, heads.cameras[:, 0])]
    print(f"reconstruction PSNR: source {psnr(columns[1], columns[0]).mean():.2f} dB, " + side_psnr(pack, heads, starts))
    for edit in args.edits:
        columns += one_edit(pack, heads, starts, edit, args)
    if args.sheet:
        save_sheet(torch.stack(columns, 1).flatten(0, 1), len(columns), args.sheet)


def load_heads(folder: Path, count: int) -> Heads:
    rows = np.flatnonzero(np.load(folder / "done.npy"))[:count]
    images = np.load(folder / "images.npy", mmap_mode="r")[rows]
    cameras = torch.from_numpy(np.load(folder / "cameras.npy")[rows])
    return Heads(folder, rows, pictures(images), cameras)


def pictures(images: np.ndarray) -> Tensor:
    """uint8 `[N,V,S,S,3]` to `[N,V,3,S,S]` in [-1, 1]."""
    return to_range(torch.from_numpy(np.ascontiguousarray(images)).permute(0, 1, 4, 2, 3))


def reconstruct(pack: Pack, heads: Heads, kept: Path | None) -> Tensor:
    """Latents of the frontal photos by the `image` plan, from `kept` if it exists."""
    if kept and kept.is_file():
        return torch.load(kept, weights_only=True)[: len(heads.rows)]
    photo = heads.images[:, 0]
    wish = Wish(photo=photo, source=heads.cameras[:, 0])
    with torch.no_grad():
        start = pack.encoder(photo)
    latents = refine(pack, start, wish, pack.plan("image"))
    if kept:
        torch.save(latents, kept)
    return latents


def one_edit(pack: Pack, heads: Heads, starts: Tensor, edit: str, args: argparse.Namespace) -> list[Tensor]:
    """Applies an edit, prints its figures, and returns the frontal pictures after it and their true twins."""
    folder = heads.folder / "edits" / edit
    truth = pictures(np.load(folder / "images.npy", mmap_mode="r")[heads.rows])
    valid = torch.from_numpy(np.load(folder / "valid.npy")[heads.rows]).bool()
    wish = Wish(photo=heads.images[:, 0], source=heads.cameras[:, 0])
    if edit in PROMPTS:
        wish.prompt, wish.negative = PROMPTS[edit], args.negative
    else:
        wish.light = torch.from_numpy(np.load(folder / "light.npy")[heads.rows])
    plan = changed_plan(pack, "prompt" if edit in PROMPTS else "light", args)
    latents = refine(pack, starts, wish, plan)
    region = ((truth - heads.images).abs().amax(2, keepdim=True) > CHANGED).float()
    before, after = (views(pack, value, heads) for value in (starts, latents))
    gain = (psnr(after, truth, region) - psnr(before, truth, region))[valid]
    outside = psnr(after, truth, 1.0 - region)[valid] - psnr(before, truth, 1.0 - region)[valid]
    alike = identity_cosine(pack, latents, heads)[valid]
    print(
        f"{edit:12s} region {psnr(before, truth, region)[valid].mean():.2f} {gain.mean():+.2f} dB, "
        f"closer {int((gain > 0).sum())}/{len(gain)}, elsewhere {outside.mean():+.2f} dB, identity {alike.mean():.2f} "
        + str({name: round(value, 4) for name, value in plan.losses.items()}),
        flush=True,
    )
    return [after[:, 0], truth[:, 0]]


def changed_plan(pack: Pack, kind: str, args: argparse.Namespace) -> Plan:
    """The pack's plan with the overrides of the command line."""
    names = ("steps", "guidance_scale", "learning_rate", "timesteps", "weights")
    return pack.plan(kind, **{name: getattr(args, name) for name in names if getattr(args, name)})


def views(pack: Pack, latents: Tensor, heads: Heads) -> Tensor:
    """Pictures `[N,3,3,S,S]` by the three test cameras."""
    return torch.stack([pack.show(latents, heads.cameras[:, view]) for view in range(3)], 1)


def psnr(image: Tensor, truth: Tensor, region: Tensor | float = 1.0) -> Tensor:
    """PSNR in dB by row over the region (peak 2 for pictures in [-1, 1]); rows without a region give 0."""
    weight = torch.as_tensor(region).expand_as(truth).flatten(1)
    error = ((image - truth).square().flatten(1) * weight).sum(1) / weight.sum(1).clamp(min=1.0)
    return torch.where(weight.sum(1) > 0, 10.0 * torch.log10(4.0 / error.clamp(min=1e-9)), 0.0)


def side_psnr(pack: Pack, heads: Heads, latents: Tensor) -> str:
    shown = views(pack, latents, heads)
    return f"at -0.35 and +0.35 rad {psnr(shown[:, 1], heads.images[:, 1]).mean():.2f} and " \
        f"{psnr(shown[:, 2], heads.images[:, 2]).mean():.2f} dB"


@torch.no_grad()
def identity_cosine(pack: Pack, latents: Tensor, heads: Heads) -> Tensor:
    """Cosine of the identity of the frontal view and of the photo, `[N]`."""
    shown = pack.show(latents, heads.cameras[:, 0])
    return (pack.identity(shown) * pack.identity(heads.images[:, 0])).sum(1)
