"""Trains the trunk and the identity network.

Identity: additive angular margin (Deng et al. 2019, ArcFace) over disguised people, and regression of the parameters
that make a person (shape, skin, eyes) over all heads. The trunk also learns everything else that is visible (hair,
beard, glasses, expression), so that the perceptual features, which share it, see all of it.
"""

import argparse

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import heads
from .disguises import DISGUISING
from .pictures import Lights, Pictures, lit, to_range
from .recognition import IDENTITY, Identity, Trunk
from .train_glances import mirror
from .training import add_run_arguments, restore, save, train_for

OWN = [index for index, name in enumerate(heads.NAMES) if not name.startswith(DISGUISING)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser, minutes=15.0, batch=48, rate=2e-3)
    parser.add_argument("--margin", type=float, default=0.3, help="ArcFace's angular margin, radians")
    parser.add_argument("--scale", type=float, default=16.0, help="ArcFace's feature scale")
    parser.add_argument("--kept", type=float, default=0.9, help="share of the disguised people used for training")


class Lesson(nn.Module):
    """The identity network with the heads that exist in training only."""

    def __init__(self, people: int, params: int) -> None:
        super().__init__()
        self.identity = Identity(Trunk())
        self.all_params = nn.Linear(self.identity.crown.width, params)
        self.own_params = nn.Linear(IDENTITY, len(OWN))
        self.people = nn.Parameter(torch.randn(people, IDENTITY))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Crown features `[B,1536]` and raw embeddings `[B,64]`."""
        features = self.identity.crown(self.identity.trunk(images)[2])
        return features, self.identity.embed(features)


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    pictures = Pictures(args.data / "train")
    disguised = np.load(args.data / "disguises" / "images.npy", mmap_mode="r")
    finished = np.flatnonzero(np.load(args.data / "disguises" / "done.npy"))
    known = finished[: int(args.kept * len(finished))]
    lesson = Lesson(len(disguised), pictures.params.shape[1]).to(memory_format=torch.channels_last)
    restore(lesson, args.runs / "identity.ckpt")
    lights = Lights(args.seed)
    mean, spread = pictures.params.mean(0), pictures.params.std(0).clamp(min=1e-3)

    def loss() -> Tensor:
        picked, views = np.random.randint(len(pictures), size=args.batch), np.random.randint(pictures.views, size=args.batch)
        people, looks = np.random.choice(known, args.batch), np.random.randint(disguised.shape[1], size=args.batch)
        strangers = torch.from_numpy(disguised[people, looks]).permute(0, 3, 1, 2)
        seen = lit(pictures.surfaces(picked, views), lights.draw(args.batch))
        images, _ = mirror(roughen(torch.cat([seen, to_range(strangers)])))
        with torch.autocast("cpu", torch.bfloat16):
            features, raw = lesson(images)
            everything = lesson.all_params(features[: args.batch]).float()
        truth = (pictures.params[picked] - mean) / spread
        own = lesson.own_params(F.normalize(raw[: args.batch].float(), dim=1) * 8.0)
        told = F.smooth_l1_loss(everything, truth) + F.smooth_l1_loss(own, truth[:, OWN])
        return told + 0.2 * angular_margin_loss(raw[args.batch :].float(), torch.from_numpy(people), lesson.people, args)

    optimiser = torch.optim.AdamW(lesson.parameters(), betas=(0.9, 0.99), weight_decay=0.02)
    steps = train_for(args.minutes, args.learning_rate, optimiser, loss)
    save(lesson, args.runs / "identity.ckpt")
    unknown = finished[len(known) :]
    print(f"identity: {steps} steps; {report(lesson.identity.eval(), disguised[unknown])}", flush=True)


def angular_margin_loss(raw: Tensor, people: Tensor, centres: Tensor, args: argparse.Namespace) -> Tensor:
    """ArcFace: cross-entropy over the cosines to all centres with the margin added to the true angle (eq. 3)."""
    cosine = F.normalize(raw, dim=1) @ F.normalize(centres, dim=1).T
    angle = cosine.clamp(-1 + 1e-6, 1 - 1e-6).acos()
    own = F.one_hot(people, len(centres)).bool()
    return F.cross_entropy(args.scale * torch.where(own, (angle + args.margin).cos(), cosine), people)


def roughen(images: Tensor) -> Tensor:
    """Pictures with noise and blur to a random degree, on half of them."""
    blurred = F.interpolate(F.avg_pool2d(images, 2), scale_factor=2.0, mode="bilinear", align_corners=False)
    degree = torch.rand(len(images), 1, 1, 1) * (torch.rand(len(images), 1, 1, 1) < 0.5)
    return images + degree * (blurred - images) + 0.06 * degree.flip(0) * torch.randn_like(images)


@torch.no_grad()
def report(identity: nn.Module, people: np.ndarray) -> str:
    """How well unseen people are told apart: cosines between their own and others' pictures, and the pairs ranked right."""
    images = torch.from_numpy(people).permute(0, 1, 4, 2, 3)
    codes = torch.stack([identity(to_range(row)) for row in images])
    cosines = torch.einsum("ave,bwe->abvw", codes, codes)
    same = torch.eye(len(codes), dtype=torch.bool)
    own = cosines[same][:, ~torch.eye(codes.shape[1], dtype=torch.bool)].flatten()
    other = cosines[~same].flatten()
    ranked = (own[:, None] > other[torch.randperm(len(other))[:2000]]).float().mean()
    return f"{len(codes)} unseen people: cosine own {own.mean():.2f}, others {other.mean():.2f}, ranked right {ranked:.3f}"
