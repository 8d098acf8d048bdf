"""Views at 32² that the lighting and the pose network learn from.

The surfaces of all training heads are mixed with surfaces that the generator drew (``data.generated``). Every picture is
shaded anew.
"""

import argparse
from pathlib import Path

import torch
from galatea_packfile.conventions import angles_from_camera, light_in_picture
from torch import Tensor

from ..data.pictures import Lights, Pictures, lit
from ..optimise.loop import add_run_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the commands ``train.lighting`` and ``train.pose``."""
    add_run_arguments(parser, minutes=6.0, batch=128, rate=2e-3, settle=0.7)


class Views:
    """Surfaces `[N,7,32,32]` with their cameras `[N,25]` and angles `[N,2]`, to be shaded under random lights.

    Args:
        pictures: whose views are reduced to 32².
        lights: the pool of lights.
        more: a file of ``data.generated`` whose surfaces are added.
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
        """Pictures `[B,3,32,32]` of the picked views under random lights, and the lights `[B,9]` in the pictures' frames."""
        light = self.lights.draw(len(picked))
        return lit(self.surfaces[picked], light), light_in_picture(light, self.cameras[picked])


def views(args: argparse.Namespace, device: torch.device) -> tuple[Views, Views]:
    """Views to train on, which include the generator's, and unseen views.

    Raises:
        FileNotFoundError: the command ``data.generated`` has not run yet.
    """
    drawn = args.runs / "generated.pt"
    if not drawn.is_file():
        raise FileNotFoundError(f"{drawn}: run the command data.generated first")
    known, unseen = (Pictures(args.data / split, device) for split in ("train", "val"))
    return Views(known, Lights(args.seed, device), drawn), Views(unseen, Lights(1, device, 1000))
