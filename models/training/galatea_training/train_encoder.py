"""Trains the encoder on rendered heads.

The loss asks for the true parameters and light and for their W+; in the last part of the run also for the picture and
the surface that the frozen generator draws of that W+, at the source camera and at another.
"""

import argparse
import copy
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .encoder import Encoder
from .dataset import VIEWS
from .export import basis_of, load_generator
from .shading import shade, surface_of
from .train_generator import Data, image_loss, landmark_weight, save_sheet, surface_loss


class Run:
    """A training run of the encoder against one checkpoint of the generator."""

    def __init__(self, args: argparse.Namespace):
        self.args = args
        self.generator = load_generator(args.generator)
        self.data, self.val = Data(args.data / "train"), Data(args.data / "val")
        torch.manual_seed(args.seed)
        self.basis = basis_of(self.generator)
        self.encoder = Encoder(self.generator, self.basis)
        self.path = args.out / "encoder.ckpt"
        if self.path.exists():
            self.encoder.trunk.load_state_dict(torch.load(self.path, weights_only=True)["average"])
        self.average = copy.deepcopy(self.encoder.trunk).requires_grad_(False)
        self.optimiser = torch.optim.Adam(self.encoder.trunk.parameters(), lr=args.learning_rate, betas=(0.9, 0.99))

    def loss(self, batch: dict[str, torch.Tensor], drawn: bool) -> torch.Tensor:
        """Loss of a batch; ``drawn`` adds the picture, of two views of each head, and makes the rest count less."""
        mapping, render = self.generator.mapping, self.generator.render
        surface = surface_of(batch["buffers"])
        images = shade(surface, batch["light"], render.backdrop).clamp(-1, 1)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = self.encoder.trunk(images[:: 2 if drawn else 1])
        params, light, detail = (x.float() for x in found)
        truth = (batch["z"] - mapping.mean) * mapping.scale
        lights = (batch["light"][:: 2 if drawn else 1] - render.light_mean) / render.light_scale
        loss = F.smooth_l1_loss(params, truth) + F.smooth_l1_loss(light, lights)
        if not drawn:
            return loss
        w = self.encoder.latent(params, light, detail)
        return 0.1 * loss + 1e-4 * detail.square().mean() + self._picture_loss(w, batch, surface, images)

    def _picture_loss(self, w: torch.Tensor, batch: dict, surface: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        render, rays = self.generator.render, 32
        with torch.autocast("cpu", dtype=torch.bfloat16):
            planes = self.generator.planes(self.basis(w))
        planes = planes.float().repeat_interleave(2, dim=0)
        seen = render.features(planes, batch["cameras"], rays)[:, :7]
        target = F.interpolate(surface, size=(rays, rays), mode="area")
        weight = landmark_weight(batch["cameras"], rays)
        picture = shade(seen[0::2], render.light(w), render.backdrop)
        small = F.interpolate(images[0::2], size=(rays, rays), mode="area")
        return surface_loss(seen, target, weight) + image_loss(picture, small, weight[0::2])

    def train(self) -> None:
        """Steps until the minutes are spent."""
        args, began, step, losses = self.args, time.monotonic(), 0, []
        rng = np.random.default_rng(args.seed)
        while (progress := (time.monotonic() - began) / (60 * args.minutes)) < 1:
            drawn = progress > 1 - args.drawn_share
            heads = args.heads // 4 if drawn else args.heads
            rows = rng.choice(self.data.rows, heads, replace=False)
            views = np.stack([rng.permutation(VIEWS)[: 2 if drawn else 1] for _ in rows])
            loss = self.loss(self.data.batch(rows, views, rng), drawn)
            for group in self.optimiser.param_groups:
                group["lr"] = args.learning_rate * min(1.0, (step + 1) / 50) * min(1.0, 1.5 * (1 - progress) + 0.02)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
            step += 1
            with torch.no_grad():
                for slow, fast in zip(self.average.parameters(), self.encoder.trunk.parameters()):
                    slow.lerp_(fast, 1 - min(0.99, 1 - 1 / (1 + 0.1 * step)))
            losses.append(loss.item())
            if step % 50 == 0:
                print(f"step {step}  {progress:.0%}  drawn {drawn}  loss {np.mean(losses[-50:]):.4f}", flush=True)
        self.save()

    @torch.no_grad()
    def save(self) -> None:
        """Writes the checkpoint and prints the PSNR of encoded unseen heads."""
        self.encoder.trunk.load_state_dict(self.average.state_dict())
        rows = self.val.rows[:24]
        batch = self.val.batch(rows, np.zeros((len(rows), 1), int), np.random.default_rng(1))
        render = self.generator.render
        truth = shade(surface_of(batch["buffers"]), batch["light"], render.backdrop).clamp(-1, 1)
        w = self.encoder(truth)
        images = render(self.generator.planes(self.basis(w)), w, batch["cameras"]).clamp(-1, 1)
        psnr = -10 * torch.log10((images - truth).square().mean(dim=(1, 2, 3)) / 4)
        save_sheet(torch.cat([truth, images], dim=2)[:16], self.args.out / "encoder.png", columns=8)
        torch.save({"average": self.average.state_dict()}, self.path)
        print(f"encoded validation heads: {psnr.mean().item():.2f} dB", flush=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--generator", type=Path, required=True, help="checkpoint of the generator")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint; an earlier one is the start")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--drawn-share", type=float, default=0.4, help="last share of the run that draws pictures too")
    parser.add_argument("--heads", type=int, default=32, help="heads a step; a quarter of it while drawing")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    """Trains, or goes on training."""
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    Run(args).train()
    return 0
