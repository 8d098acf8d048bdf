"""Trains the lighting and the pose network on 32x32 means of the pictures, one after the other.

Both see noise, blur, faint stains and small changes of contrast, as the pictures of an unfinished avatar have them.
Surfaces that the generator itself drew are mixed in (``generated``); every picture is lit anew.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .frames import angles_from_camera, light_in_picture
from .pictures import Lights, Pictures, lit
from .precision import mixed
from .recognition import Glance, Pose
from .training import Task, add_run_arguments, train

MIRROR_LIGHT = torch.tensor([1.0, 1, 1, -1, -1, 1, 1, -1, 1])
MIRROR_ANGLES = torch.tensor([-1.0, 1.0])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser, minutes=6.0, batch=128, rate=2e-3, settle=0.7)
    parser.add_argument("--only", choices=("lighting", "pose"), help="train one of the two; --minutes is of each")


def run(args: argparse.Namespace) -> None:
    for name, task in (("lighting", lighting), ("pose", pose)):
        if args.only in (None, name):
            train(task, args)


class Views:
    """Surfaces `[N,7,32,32]`, seen by cameras `[N,25]` at yaw and pitch `[N,2]`, under lights of a pool.

    Args:
        pictures: whose views are shrunk.
        lights: the pool.
        more: a file of ``generated`` to add.
    """

    def __init__(self, pictures: Pictures, lights: Lights, more: Path | None = None) -> None:
        self.surfaces, self.cameras = pictures.shrunk(4), pictures.cameras.flatten(0, 1)
        if more is not None:
            added = torch.load(more, weights_only=True, map_location=pictures.device)
            self.surfaces = torch.cat([self.surfaces, added["surfaces"]])
            self.cameras = torch.cat([self.cameras, added["cameras"]])
        self.angles = angles_from_camera(self.cameras)
        self.lights = lights

    def __len__(self) -> int:
        return len(self.cameras)

    def lit(self, picked: Tensor) -> tuple[Tensor, Tensor]:
        """The picked views under random lights `[B,3,32,32]`, and the lights in the pictures' frames `[B,9]`."""
        light = self.lights.draw(len(picked))
        return lit(self.surfaces[picked], light), light_in_picture(light, self.cameras[picked])


def views(args: argparse.Namespace, device: torch.device) -> tuple[Views, Views]:
    """Views to train on, the generator's own among them, and unseen ones."""
    drawn = args.runs / "generated.pt"
    if not drawn.is_file():
        raise FileNotFoundError(f"{drawn}: run the command `generated` first")
    known, unseen = (Pictures(args.data / split, device) for split in ("train", "val"))
    return Views(known, Lights(args.seed, device), drawn), Views(unseen, Lights(1, device, 1000))


def lighting(args: argparse.Namespace, device: torch.device) -> Task:
    """The lighting network: the light in the picture's frame."""
    training, unseen = views(args, device)
    network = Glance(9).to(device, memory_format=torch.channels_last)
    spread, flip = training.lit(torch.arange(4096) % len(training))[1].std(0), MIRROR_LIGHT.to(device)

    def loss(_: float) -> Tensor:
        pictures, light = training.lit(torch.randint(len(training), (args.batch,)))
        images, mirrored = mirror(disturb(pictures))
        with mixed(device):
            said = network(images).float()
        return ((said - torch.where(mirrored, flip * light, light)) / spread).square().mean()

    def report(average: nn.Module) -> str:
        images, light = unseen.lit(torch.arange(len(unseen)))
        left = (average(images) - light).square().sum(0) / (light - light.mean(0)).square().sum(0)
        return "explained variance by coefficient " + " ".join(f"{1.0 - value:.2f}" for value in left.tolist())

    return Task("lighting", network, loss, report)


def pose(args: argparse.Namespace, device: torch.device) -> Task:
    """The pose network: yaw and pitch."""
    training, unseen = views(args, device)
    network, flip = Pose().to(device, memory_format=torch.channels_last), MIRROR_ANGLES.to(device)

    def loss(_: float) -> Tensor:
        picked = torch.randint(len(training), (args.batch,))
        images, mirrored = mirror(disturb(training.lit(picked)[0]))
        with mixed(device):
            said = network.angles(images).float()
        angles = training.angles[picked]
        return F.smooth_l1_loss(said / 0.3, torch.where(mirrored, flip * angles, angles) / 0.3, beta=0.3)

    def report(average: nn.Module) -> str:
        images, _ = unseen.lit(torch.arange(len(unseen)))
        yaw, pitch = (average.angles(images) - unseen.angles).abs().mean(0).tolist()
        return f"mean error of yaw {yaw:.3f} and pitch {pitch:.3f} rad"

    return Task("pose", network, loss, report)


def disturb(images: Tensor) -> Tensor:
    """Pictures `[B,3,32,32]` with noise, blur, stains and contrast changed, each to a random degree, on three in four."""
    count, device = len(images), images.device

    def chance() -> Tensor:
        return torch.rand(count, 1, 1, 1, device=device)

    def degree(most: float) -> Tensor:
        return most * chance() * (chance() < 0.5)

    blurred = F.avg_pool2d(F.pad(images, [1, 1, 1, 1], mode="replicate"), 3, stride=1)
    out = images + degree(1.0) * (blurred - images)
    coarse = torch.randn(count, 3, 5, 5, device=device)
    stains = F.interpolate(coarse, size=32, mode="bicubic", align_corners=False)
    out = out + degree(0.12) * stains + degree(0.12) * torch.randn_like(images)
    middle = out.mean((2, 3), keepdim=True)
    out = middle + (out - middle) * (1.0 + degree(0.15) - degree(0.15)) + degree(0.06) - degree(0.06)
    return torch.where(chance() < 0.75, out, images).clamp(-1.2, 1.2)


def mirror(images: Tensor) -> tuple[Tensor, Tensor]:
    """Half of the pictures mirrored, and which ones `[B,1]`."""
    mirrored = torch.rand(len(images), 1, device=images.device) < 0.5
    images = torch.where(mirrored[:, :, None, None], images.flip(3), images)
    return images.contiguous(memory_format=torch.channels_last), mirrored
