"""Trains the encoder on rendered heads against a trained generator.

The loss asks for the true parameters and light; in the last part of the run also for the picture and the surface that
the frozen generator draws of their W+, at the source camera and at another.
"""

import argparse

import torch
from torch import nn
from torch.nn import functional as F

from .encoder import Encoder
from .export import load_generator, planes_of
from .generator import SURFACE
from .measures import psnr
from .muon import shared_out
from .pictures import Lights, Pictures, lit, save_sheet
from .shading import shade, surface_of
from .train_generator import TRAINING_RAYS, draw, image_loss, landmark_weight, surface_loss
from .training import Task, add_run_arguments, mixed, train


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_run_arguments(parser, minutes=60, batch=32, rate=1e-3, settle=0.5)
    parser.add_argument("--drawn", type=float, default=0.9, help="last share of the run, that draws pictures too")
    parser.add_argument("--drawn-batch", type=int, default=8, help="heads a step in it")


def run(args: argparse.Namespace) -> None:
    """Trains, or goes on training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The encoder's trunk; --batch counts heads."""
    training = EncoderTraining(args, device)
    trunk = training.encoder.trunk
    groups, matrices = shared_out(trunk, (trunk.fine, trunk.blocks, trunk.dense, trunk.place, trunk.spread))
    return Task("encoder", trunk, training.loss, training.report, groups, matrices, weight_decay=0.0, keep=0.999)


class EncoderTraining:
    """Owns the encoder, the frozen generator and the pictures."""

    def __init__(self, args: argparse.Namespace, device: torch.device):
        self.args, self.device = args, device
        generator = load_generator(args.runs / "generator.ckpt")
        planes = planes_of(generator, args.runs)
        self.encoder = Encoder(generator, planes.basis).to(device)
        self.generator, self.planes = generator.to(device), planes.to(device)
        self.pictures, self.unseen = (Pictures(args.data / split, device) for split in ("train", "val"))
        self.lights = Lights(args.seed, device)

    def loss(self, progress: float) -> torch.Tensor:
        """Loss of random heads; drawing takes two views of each and makes the rest count less."""
        drawn = progress >= 1 - self.args.drawn
        count, views = (self.args.drawn_batch, 2) if drawn else (self.args.batch, 1)
        batch = draw(self.pictures, self.lights, count, views)
        mapping, render = self.generator.mapping, self.generator.render
        surface = surface_of(batch["buffers"])
        images = lit(surface, batch["light"])
        with mixed(self.device):
            found = self.encoder.trunk(images[::views])
        params, light, styles, residual = found = tuple(x.float() for x in found)
        truth = (batch["z"] - mapping.mean) * mapping.scale
        lights = (batch["light"][::views] - render.light_mean) / render.light_scale
        loss = F.smooth_l1_loss(params, truth) + F.smooth_l1_loss(light, lights)
        if not drawn:
            return loss
        w, added = self.encoder.latent(found), styles.square().mean() + residual.square().mean()
        return 0.1 * loss + 1e-4 * added + self._picture_loss(w, batch, surface, images)

    def _picture_loss(self, w: torch.Tensor, batch: dict, surface: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        render = self.generator.render
        with mixed(self.device):
            planes = self.planes(w)
        planes = planes.float().repeat_interleave(2, dim=0)
        seen = render.features(planes, batch["cameras"], TRAINING_RAYS)[:, :SURFACE]
        target, small = (F.interpolate(x, size=seen.shape[2:], mode="area") for x in (surface, images[0::2]))
        weight = landmark_weight(batch["cameras"], TRAINING_RAYS)
        picture = shade(seen[0::2], render.light(w), render.backdrop)
        return surface_loss(seen, target, weight) + image_loss(picture, small, weight[0::2])

    def report(self, average: nn.Module) -> str:
        """Mean PSNR of what is drawn of the encoder's answer; writes truth over result for sixteen heads."""
        heads, views = self.unseen.everything(most=24)
        heads, views = heads[views == 0], views[views == 0]
        truth = lit(self.unseen.surfaces(heads, views), self.lights.draw(len(heads)))
        w, render = self.encoder.latent(average(truth)), self.generator.render
        images = render(self.planes(w), w, self.unseen.cameras[heads, views]).clamp(-1, 1)
        save_sheet(torch.cat([truth, images], dim=2)[:16], 8, self.args.runs / "encoder.png")
        return f"encoded and drawn {psnr(images, truth).mean().item():.2f} dB"
