"""Trains the encoder on rendered heads.

The loss asks for the true parameters and light and for their W+; in the last part of the run also for the picture
that the frozen generator draws of that W+, at the source camera and at another.
"""

import argparse
import copy
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .encoder import Encoder
from .export import load_generator
from .train_generator import Data, landmark_weight, image_loss, save_sheet


class Run:
    """A training run of the encoder against one checkpoint of the generator."""

    def __init__(self, args: argparse.Namespace):
        self.args = args
        self.generator = load_generator(args.generator)
        self.data, self.val = Data(args.data / "train"), Data(args.data / "val")
        torch.manual_seed(args.seed)
        self.encoder = Encoder(self.generator.mapping)
        self.path = args.out / "encoder.ckpt"
        if self.path.exists():
            self.encoder.trunk.load_state_dict(torch.load(self.path, weights_only=True)["average"])
        self.average = copy.deepcopy(self.encoder.trunk).requires_grad_(False)
        self.optimiser = torch.optim.Adam(self.encoder.trunk.parameters(), lr=args.learning_rate)
        inputs = self.data.inputs(self.data.rows[:1000], np.zeros(min(1000, len(self.data.rows)), int))
        self.spread = self.generator.mapping(inputs).std(dim=0).clamp(min=1e-3)

    def loss(self, batch: dict[str, torch.Tensor], drawn: bool) -> torch.Tensor:
        """Loss of a batch of heads with two views each; ``drawn`` adds the picture."""
        mapping, first = self.generator.mapping, batch["images"][0::2]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = self.encoder.trunk(first)
        found = found.float()
        truth = (batch["z"] - mapping.mean) * mapping.scale
        w = mapping(found / mapping.scale + mapping.mean)
        loss = 0.3 * F.smooth_l1_loss(found, truth) + ((w - mapping(batch["z"])) / self.spread).square().mean()
        if drawn:
            loss = 0.2 * loss + self._picture_loss(w, batch)
        return loss

    def _picture_loss(self, w: torch.Tensor, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            planes = self.generator.planes(w)
        planes = planes.float().repeat_interleave(2, dim=0)
        seen, _ = self.generator.render.features(planes, batch["cameras"], 32)
        target = F.interpolate(batch["images"], size=(32, 32), mode="area")
        return image_loss(seen[:, :3], target, landmark_weight(batch["cameras"], 32))

    def train(self) -> None:
        """Steps until the minutes are spent."""
        args, began, step, losses = self.args, time.monotonic(), 0, []
        rng = np.random.default_rng(args.seed)
        while (progress := (time.monotonic() - began) / (60 * args.minutes)) < 1:
            drawn = progress > 1 - args.drawn_share
            heads = args.heads // 4 if drawn else args.heads
            rows = rng.choice(self.data.rows, heads, replace=False)
            pair = 2 * rng.integers(0, 3, heads)[:, None] + rng.permuted(np.tile([0, 1], (heads, 1)), axis=1)
            loss = self.loss(self.data.batch(rows, pair), drawn)
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
        batch = self.val.batch(rows, np.tile([0, 1], (len(rows), 1)))
        planes = self.generator.planes(self.encoder(batch["images"][0::2]))
        images = self.generator.render(planes, planes, batch["cameras"][0::2]).clamp(-1, 1)
        psnr = -10 * torch.log10((images - batch["images"][0::2]).square().mean(dim=(1, 2, 3)) / 4)
        save_sheet(torch.cat([batch["images"][0::2], images], dim=2)[:16], self.args.out / "encoder.png", columns=8)
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
