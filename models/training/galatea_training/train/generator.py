"""Trains the tri-plane generator on rendered heads, with plain supervision and no adversary.

The run has two phases: whole pictures with 32² rays, then random quarters of pictures at full resolution.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from ..data.expressions import ExpressionPairs
from ..data.pictures import Lights, Pictures, lit, save_sheet
from ..evaluate.measures import psnr
from ..networks.generator import Generator
from ..networks.planes import ModulatedConv
from ..networks.volume import SURFACE
from ..optimise.loop import Task, add_run_arguments, train
from ..optimise.muon import SPEED
from ..optimise.precision import mixed
from ..render.shading import BACKDROP, shade, surface_of
from . import proportions
from .batches import batch_of, draw, expression_crops, quarters
from .hull import hull
from .picture_losses import change_loss, image_loss, landmark_weight, surface_loss

#: Rays along a side of a picture while training.
TRAINING_RAYS = 32
#: Kinds of layers whose weights Muon trains.
MATRICES = (torch.nn.Linear, ModulatedConv)
#: Heads whose union bounds the samples of rays; heads in a step whose proportions the warp must reproduce.
HULL_HEADS, TOLD = 300, 64


def generator_loss(model: Generator, batch: dict[str, torch.Tensor], full: bool, change: float = 0.0) -> torch.Tensor:
    """The training loss of a batch.

    Args:
        full: whether the loss includes pictures of 64² pixels after super-resolution.
        change: weight of ``change_loss``; the batch then consists of pairs.
    """
    cameras, buffers, light = batch["cameras"], batch["buffers"], batch["light"]
    with mixed(cameras.device):
        styles = model.mapping(batch["z"])
        planes, warp = model.planes(styles), model.warp(styles)
    planes, warp = (x.float().repeat_interleave(len(cameras) // len(x), dim=0) for x in (planes, warp))
    features = model.render.features(planes, warp, cameras, TRAINING_RAYS)
    target, importance = surface_of(buffers), buffers[:, 7:] * buffers[:, 3:4]
    small, less = (F.interpolate(x, size=features.shape[2:], mode="area") for x in (target, importance))
    weight = landmark_weight(cameras, TRAINING_RAYS) + 2 * less
    loss = surface_loss(features[:, :SURFACE], small, weight)
    if full:
        weight = landmark_weight(cameras, buffers.shape[-1]) + 3 * importance
        surface = model.render.upscale(features)
        pictures = [shade(s, light, model.render.backdrop) for s in (surface, target)]
        loss = loss + surface_loss(surface, target, weight) + image_loss(*pictures, weight)
        if change:
            loss = loss + change * change_loss(*pictures)
    return loss


def report(model: Generator, pictures: Pictures, sheet: Path, heads: int = 24) -> str:
    """Mean PSNR of heads drawn from their parameters, in words; writes a sheet with the truth above the result."""
    count = min(heads, len(pictures))
    batch = batch_of(pictures, Lights(1, pictures.device, 1000), np.arange(count), np.tile([0, 1], (count, 1)))
    parts = zip(model.mapping(batch["z"]).split(4), batch["cameras"].split(8), batch["light"].split(8))
    images = torch.cat([shade(model.surface(styles, c), l, model.render.backdrop) for styles, c, l in parts]).clamp(-1, 1)
    truth = lit(surface_of(batch["buffers"]), batch["light"])
    save_sheet(torch.cat([truth, images], dim=2)[:16], 8, sheet)
    return f"drawn from their parameters {psnr(images, truth).mean().item():.2f} dB"


def parameter_groups(model: Generator) -> tuple[list[dict], list[dict]]:
    """Parameter groups by learning speed: groups for AdamW, and groups of matrices for Muon.

    Biases and patterns with one element for each place learn faster. The decoder and the super-resolution serve every point of
    every head and learn slower.
    """
    named = dict(model.named_parameters())
    shared = [p for name, p in named.items() if name.startswith("render.")]
    maps = [p for p in model.planes.parameters() if p.dim() >= 3 and p.shape[-1] >= 16]
    layers = [m for part in (model.mapping, model.planes) for m in part.modules() if isinstance(m, MATRICES)]
    matrices = [layer.weight for layer in layers if layer.weight.requires_grad]
    special = {id(p) for p in (*shared, *maps, *matrices)}
    rest = [p for p in named.values() if p.requires_grad and id(p) not in special]
    speeds = ((rest, 1.0), (maps, 2.0), (shared, 0.5))
    return [{"params": params, "speed": speed} for params, speed in speeds], [{"params": matrices, "speed": SPEED}]


@torch.no_grad()
def prepare(model: Generator, pictures: Pictures, lights: Lights, assets: Path) -> None:
    """Measures what is not trained: the spreads of parameters and lights, and the union of all heads."""
    mapping, render = model.mapping, model.render
    mapping.mean.copy_(pictures.params.mean(0))
    mapping.scale.copy_(1 / pictures.params.std(0).clamp(min=0.05))
    render.light_mean.copy_(lights.pool.mean(0))
    render.light_scale.copy_(lights.pool.std(0))
    render.hull.copy_(hull(pictures.params[:HULL_HEADS].cpu().numpy(), assets))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_run_arguments(parser, minutes=143, batch=6, rate=1e-3, settle=0.6)
    parser.add_argument("--assets", type=Path, required=True, help="folder of MakeHuman's free files")
    parser.add_argument("--coarse", type=float, default=0.1, help="share of the first phase, with whole pictures")
    parser.add_argument("--expressions", type=float, default=0.5, help="share of a batch, in the second phase, that is mouths with two expressions")
    parser.add_argument("--change", type=float, default=0.3, help="weight of the difference between two expressions")
    parser.add_argument("--keep-mapping", action="store_true", help="keep the mapping, so that networks trained on W+ stay valid")


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The generator's task; ``--batch`` counts heads with two views each."""
    pictures, unseen = (Pictures(args.data / split, device) for split in ("train", "val"))
    lights, expressions = Lights(args.seed, device), ExpressionPairs(args.data, pictures)
    model = Generator(pictures.params.shape[1], BACKDROP).to(device)
    model.mapping.requires_grad_(not args.keep_mapping)
    pairs = round(args.expressions * args.batch)
    fresh = not (args.runs / "generator.ckpt").is_file()
    known = proportions.proportions_of(args.assets, args.runs) if fresh or not args.keep_mapping else None
    if fresh:
        prepare(model, pictures, lights, args.assets)
        proportions.fit(model.warp, model.mapping, known)

    def drawn(progress: float) -> torch.Tensor:
        if progress < args.coarse:
            return generator_loss(model, draw(pictures, lights, args.batch, views=2), full=False)
        loss = generator_loss(model, quarters(pictures, lights, args.batch - pairs), full=True)
        return 0.5 * (loss + generator_loss(model, expression_crops(pictures, expressions, lights, pairs), full=True, change=args.change))

    def loss(progress: float) -> torch.Tensor:
        if args.keep_mapping:
            return drawn(progress)
        return drawn(progress) + 0.1 * proportions.proportion_loss(model.warp, model.mapping, known, TOLD)

    sheet = args.runs / "generator.png"
    return Task("generator", model, loss, lambda average: report(average, unseen, sheet), *parameter_groups(model), 0.0)
