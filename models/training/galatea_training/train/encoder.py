"""Trains the encoder on rendered heads against a trained generator.

The loss compares estimated and true parameters, in the metric of pictures (``train.parameter_metric``), and the light. In the
last part of the run it also compares pictures, which the frozen generator draws of the estimated W+ at full resolution: from
the source camera and from another camera. The other view teaches the encoder what a photo says about unseen sides.
"""

import argparse

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..data.pictures import Lights, Pictures, lit, save_sheet
from ..evaluate.measures import psnr
from ..networks.encoder import Encoder, Estimate
from ..networks.generator import IMAGE_SIZE, Generator, LatentRenderer
from ..networks.planes import LatentPlanes
from ..networks.trained import load_generator, load_planes
from ..optimise.loop import Task, add_run_arguments, train
from ..optimise.muon import split_for_muon
from ..optimise.precision import mixed
from ..render.shading import shade, surface_of
from .batches import batch_of, cropped, random_corners
from .generator import TRAINING_RAYS
from .parameter_metric import metric_of
from .picture_losses import image_loss, landmark_weight, surface_loss

#: Mean squared error of pictures in [-1, 1] below which less error gains little.
LEAST_ERROR = 0.002
#: Squared distance in the metric of pictures below which less distance gains little.
LEAST_FAR = 1e-3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_run_arguments(parser, minutes=60, batch=32, rate=1e-3, settle=0.5)
    parser.add_argument("--drawn", type=float, default=0.6, help="last share of the run, in which pictures are compared too")
    parser.add_argument("--drawn-batch", type=int, default=8, help="heads in a step of that share")
    add_source_arguments(parser)


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the option that chooses source pictures."""
    parser.add_argument("--frontal", type=float, default=0.5, help="share of heads whose source picture is always the near-frontal one")


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The task of the encoder's trunk; ``--batch`` counts heads."""
    training = EncoderTraining(args, device)
    trunk = training.encoder.trunk
    groups, matrices = split_for_muon(trunk, trunk.hidden_layers())
    return Task("encoder", trunk, training.loss, training.report, groups, matrices, weight_decay=0.0, keep=0.999)


