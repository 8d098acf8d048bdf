"""Trains the lighting and the pose network on 32x32 means of the pictures.

Both see noise, blur, faint stains and small changes of contrast, as the pictures of an unfinished avatar have them.
With `--generated`, surfaces that the generator itself drew are mixed in; every picture is lit anew.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from .frames import angles_from_camera, light_in_picture
from .pictures import Lights, Pictures, lit
from .recognition import Glance, Pose
from .training import add_run_arguments, restore, save, train_for

MIRROR_LIGHT = torch.tensor([1.0, 1, 1, -1, -1, 1, 1, -1, 1])
MIRROR_ANGLES = torch.tensor([-1.0, 1.0])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser, minutes=6.0, batch=128, rate=2e-3)
    parser.add_argument("--generated", type=Path, help="file of generated pictures (see generated.py)")
    parser.add_argument("--only", choices=("lighting", "pose"), help="train one of the two")


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    training, held_out = Views(args.data / "train"), Views(args.data / "val")
    if args.generated:
        training.add(args.generated)
    for name, network in (("lighting", Glance(9)), ("pose", Pose())):
        if args.only in (None, name):
            train_one(name, network, training, held_out, args)


class Views:
    """Surfaces `[N,7,32,32]`, seen by cameras `[N,25]` at yaw and pitch `[N,2]`."""

    def __init__(self, folder: Path) -> None:
        pictures = Pictures(folder)
        self.surfaces = pictures.shrunk(4)
        self.cameras = pictures.cameras.flatten(0, 1)
        self.angles = pictures.angles().flatten(0, 1)

    def add(self, file: Path) -> None:
        more = torch.load(file, weights_only=True)
        self.surfaces = torch.cat([self.surfaces, more["surfaces"]])
        self.cameras = torch.cat([self.cameras, more["cameras"]])
        self.angles = torch.cat([self.angles, angles_from_camera(more["cameras"])])

    def lit(self, picked: Tensor, lights: Lights) -> tuple[Tensor, Tensor]:
        """The picked views under random lights `[B,3,32,32]`, and the lights in the pictures' frames `[B,9]`."""
        light = lights.draw(len(picked))
        return lit(self.surfaces[picked], light), light_in_picture(light, self.cameras[picked])


def train_one(name: str, network: torch.nn.Module, training: Views, held_out: Views, args: argparse.Namespace) -> None:
    """Trains one network from its checkpoint, saves it and prints its error on unseen heads."""
    checkpoint = args.runs / f"{name}.ckpt"
    restore(network, checkpoint)
    network.to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(network.parameters(), betas=(0.9, 0.99), weight_decay=0.01)
    lights = Lights(args.seed)
    spread = training.lit(torch.arange(4096) % len(training.cameras), lights)[1].std(0)

    def loss() -> Tensor:
        picked = torch.randint(len(training.cameras), (args.batch,))
        pictures, light = training.lit(picked, lights)
        images, mirrored = mirror(disturb(pictures))
        with torch.autocast("cpu", torch.bfloat16):
            said = network.angles(images).float() if name == "pose" else network(images).float()
        if name == "pose":
            truth = torch.where(mirrored, MIRROR_ANGLES, 1.0) * training.angles[picked]
            return F.smooth_l1_loss(said / 0.3, truth / 0.3, beta=0.3)
        truth = torch.where(mirrored, MIRROR_LIGHT, 1.0) * light
        return ((said - truth) / spread).square().mean()

    steps = train_for(args.minutes, args.learning_rate, optimiser, loss)
    save(network, checkpoint)
    print(f"{name}: {steps} steps; {report(name, network.eval(), held_out)}", flush=True)


@torch.no_grad()
def report(name: str, network: torch.nn.Module, views: Views) -> str:
    """Error on unseen heads in words."""
    images, light = views.lit(torch.arange(len(views.cameras)), Lights(1))
    if name == "pose":
        error = (network.angles(images) - views.angles).abs().mean(0)
        return f"mean error of yaw {error[0]:.3f} and pitch {error[1]:.3f} rad"
    left = (network(images) - light).square().sum(0) / (light - light.mean(0)).square().sum(0)
    return "explained variance by coefficient " + " ".join(f"{1.0 - value:.2f}" for value in left)


def disturb(images: Tensor) -> Tensor:
    """Pictures `[B,3,32,32]` with noise, blur, stains and contrast changed, each to a random degree, on three in four."""
    count = len(images)

    def degree(most: float) -> Tensor:
        return most * torch.rand(count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) < 0.5)

    blurred = F.avg_pool2d(F.pad(images, [1, 1, 1, 1], mode="replicate"), 3, stride=1)
    out = images + degree(1.0) * (blurred - images)
    stains = F.interpolate(torch.randn(count, 3, 5, 5), size=32, mode="bicubic", align_corners=False)
    out = out + degree(0.12) * stains + degree(0.12) * torch.randn_like(images)
    middle = out.mean((2, 3), keepdim=True)
    out = middle + (out - middle) * (1.0 + degree(0.15) - degree(0.15)) + degree(0.06) - degree(0.06)
    return torch.where(torch.rand(count, 1, 1, 1) < 0.75, out, images).clamp(-1.2, 1.2)


def mirror(images: Tensor) -> tuple[Tensor, Tensor]:
    """Half of the pictures mirrored, and which ones `[B,1]`."""
    mirrored = torch.rand(len(images), 1) < 0.5
    images = torch.where(mirrored[:, :, None, None], images.flip(3), images)
    return images.contiguous(memory_format=torch.channels_last), mirrored
