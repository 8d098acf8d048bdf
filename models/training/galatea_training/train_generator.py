"""Trains the tri-plane generator on rendered G-buffers under random lights, with supervision and no adversary.

Two phases: whole pictures in 32² rays, then random quarters at full sharpness with super-resolution. The learning rate falls over the given minutes.
The run is resumable: it goes on from the last checkpoint in the folder.
"""

import argparse
import copy
import json
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from . import dataset
from .camera import FOCAL
from .generator import HULL_EXTENT, HULL_SIZE, SURFACE, Generator
from .shading import shade, surface_of

#: Centres of eyes and mouth in the head's frame and their weight in the loss.
LANDMARKS = (((0.085, 0.071, 0.15), 3.0), ((-0.085, 0.071, 0.15), 3.0), ((0.0, -0.105, 0.19), 3.0))


class Data:
    """Heads of a split that are rendered so far, as tensors.

    Args:
        folder: of the split.
    """

    def __init__(self, folder: Path):
        self.arrays = dataset.load(folder)
        self.rows = np.flatnonzero(self.arrays["done"])
        self.meta = json.loads((Path(folder) / "meta.json").read_text())

    @property
    def background(self) -> tuple[float, ...]:
        """RGB in [-1, 1]."""
        return tuple(c / 127.5 - 1 for c in self.meta["background"])

    def batch(self, rows: np.ndarray, views: np.ndarray, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """Rows [B] and their views [B,V] → z [B,P]; buffers [B·V,8,S,S] in [0, 1], cameras, and a random light for each."""
        at = (rows[:, None], views)
        buffers = torch.from_numpy(np.asarray(self.arrays["buffers"][at])).flatten(0, 1).float() / 255
        lights = np.stack([dataset.sample_light(rng) for _ in range(views.size)])
        cameras = torch.from_numpy(np.asarray(self.arrays["cameras"][at])).flatten(0, 1)
        return {"z": self.inputs(rows), "buffers": buffers, "cameras": cameras, "light": torch.from_numpy(lights)}

    def inputs(self, rows: np.ndarray) -> torch.Tensor:
        """The mapping's input [B,P] for rows [B]."""
        return torch.from_numpy(np.asarray(self.arrays["params"][rows]))


def hull(arrays, model, count: int) -> torch.Tensor:
    """The cells that any of the first ``count`` heads touches: bool [HULL_SIZE³], order x, y, z."""
    from .heads import Head

    cells = np.zeros((HULL_SIZE,) * 3, dtype=bool)
    for params in arrays["params"][np.flatnonzero(arrays["done"])[:count]]:
        for part in model.parts(Head(np.asarray(params))):
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
    at = (torch.arange(size) + 0.5) / size
    weight = torch.ones(len(cameras), size, size)
    for point, strength in LANDMARKS:
        local = torch.einsum("bij,bi->bj", pose[:, :3, :3], torch.tensor(point) - pose[:, :3, 3])
        x, y = (intrinsics[:, i, i] * local[:, i] / local[:, 2] + intrinsics[:, i, 2] for i in (0, 1))
        distance = (at[None, None, :] - x[:, None, None]) ** 2 + (at[None, :, None] - y[:, None, None]) ** 2
        weight += strength * torch.exp(-distance / (2 * radius**2))
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


def cropped(batch: dict[str, torch.Tensor], rng: np.random.Generator) -> dict[str, torch.Tensor]:
    """The batch's buffers cut to a random quarter each; a camera with the quarter's intrinsics sees just that."""
    size = batch["buffers"].shape[-1]
    half = size // 2
    starts = 2 * rng.integers(0, size // 4 + 1, (len(batch["buffers"]), 2))
    buffers = torch.stack([p[:, y : y + half, x : x + half] for p, (x, y) in zip(batch["buffers"], starts)])
    cameras = batch["cameras"].clone()
    cameras[:, [16, 20]] *= 2
    cameras[:, [18, 21]] = 2 * (cameras[:, [18, 21]] - torch.from_numpy(starts / size).float())
    return batch | {"cameras": cameras, "buffers": buffers}


def loss_of(model: Generator, batch: dict[str, torch.Tensor], full: bool) -> torch.Tensor:
    """The training loss of a batch: 32² rays, and their super-resolution to 64² pixels when ``full``."""
    rays = 32
    with torch.autocast("cpu", dtype=torch.bfloat16):
        planes = model.planes(model.mapping(batch["z"]))
    cameras, buffers, light = batch["cameras"], batch["buffers"], batch["light"]
    planes = planes.float().repeat_interleave(len(cameras) // len(batch["z"]), dim=0)
    features = model.render.features(planes, cameras, rays)
    target, care = surface_of(buffers), buffers[:, 7:] * buffers[:, 3:4]
    small = F.interpolate(target, size=(rays, rays), mode="area")
    weight = landmark_weight(cameras, rays) + 2 * F.interpolate(care, size=(rays, rays), mode="area")
    loss = surface_loss(features[:, :SURFACE], small, weight)
    if full:
        weight = landmark_weight(cameras, buffers.shape[-1]) + 3 * care
        surface = model.render.upscale(features)
        pictures = [shade(s, light, model.render.backdrop) for s in (surface, target)]
        loss = loss + surface_loss(surface, target, weight) + image_loss(*pictures, weight)
    return loss


@torch.no_grad()
def validate(model: Generator, data: Data, sheet: Path | None, heads: int = 24) -> float:
    """Mean PSNR in dB of unseen heads (views 0 and 1) under random lights; writes truth over result for eight of them."""
    rows = data.rows[:heads]
    batch = data.batch(rows, np.tile([0, 1], (len(rows), 1)), np.random.default_rng(1))
    planes = model.planes(model.mapping(batch["z"])).repeat_interleave(2, dim=0)
    parts = zip(planes.split(8), batch["cameras"].split(8), batch["light"].split(8))
    images = torch.cat([shade(model.render.surface(p, c), l, model.render.backdrop) for p, c, l in parts]).clamp(-1, 1)
    truth = shade(surface_of(batch["buffers"]), batch["light"], model.render.backdrop).clamp(-1, 1)
    psnr = -10 * torch.log10((images - truth).square().mean(dim=(1, 2, 3)) / 4)
    if sheet:
        save_sheet(torch.cat([truth, images], dim=2)[:16], sheet, columns=8)
    return psnr.mean().item()


def save_sheet(images: torch.Tensor, path: Path, columns: int) -> None:
    """Writes pictures [N,3,H,W] in [-1, 1] as one PNG."""
    pixels = ((images.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    rows = [np.concatenate(list(pixels[i : i + columns]), axis=1) for i in range(0, len(pixels), columns)]
    Image.fromarray(np.concatenate([r for r in rows if r.shape == rows[0].shape])).save(path)


def _groups(model: Generator) -> list[dict]:
    """Parameters by how fast they learn.

    A bias that differs from place to place has one element a place and may go faster; the decoder and the
    super-resolution serve every point of every head and must go slower.
    """
    maps = [p for p in model.planes.parameters() if p.dim() == 3 and p.shape[-1] > 1]
    shared = list(model.render.parameters())
    special = {id(p) for p in (*maps, *shared)}
    return [
        {"params": [p for p in model.parameters() if id(p) not in special], "speed": 1.0},
        {"params": maps, "speed": 2.0},
        {"params": shared, "speed": 0.5},
    ]


class Run:
    """A training run: model, its moving average, optimiser, and the folder that holds them."""

    def __init__(self, args: argparse.Namespace):
        self.args = args
        self.data, self.val = Data(args.data / "train"), Data(args.data / "val")
        torch.manual_seed(args.seed)
        inputs = self.data.inputs(self.data.rows)
        self.model = Generator(inputs.shape[1], self.data.background)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self.optimiser = torch.optim.Adam(_groups(self.model), lr=args.learning_rate, betas=(0.9, 0.99))
        self.step, self.spent_s = 0, 0.0
        self.path = args.out / "generator.ckpt"
        if self.path.exists():
            self._resume()
        else:
            self._prepare(inputs)

    def _prepare(self, inputs: torch.Tensor) -> None:
        from .mesh import HeadModel

        mapping = self.model.mapping
        mapping.mean.copy_(inputs.mean(0))
        mapping.scale.copy_(1 / inputs.std(0).clamp(min=0.05))
        lights = np.stack([dataset.sample_light(np.random.default_rng((7, i))) for i in range(4000)])
        self.model.render.light_mean.copy_(torch.from_numpy(lights.mean(0)))
        self.model.render.light_scale.copy_(torch.from_numpy(lights.std(0)))
        self.model.render.hull.copy_(hull(self.data.arrays, HeadModel(self.args.assets), 300))
        self.average.load_state_dict(self.model.state_dict())

    def _resume(self) -> None:
        state = torch.load(self.path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.spent_s = state["step"], state["spent_s"]
        print(f"resumed at step {self.step}, {self.spent_s / 60:.1f} min", flush=True)

    def save(self) -> None:
        """Writes the checkpoint and a sheet, and says where the run is."""
        psnr = validate(self.average, self.val, self.args.out / "generator.png")
        parts = {"model": self.model, "average": self.average, "optimiser": self.optimiser}
        state = {name: part.state_dict() for name, part in parts.items()}
        torch.save(state | {"step": self.step, "spent_s": self.spent_s, "psnr": psnr}, self.path.with_suffix(".new"))
        self.path.with_suffix(".new").replace(self.path)
        print(f"step {self.step}  {self.spent_s / 60:.1f} min  validation {psnr:.2f} dB", flush=True)

    def train(self) -> None:
        """Steps until the minutes are spent."""
        limit_s, saved_s, began = self.args.minutes * 60, self.spent_s, time.monotonic() - self.spent_s
        rng = np.random.default_rng((self.args.seed, self.step))
        losses = []
        while self.spent_s < limit_s:
            losses.append(self._step(rng, self.spent_s / limit_s))
            self.spent_s = time.monotonic() - began
            if self.step % 50 == 0:
                print(f"step {self.step}  {self.spent_s / 60:.1f} min  loss {np.mean(losses[-50:]):.4f}", flush=True)
            if self.spent_s - saved_s > self.args.checkpoint_minutes * 60:
                self.data = Data(self.args.data / "train")
                self.save()
                saved_s = self.spent_s = time.monotonic() - began
        self.save()

    def _step(self, rng: np.random.Generator, progress: float) -> float:
        full = self.spent_s >= self.args.coarse_minutes * 60
        heads = self.args.heads
        rows = rng.choice(self.data.rows, heads, replace=False)
        views = np.stack([rng.permutation(dataset.VIEWS)[:2] for _ in range(heads)])
        batch = self.data.batch(rows, views, rng)
        batch = cropped(batch, rng) if full else batch
        rate = self.args.learning_rate * min(1.0, (self.step + 1) / 100) * min(1.0, 1.6 * (1 - progress) + 0.02)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["speed"]
        loss = loss_of(self.model, batch, full)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        keep = min(0.995, 1 - 1 / (1 + 0.1 * self.step))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.model.parameters()):
                slow.lerp_(fast, 1 - keep)
        return loss.item()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--assets", type=Path, required=True, help="folder of MakeHuman's free files")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints and sheets")
    parser.add_argument("--minutes", type=float, default=70, help="length of the whole run, over all resumptions")
    parser.add_argument("--coarse-minutes", type=float, default=10, help="length of the phase of whole pictures")
    parser.add_argument("--checkpoint-minutes", type=float, default=4)
    parser.add_argument("--heads", type=int, default=6, help="heads a step, two views each")
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    """Trains, or goes on training."""
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    Run(args).train()
    return 0