class EncoderTraining:
    """Owns the encoder, the frozen generator and the pictures."""

    def __init__(self, args: argparse.Namespace, device: torch.device):
        self.args, self.device = args, device
        generator = load_generator(args.runs / "generator.ckpt")
        planes = load_planes(generator, args.runs)
        self.encoder = Encoder(generator, planes.basis).to(device, memory_format=torch.channels_last)
        self.generator, self.planes = generator.to(device, memory_format=torch.channels_last), planes.to(device)
        self.pictures, self.unseen = (Pictures(args.data / split, device) for split in ("train", "val"))
        self.lights = Lights(args.seed, device)
        self.metric = metric_of(generator, self.pictures.params, args.runs).to(device)

    def loss(self, progress: float) -> torch.Tensor:
        """Loss of random heads: by parameters alone at first, by pictures too in the last share of the run."""
        if progress >= 1 - self.args.drawn:
            return self.picture_loss(self.args.drawn_batch)
        return self.parameter_loss(self.args.batch)

    def parameter_loss(self, count: int) -> torch.Tensor:
        """Loss of the estimated parameters and lights of random heads."""
        return self._found(self._draw(count, views=1))[1]

    def picture_loss(self, count: int) -> torch.Tensor:
        """Loss of the pictures of random heads from two sides each, with a small share of their parameters' loss.

        One picture in four is from the source camera. Refinement corrects that side of a photo by itself, but learns little
        about other sides.
        """
        batch = self._draw(count, views=3)
        found, loss = self._found(batch)
        w, (_, _, styles, residual) = self.encoder.latent(found), found
        added = styles.square().mean() + residual.square().mean()
        views = np.arange(3 * count).reshape(count, 3)
        views[::2, 2] = views[::2, 0]  # every other head: the source view in place of the third view
        seen = {name: batch[name][views[:, 1:].ravel()] for name in ("buffers", "cameras", "light")}
        return 0.1 * loss + 1e-4 * added + self._quarter_loss(w, cropped(seen, random_corners(2 * count, IMAGE_SIZE)))

    def _found(self, batch: dict[str, torch.Tensor]) -> tuple[Estimate, torch.Tensor]:
        """The trunk's estimate from the first view of each head, and the loss of parameters and light."""
        render, views = self.generator.render, len(batch["buffers"]) // len(batch["z"])
        light = batch["light"][::views]
        with mixed(self.device):
            found = self.encoder.trunk(lit(surface_of(batch["buffers"][::views]), light))
        found = tuple(x.float() for x in found)
        truth = self.generator.mapping.standard(batch["z"])
        far = (((found[0] - truth) @ self.metric).square().mean(1) + LEAST_FAR).sqrt().mean()
        lights = (light - render.light_mean) / render.light_scale
        return found, far + F.smooth_l1_loss(found[0], truth) + F.smooth_l1_loss(found[1], lights)

    def _draw(self, count: int, views: int) -> dict[str, torch.Tensor]:
        """A batch of random heads with several views each, the source view first."""
        order = np.random.rand(count, self.pictures.views)
        order[np.random.rand(count) < self.args.frontal, 0] = -1.0
        heads = np.random.randint(len(self.pictures), size=count)
        return self._seen(self.pictures, heads, order.argsort(1)[:, :views])

    def _seen(self, pictures: Pictures, heads: np.ndarray, views: np.ndarray) -> dict[str, torch.Tensor]:
        """A batch (see ``batch_of``) in which all views of a head have the same random light."""
        batch, count = batch_of(pictures, self.lights, heads, views), views.shape[1]
        return batch | {"light": batch["light"][::count].repeat_interleave(count, dim=0)}

    def _quarter_loss(self, w: torch.Tensor, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """Loss of two quarters of pictures for each head."""
        render, cameras = self.generator.render, batch["cameras"]
        with mixed(self.device):
            planes, warp = self.planes(w), self.generator.warp(self.planes.basis(w))
        planes, warp = (x.float().repeat_interleave(2, dim=0) for x in (planes, warp))
        seen = render.upscale(render.features(planes, warp, cameras, TRAINING_RAYS))
        target, light = surface_of(batch["buffers"]), render.light(w).repeat_interleave(2, dim=0)
        weight = landmark_weight(cameras, seen.shape[-1])
        picture, truth = shade(seen, light, render.backdrop), lit(target, batch["light"])
        error = (picture - truth).square().mean((1, 2, 3))
        loss = surface_loss(seen, target, weight) + image_loss(picture, truth, weight)
        return loss + 0.1 * (error + LEAST_ERROR).log().mean()

    def report(self, average: nn.Module) -> str:
        """The report with the frozen generator (see ``report_of``)."""
        return self.report_of(average, self.generator)

    def report_of(self, trunk: nn.Module, generator: Generator) -> str:
        """Mean PSNR of encoded and drawn heads, from the source camera and from another, in words.

        Writes a sheet of sixteen heads with the truth above the result.
        """
        count, planes = min(24, len(self.unseen)), LatentPlanes(generator.planes)
        planes.basis, planes.residual = self.planes.basis, self.planes.residual
        render = LatentRenderer(generator, planes.basis)
        batch = self._seen(self.unseen, np.arange(count), np.tile([0, 1], (count, 1)))
        truth = lit(surface_of(batch["buffers"]), batch["light"])
        w = self.encoder.latent(trunk(truth[::2])).repeat_interleave(2, dim=0)
        parts = zip(w.split(8), batch["cameras"].split(8))
        images = torch.cat([render(planes(part), part, cameras) for part, cameras in parts]).clamp(-1, 1)
        save_sheet(torch.cat([truth, images], dim=2)[:32], 8, self.args.runs / "encoder.png")
        near = psnr(images, truth)
        return f"encoded and drawn {near[::2].mean().item():.2f} dB, from another side {near[1::2].mean().item():.2f} dB"
