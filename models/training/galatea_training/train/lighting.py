"""Trains the lighting network on 32² means of pictures.

The pictures get noise, blur, faint stains and small changes of contrast, as pictures of an unfinished avatar have them.
"""

import argparse

import torch
from torch import Tensor, nn

from ..networks.low_resolution import LowResolutionRegressor
from ..optimise.loop import Task, train
from ..optimise.precision import mixed
from .augmentation import MIRROR_LIGHT, mirror, perturbed
from .low_resolution import add_arguments, views

__all__ = ["add_arguments", "run", "task"]


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The lighting network, which estimates the light in the picture's frame."""
    training, unseen = views(args, device)
    network = LowResolutionRegressor(9).to(device, memory_format=torch.channels_last)
    spread, flip = training.lit(torch.arange(4096) % len(training))[1].std(0), MIRROR_LIGHT.to(device)

    def loss(_: float) -> Tensor:
        pictures, light = training.lit(torch.randint(len(training), (args.batch,)))
        images, mirrored = mirror(perturbed(pictures))
        with mixed(device):
            estimate = network(images).float()
        return ((estimate - torch.where(mirrored, flip * light, light)) / spread).square().mean()

    def report(average: nn.Module) -> str:
        images, light = unseen.lit(torch.arange(len(unseen)))
        left = (average(images) - light).square().sum(0) / (light - light.mean(0)).square().sum(0)
        return "explained variance by coefficient " + " ".join(f"{1.0 - value:.2f}" for value in left.tolist())

    return Task("lighting", network, loss, report)
