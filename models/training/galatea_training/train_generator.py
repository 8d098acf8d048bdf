"""Trains the tri-plane generator on rendered G-buffers under random lights, with supervision and no adversary.

Two phases: whole pictures in 32² rays, then random quarters at full sharpness with super-resolution.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from . import deformation
from .camera import FOCAL
from .generator import HULL_EXTENT, HULL_SIZE, SURFACE, Generator, ModulatedConv
from .measures import psnr
from .moods import Moods
from .muon import SPEED
from .pictures import Lights, Pictures, lit, save_sheet
from .precision import mixed
from .shading import BACKDROP, shade, surface_of
from .training import Task, add_run_arguments, train

#: Difference of a channel, of pictures in [-1, 1], that is seen; and the least sum of a change that is told in shares.
VISIBLE, LEAST_CHANGE = 0.06, 5.0
#: Rays a side while training.
TRAINING_RAYS = 32
#: Layers whose weights Muon trains.
MATRICES = (torch.nn.Linear, ModulatedConv)
#: Heads whose union bounds where rays are sampled, and those of a step of which the warp's amounts are asked.
HULL_HEADS, TOLD = 300, 64
#: Centres of eyes and mouth in the head's frame and their weight in the loss.
LANDMARKS = (((0.085, 0.071, 0.15), 3.0), ((-0.085, 0.071, 0.15), 3.0), ((0.0, -0.105, 0.19), 3.0))


def hull(params: np.ndarray, assets: Path) -> torch.Tensor:
    """The cells that any of the heads [N,P] touches: bool [HULL_SIZE³], order x, y, z."""
    from .heads import Head
    from .mesh import HeadModel

    cells, model = np.zeros((HULL_SIZE,) * 3, dtype=bool), HeadModel(assets)
    for row in params:
        for part in model.parts(Head(row)):
            points = _subdivided(part, model)
            points = points[np.linalg.norm(points * [1, 1, 0.9], axis=1) < 0.47]
            index = ((points + HULL_EXTENT) * HULL_SIZE / (2 * HULL_EXTENT)).astype(int).clip(0, HULL_SIZE - 1)
            cells[tuple(index.T)] = True
    return torch.from_numpy(cells.ravel())


def _subdivided(part, model) -> np.ndarray:
    triangles = part.triangles if part.triangles is not None else model.meshes[part.name].triangles
    a, b, c = (part.positions[triangles[:, i]] for i in range(3))
    return np.concatenate([a, b, c, (a + b + c) / 3, (a + b) / 2, (b + c) / 2, (a + c) / 2])


def landmark_weight(cameras: torch.Tensor, size: int) -> torch.Tensor:
    """Weights [B,1,size,size], 1 and more about eyes and mouth."""
    pose, intrinsics = cameras[:, :16].view(-1, 4, 4), cameras[:, 16:].view(-1, 3, 3)
    radius = 0.06 * intrinsics[:, 0, 0, None, None] / FOCAL
    at = (torch.arange(size, device=cameras.device) + 0.5) / size
    weight = cameras.new_ones(len(cameras), size, size)
    for point, strength in LANDMARKS:
        local = torch.einsum("bij,bi->bj", pose[:, :3, :3], cameras.new_tensor(point) - pose[:, :3, 3])
        x, y = (intrinsics[:, i, i] * local[:, i] / local[:, 2] + intrinsics[:, i, 2] for i in (0, 1))
        distance = (at[None, None, :] - x[:, None, None]) ** 2 + (at[None, :, None] - y[:, None, None]) ** 2
        weight = weight + strength * torch.exp(-distance / (2 * radius**2))
    return weight[:, None]


def image_loss(image: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted L1 + L2 + L1 of the image gradients."""
    error = image - target
    edges = (error[..., 1:] - error[..., :-1]).abs().mean() + (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    return (weight * (0.5 * error.abs() + 2 * error.square())).mean() + 0.25 * edges


def surface_loss(surface: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted L1 of coverage, albedo and normals, normals at a third of the others' weight."""
    error = (surface - target).abs()
    return (weight * (error[:, :4].mean(1, keepdim=True) + error[:, 4:].mean(1, keepdim=True) / 3)).mean()


def batch_of(pictures: Pictures, lights: Lights, heads: np.ndarray, views: np.ndarray) -> dict[str, torch.Tensor]:
    """Heads [B], views [B,V] → parameters z [B,P]; buffers [B·V,8,S,S], cameras [B·V,25] and random lights [B·V,9]."""
    rows, views = heads.repeat(views.shape[1]), views.ravel()
    return {
        "z": pictures.params[heads],
        "buffers": pictures.buffers(rows, views),
        "cameras": pictures.cameras[rows, views],
        "light": lights.draw(len(rows)),
    }


def draw(pictures: Pictures, lights: Lights, count: int, views: int) -> dict[str, torch.Tensor]:
    """A batch of so many random heads with so many different views each (see ``batch_of``)."""
    chosen = np.random.rand(count, pictures.views).argsort(1)[:, :views]
    return batch_of(pictures, lights, np.random.randint(len(pictures), size=count), chosen)


def starts_of(count: int, size: int) -> np.ndarray:
    """Where random quarters of pictures begin, x and y [B,2]."""
    return 2 * np.random.randint(0, size // 4 + 1, (count, 2))


def cropped(batch: dict[str, torch.Tensor], starts: np.ndarray) -> dict[str, torch.Tensor]:
    """The batch's buffers cut to the quarter that begins at starts [B,2]; a camera with its intrinsics sees just that."""
    size = batch["buffers"].shape[-1]
    half = size // 2
    buffers = torch.stack([p[:, y : y + half, x : x + half] for p, (x, y) in zip(batch["buffers"], starts.tolist())])
    cameras = batch["cameras"].clone()
    cameras[:, [16, 20]] *= 2
    cameras[:, [18, 21]] = 2 * (cameras[:, [18, 21]] - torch.from_numpy(starts / size).to(cameras))
    return batch | {"cameras": cameras, "buffers": buffers}


def quarters(pictures: Pictures, lights: Lights, count: int) -> dict[str, torch.Tensor]:
    """A random quarter of each of two views of so many heads (see ``batch_of``)."""
    batch = draw(pictures, lights, count, views=2)
    return cropped(batch, starts_of(2 * count, batch["buffers"].shape[-1]))


def mouths(pictures: Pictures, moods: Moods, lights: Lights, count: int) -> dict[str, torch.Tensor]:
    """So many heads, and behind them the same in other moods, by the same cameras and lights: quarters about their mouths."""
    rows, views, buffers, params = moods.draw(count)
    before, light = batch_of(pictures, lights, rows, views[:, None]), lights.draw(count)
    after = before | {"z": params, "buffers": buffers}
    pair = {name: torch.cat([value, after[name]]) for name, value in before.items()} | {"light": light.repeat(2, 1)}
    size = buffers.shape[-1]
    about = np.array([[0.5, 0.67]]) + np.random.uniform(-0.15, 0.15, (count, 2))
    starts = 2 * ((about - 0.25) * size / 2).round().astype(int).clip(0, size // 4)
    return cropped(pair, np.tile(starts, (2, 1)))


def change_loss(pictures: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """How much of what truly differs between the first and the second half of a batch is drawn wrong: mean share over the pairs."""
    before, after = pictures.chunk(2)
    true_before, true_after = truth.chunk(2)
    wanted = true_after - true_before
    region = (wanted.abs().amax(1, keepdim=True) > VISIBLE).float()
    wrong = ((after - before - wanted).abs() * region).sum((1, 2, 3))
    return (wrong / (wanted.abs() * region).sum((1, 2, 3)).clamp(min=LEAST_CHANGE)).mean()


def loss_of(model: Generator, batch: dict[str, torch.Tensor], full: bool, change: float = 0.0) -> torch.Tensor:
    """The training loss of a batch: 32² rays, and their super-resolution to 64² pixels when ``full``.

    Args:
        change: weight of ``change_loss``, of a full batch of pairs.
    """
    cameras, buffers, light = batch["cameras"], batch["buffers"], batch["light"]
    with mixed(cameras.device):
        styles = model.mapping(batch["z"])
        planes, warp = model.planes(styles), model.warp(styles)
    planes, warp = (x.float().repeat_interleave(len(cameras) // len(x), dim=0) for x in (planes, warp))
    features = model.render.features(planes, warp, cameras, TRAINING_RAYS)
    target, care = surface_of(buffers), buffers[:, 7:] * buffers[:, 3:4]
    small, less = (F.interpolate(x, size=features.shape[2:], mode="area") for x in (target, care))
    weight = landmark_weight(cameras, TRAINING_RAYS) + 2 * less
    loss = surface_loss(features[:, :SURFACE], small, weight)
    if full:
        weight = landmark_weight(cameras, buffers.shape[-1]) + 3 * care
        surface = model.render.upscale(features)
        pictures = [shade(s, light, model.render.backdrop) for s in (surface, target)]
        loss = loss + surface_loss(surface, target, weight) + image_loss(*pictures, weight)
        if change:
            loss = loss + change * change_loss(*pictures)
    return loss


def report(model: Generator, pictures: Pictures, sheet: Path, heads: int = 24) -> str:
    """Mean PSNR of heads drawn from their parameters; writes truth over result for eight of them."""
    count = min(heads, len(pictures))
    batch = batch_of(pictures, Lights(1, pictures.device, 1000), np.arange(count), np.tile([0, 1], (count, 1)))
    parts = zip(model.mapping(batch["z"]).split(4), batch["cameras"].split(8), batch["light"].split(8))
    images = torch.cat([shade(model.surface(styles, c), l, model.render.backdrop) for styles, c, l in parts]).clamp(-1, 1)
    truth = lit(surface_of(batch["buffers"]), batch["light"])
    save_sheet(torch.cat([truth, images], dim=2)[:16], 8, sheet)
    return f"drawn from their parameters {psnr(images, truth).mean().item():.2f} dB"


def groups_of(model: Generator) -> tuple[list[dict], list[dict]]:
    """Parameters by how fast they learn: AdamW's groups, and those of matrices that Muon trains.

    A bias or a pattern that differs from place to place has one element a place and may go faster; the decoder and the
    super-resolution serve every point of every head and must go slower.
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
    """Sets what is measured and not trained: the spreads of parameters and lights, and the union of all heads."""
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
    parser.add_argument("--coarse", type=float, default=0.1, help="first share of the run, with whole pictures")
    parser.add_argument("--moods", type=float, default=0.5, help="share of a batch that is mouths in two moods, after that")
    parser.add_argument("--change", type=float, default=0.3, help="weight of what differs between two moods")
    parser.add_argument("--keep-mapping", action="store_true", help="leave W+ as it is, and what was trained on it right")


def run(args: argparse.Namespace) -> None:
    """Trains, or goes on training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The generator; --batch counts heads, two views each."""
    pictures, unseen = (Pictures(args.data / split, device) for split in ("train", "val"))
    lights, moods = Lights(args.seed, device), Moods(args.data, pictures)
    model = Generator(pictures.params.shape[1], BACKDROP).to(device)
    model.mapping.requires_grad_(not args.keep_mapping)
    pairs = round(args.moods * args.batch)
    fresh = not (args.runs / "generator.ckpt").is_file()
    proportions = deformation.proportions_of(args.assets, args.runs) if fresh or not args.keep_mapping else None
    if fresh:
        prepare(model, pictures, lights, args.assets)
        deformation.fit(model.warp, model.mapping, proportions)

    def drawn(progress: float) -> torch.Tensor:
        if progress < args.coarse:
            return loss_of(model, draw(pictures, lights, args.batch, views=2), full=False)
        loss = loss_of(model, quarters(pictures, lights, args.batch - pairs), full=True)
        return 0.5 * (loss + loss_of(model, mouths(pictures, moods, lights, pairs), full=True, change=args.change))

    def loss(progress: float) -> torch.Tensor:
        if args.keep_mapping:
            return drawn(progress)
        return drawn(progress) + 0.1 * deformation.lost(model.warp, model.mapping, proportions, TOLD)

    sheet = args.runs / "generator.png"
    return Task("generator", model, loss, lambda average: report(average, unseen, sheet), *groups_of(model), 0.0)
