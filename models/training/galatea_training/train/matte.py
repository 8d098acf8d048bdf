"""Trains the network that mattes heads, on made-up photographs of rendered people."""

import argparse

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.pictures import save_sheet
from ..data.snapshots import Snapshots, WideViews, framing_about
from ..data.wide_views import CROP
from ..networks.matting import Matte
from ..optimise.loop import Task, add_run_arguments, train
from ..optimise.precision import mixed

#: How far an aligned crop may be off: sides, and shift in sides; roll in radians.
SIDES, SHIFT, ROLL = (0.92, 1.1), 0.04, 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser, minutes=30.0, batch=16, rate=2e-3, settle=0.5)


def run(args: argparse.Namespace) -> None:
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The matte; --batch counts pictures."""
    known, unseen = (WideViews(args.data / "wide" / split) for split in ("train", "val"))
    network = Matte().to(device, memory_format=torch.channels_last)

    def loss(_: float) -> Tensor:
        seen = aligned(known, args.batch, mirror=True)
        with mixed(device):
            said = network.logits(seen.picture.contiguous(memory_format=torch.channels_last))
        cover = torch.sigmoid(said)
        edges = sum(((cover - seen.matte).diff(dim=d)).abs().mean() for d in (2, 3))
        return F.binary_cross_entropy_with_logits(said, seen.matte) + (cover - seen.matte).abs().mean() + edges

    def report(average: nn.Module) -> str:
        state = np.random.get_state()
        np.random.seed(5)
        seen = aligned(unseen, 192)
        np.random.set_state(state)
        said = torch.cat([average(part) for part in seen.picture.split(32)])
        save_sheet(
            torch.cat([seen.picture[:24], *(2 * x[:24].expand(-1, 3, -1, -1) - 1 for x in (seen.matte, said))], 3),
            4,
            args.runs / "matte.png",
        )
        off = (said - seen.matte).abs().mean((1, 2, 3))
        both, either = torch.minimum(said, seen.matte).sum((1, 2, 3)), torch.maximum(said, seen.matte).sum((1, 2, 3))
        return f"mean error {off.mean():.4f} (p90 {off.quantile(0.9):.4f}), overlap {(both / either).mean():.4f}"

    return Task("matte", network, loss, report)


def aligned(views: WideViews, count: int, mirror: bool = False) -> Snapshots:
    """Photographs of random people, cropped as an alignment would."""
    heads, at = views.draw(count)
    return views.snapshots(heads, at, framing_about(count, SIDES, SHIFT, ROLL, mirror), CROP)
