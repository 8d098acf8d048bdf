"""Trains the trunk and the identity network.

The identity network learns by an additive angular margin over disguised people (Deng et al. 2019, ArcFace), and by regression of
the parameters that make a person (shape, skin, eyes) over all heads. The perceptual features share the trunk. The trunk
therefore also learns everything else that is visible: hair, beard, glasses and expression.
"""

import argparse

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.identities import IDENTITY_PARAMETERS
from ..data.pictures import Lights, Pictures, lit, to_range
from ..networks.recognition import IDENTITY, Identity, Trunk
from ..optimise.device import placed
from ..optimise.loop import Task, add_run_arguments, train
from ..optimise.precision import mixed
from .augmentation import degraded, mirror


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_run_arguments(parser, minutes=15.0, batch=48, rate=2e-3, settle=0.7)
    parser.add_argument("--margin", type=float, default=0.3, help="ArcFace's angular margin, radians")
    parser.add_argument("--scale", type=float, default=16.0, help="ArcFace's feature scale")
    parser.add_argument("--kept", type=float, default=0.9, help="share of the disguised people used for training")


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training."""
    train(task, args)


class IdentityTraining(nn.Module):
    """The identity network, with output layers that only training needs."""

    def __init__(self, people: int, params: int) -> None:
        super().__init__()
        self.identity = Identity(Trunk())
        self.all_params = nn.Linear(self.identity.crown.width, params)
        self.own_params = nn.Linear(IDENTITY, len(IDENTITY_PARAMETERS))
        self.people = nn.Parameter(torch.randn(people, IDENTITY))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Crown features `[B,1536]` and raw embeddings `[B,64]`."""
        features = self.identity.crown(self.identity.trunk(images)[2])
        return features, self.identity.embed(features)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The task of the identity network: all heads and the disguised people."""
    pictures, lights = Pictures(args.data / "train", device), Lights(args.seed, device)
    folder = args.data / "identities"
    disguised = placed(torch.from_numpy(np.load(folder / "images.npy", mmap_mode="c")), device)
    finished = np.flatnonzero(np.load(folder / "done.npy"))
    known, unknown = np.split(finished, [int(args.kept * len(finished))])
    network = IdentityTraining(len(disguised), pictures.params.shape[1]).to(device, memory_format=torch.channels_last)
    truth = (pictures.params - pictures.params.mean(0)) / pictures.params.std(0).clamp(min=1e-3)

    def loss(_: float) -> Tensor:
        (picked, views), people = pictures.draw(args.batch), np.random.choice(known, args.batch)
        strangers = disguised[people, np.random.randint(disguised.shape[1], size=args.batch)].to(device)
        seen = lit(pictures.surfaces(picked, views), lights.draw(args.batch))
        images, _ = mirror(degraded(torch.cat([seen, to_range(strangers.permute(0, 3, 1, 2))])))
        with mixed(device):
            features, raw = network(images)
            everything = network.all_params(features[: args.batch]).float()
        own = network.own_params(F.normalize(raw[: args.batch].float(), dim=1) * 8.0)
        told = F.smooth_l1_loss(everything, truth[picked]) + F.smooth_l1_loss(own, truth[picked][:, IDENTITY_PARAMETERS])
        who = torch.from_numpy(people).to(device)
        return told + 0.2 * angular_margin_loss(raw[args.batch :].float(), who, network.people, args)

    return Task("identity", network, loss, lambda average: report(average.identity, disguised, unknown, device))


def angular_margin_loss(raw: Tensor, people: Tensor, centres: Tensor, args: argparse.Namespace) -> Tensor:
    """ArcFace's loss: cross-entropy over the cosines to all centres, with a margin added to the true angle (eq. 3)."""
    cosine = F.normalize(raw, dim=1) @ F.normalize(centres, dim=1).T
    angle = cosine.clamp(-1 + 1e-6, 1 - 1e-6).acos()
    own = people[:, None] == torch.arange(len(centres), device=people.device)
    return F.cross_entropy(args.scale * torch.where(own, (angle + args.margin).cos(), cosine), people)


def report(identity: nn.Module, disguised: Tensor, people: np.ndarray, device: torch.device) -> str:
    """How well unseen people are told apart, in words: cosines of own and other pictures, and the share of right rankings."""
    rows = (to_range(disguised[row].to(device).permute(0, 3, 1, 2)) for row in people)
    codes = torch.stack([identity(row) for row in rows]).cpu()
    cosines = torch.einsum("ave,bwe->abvw", codes, codes)
    same = torch.eye(len(codes), dtype=torch.bool)
    own = cosines[same][:, ~torch.eye(codes.shape[1], dtype=torch.bool)].flatten()
    other = cosines[~same].flatten()
    ranked = (own[:, None] > other[torch.randperm(len(other))[:2000]]).float().mean()
    return f"{len(codes)} people: cosine own {own.mean():.2f}, others {other.mean():.2f}, ranked right {ranked:.3f}"
