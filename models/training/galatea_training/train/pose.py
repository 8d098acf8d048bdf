"""Trains the pose network on 32² means of pictures.

The pictures get noise, blur, faint stains and small changes of contrast, as pictures of an unfinished avatar have them.
"""

import argparse

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..networks.low_resolution import Pose
from ..optimise.loop import Task, train
from ..optimise.precision import mixed
from .augmentation import MIRROR_ANGLES, mirror, perturbed
from .low_resolution import add_arguments, views

__all__ = ["add_arguments", "run", "task"]


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The pose network, which estimates yaw and pitch."""
    training, unseen = views(args, device)
    network, flip = Pose().to(device, memory_format=torch.channels_last), MIRROR_ANGLES.to(device)

    def loss(_: float) -> Tensor:
        picked = torch.randint(len(training), (args.batch,))
        images, mirrored = mirror(perturbed(training.lit(picked)[0]))
        with mixed(device):
            estimate = network.angles(images).float()
        angles = training.angles[picked]
        return F.smooth_l1_loss(estimate / 0.3, torch.where(mirrored, flip * angles, angles) / 0.3, beta=0.3)

    def report(average: nn.Module) -> str:
        images, _ = unseen.lit(torch.arange(len(unseen)))
        yaw, pitch = (average.angles(images) - unseen.angles).abs().mean(0).tolist()
        return f"mean error of yaw {yaw:.3f} and pitch {pitch:.3f} rad"

    return Task("pose", network, loss, report)
