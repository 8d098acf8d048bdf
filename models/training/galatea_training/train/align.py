"""Trains the network that finds a head's place, on made-up photographs of rendered people."""

import argparse

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.backdrops import backdrops
from ..data.camera_effects import taken
from ..data.snapshots import Framing, Snapshots, WideViews, framing_about
from ..data.wide_views import CROP, SIZE
from ..networks.alignment import ALIGN_SIZE, Align, Points
from ..optimise.loop import Task, add_run_arguments, train
from ..optimise.precision import mixed
from ..render.people import FRAME, LANDMARKS

#: Sides and shifts of the crops about a face that are looked into, in the pack's crop; the greatest roll, radians.
SIDES, SHIFT, ROLL = (0.85, 1.9), 0.16, 0.7
#: Share of a batch without a face that could be aligned.
NONE = 0.25


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser, minutes=40.0, batch=32, rate=2e-3, settle=0.5)


def run(args: argparse.Namespace) -> None:
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The points; --batch counts pictures."""
    known, unseen = (WideViews(args.data / "wide" / split) for split in ("train", "val"))
    network = Points(known.landmarks.shape[2] + len(FRAME)).to(device, memory_format=torch.channels_last)
    weight = torch.ones(network.count, 1)
    weight[: len(FRAME) + len(LANDMARKS)] = 3.0

    def loss(_: float) -> Tensor:
        if np.random.rand() < 0.005:
            known.refresh()
        picture, truth, face = batch(known, args.batch)
        with mixed(device):
            points, rest = network(picture.contiguous(memory_format=torch.channels_last))
        there = face.bool()
        off = F.smooth_l1_loss(points[there], truth.points[there], beta=0.02, reduction="none") * weight
        turned = F.smooth_l1_loss(rest[there, :2], truth.angles[there], beta=0.1)
        return 10 * off.mean() + turned + 0.3 * F.binary_cross_entropy_with_logits(rest[:, 2], face)

    def report(average: nn.Module) -> str:
        return measured(Align(average), unseen)

    return Task("align", network, loss, report)


def batch(views: WideViews, count: int) -> tuple[Tensor, Snapshots, Tensor]:
    """Pictures `[B,3,112,112]`, what is true of them, and `[B]`: 1 where there is a face to align."""
    heads, at = views.draw(count)
    framing = framing_about(count, SIDES, SHIFT, ROLL, mirror=True)
    face = (torch.rand(count) >= NONE).float()
    off = (face == 0).nonzero().flatten()
    missed(framing, off)
    truth = views.snapshots(heads, at, framing, ALIGN_SIZE)
    empty = off[torch.rand(len(off)) < 0.6]
    picture = truth.picture.clone()
    if len(empty):
        picture[empty] = 2 * taken(backdrops(len(empty), ALIGN_SIZE)) - 1
    return picture, truth, face


def missed(framing: Framing, rows: Tensor) -> None:
    """Moves crops to where there is no whole, upright face: aside, onto hair or clothes, or turned over."""
    if not len(rows):
        return
    count, unit = len(rows), CROP / SIZE
    angle = 2 * np.pi * torch.rand(count)
    far = unit * torch.empty(count).uniform_(0.38, 0.6)
    framing.middle[rows] = 0.5 + far[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
    framing.side[rows] = unit * torch.empty(count).uniform_(0.3, 0.9)
    over = torch.rand(count) < 0.2
    framing.middle[rows[over]] = 0.5
    framing.side[rows[over]] = unit * torch.empty(int(over.sum())).uniform_(0.85, 1.9)
    framing.roll[rows[over]] = torch.empty(int(over.sum())).uniform_(1.4, 2 * np.pi - 1.4)


@torch.no_grad()
def measured(network: Align, views: WideViews, count: int = 256) -> str:
    """Errors of the crop in shares of its side, of landmarks in distances of eyes, of angles, and of confidence at a half."""
    state = np.random.get_state()
    np.random.seed(5)
    picture, truth, face = batch(views, count)
    np.random.set_state(state)
    said, there = network(picture), face.bool()
    side = 2 * (truth.points[:, 2] - truth.points[:, 1]).norm(dim=1)
    middle = ((said[:, :2] - truth.points[:, 0]).norm(dim=1) / side)[there].median()
    scale = (said[:, 2] / side).log().abs()[there].median()
    marks = truth.points[:, len(FRAME) : len(FRAME) + len(LANDMARKS)]
    apart = (said[:, 7:].view(count, -1, 2) - marks).norm(dim=2).mean(1)[there] / (0.269 * side[there])
    angles = (said[:, 4:6] - truth.angles).abs()[there].mean(0).tolist()
    wrong = ((said[:, 6] > 0.5) != there).float()
    return (
        f"middle {middle:.4f}, side {scale:.4f}, landmarks {apart.median():.3f} (p90 {apart.quantile(0.9):.3f}), "
        f"yaw {angles[0]:.3f}, pitch {angles[1]:.3f} rad, misses {wrong[there].mean():.3f}, false finds {wrong[~there].mean():.3f}"
    )
