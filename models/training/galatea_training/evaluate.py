"""Inverts unseen heads through the exported networks and prints PSNR at the source and the side views.

A sanity check of the generator alone: start at the encoder's (or the mean) W+, then Adam on W+ against the picture and,
where the pack has it, the perceptual network. Minimum for a pack after 100 steps: 25 dB at the source, 23 dB at ±0.35 rad.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from . import dataset
from .train_generator import save_sheet


class Pack:
    """The exported networks that inversion needs."""

    def __init__(self, folder: Path):
        self.planes, self.render = (torch.jit.load(str(folder / f"{name}.pt")).eval() for name in ("planes", "render"))
        self.encoder, self.perceptual = (self._optional(folder / f"{name}.pt") for name in ("encoder", "perceptual"))
        latent = np.fromfile(folder / "mean_latent.f32", dtype="<f4")
        self.mean = torch.from_numpy(latent).view(1, -1, 128)

    @staticmethod
    def _optional(path: Path):
        return torch.jit.load(str(path)).eval() if path.exists() else None

    def draw(self, w: torch.Tensor, cameras: torch.Tensor) -> torch.Tensor:
        """W+ [B,L,D] at cameras [B,25] → [B,3,S,S]."""
        return self.render(self.planes(w), w, cameras)


def invert(pack: Pack, image: torch.Tensor, camera25: torch.Tensor, start: torch.Tensor, args) -> torch.Tensor:
    """Adam on W+ against one picture [1,3,S,S]; the rate warms up over 5 % and falls over the last 25 %."""
    w = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([w])
    target = pack.perceptual(image).detach() if pack.perceptual else None
    for step in range(args.steps):
        progress = step / args.steps
        rate = args.learning_rate * min(1.0, (progress + 1 / args.steps) / 0.05) * min(1.0, (1 - progress) / 0.25)
        optimiser.param_groups[0]["lr"] = rate
        drawn = pack.draw(w, camera25)
        loss = 4 * (drawn - image).square().mean()
        if target is not None:
            loss = args.pixel_weight * loss + (pack.perceptual(drawn) - target).square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return w.detach()


def psnr(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """PSNR in dB of pictures [B,3,S,S] in [-1, 1]: [B]."""
    return -10 * torch.log10((a.clamp(-1, 1) - b).square().mean(dim=(1, 2, 3)) / 4)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--pack", type=Path, required=True, help="folder of the exported networks")
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--pixel-weight", type=float, default=1.0, help="of the squared error beside the perceptual loss")
    parser.add_argument("--start", choices=("encoder", "mean"), default="encoder")
    parser.add_argument("--sheet", type=Path, help="PNG of truth, start and result")
    parser.add_argument("--threads", type=int, default=1)


def run(args: argparse.Namespace) -> int:
    """Prints mean and lowest PSNR over the heads."""
    torch.set_num_threads(args.threads)
    torch._C._set_graph_executor_optimize(False)
    pack, arrays = Pack(args.pack), dataset.load(args.data / "test")
    rows = np.flatnonzero(arrays["done"])[: args.heads]
    scores, sheet = [], []
    for row in rows:
        truth = torch.from_numpy(np.array(arrays["images"][row])).permute(0, 3, 1, 2).float() / 127.5 - 1
        cameras = torch.from_numpy(np.array(arrays["cameras"][row]))
        encode = args.start == "encoder" and pack.encoder is not None
        start = pack.encoder(truth[:1]).detach() if encode else pack.mean
        w = invert(pack, truth[:1], cameras[:1], start, args)
        with torch.no_grad():
            first, last = (pack.draw(x.expand(3, -1, -1), cameras) for x in (start, w))
        scores.append(torch.stack([psnr(first, truth), psnr(last, truth)]))
        sheet.append(torch.cat([truth, first, last], dim=2))
    table = torch.stack(scores)
    for name, i in (("start", 0), ("refined", 1)):
        source, side = table[:, i, 0], table[:, i, 1:]
        print(
            f"{name}: source {source.mean():.2f} dB (lowest {source.min():.2f}), "
            f"±0.35 rad {side.mean():.2f} dB (lowest {side.min():.2f}), {len(rows)} heads, {args.steps} steps"
        )
    if args.sheet:
        save_sheet(torch.cat(sheet[:8]), args.sheet, columns=12)
    return 0
