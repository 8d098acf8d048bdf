"""Pictures by the generator itself, with known light and camera, for training the lighting and the pose network.

A regressor that has only seen clean renders can be fooled by what a generator draws on the way. Here heads of the
training set are put under new lights, their latents are shaken, and the 32x32 means of the pictures are kept.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .dataset import sample_camera, sample_light
from .frames import angles_from_camera, light_in_picture
from .generator import Generator
from .pictures import Pictures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="dataset folder")
    parser.add_argument("--generator", type=Path, required=True, help="checkpoint of the generator")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    parser.add_argument("--count", type=int, default=6000, help="how many pictures")
    parser.add_argument("--shake", type=float, default=0.35, help="greatest noise on W+ against its spread over heads")
    parser.add_argument("--seed", type=int, default=21)


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    params = Pictures(args.data / "train").params
    generator = load_generator(args.generator)
    spread = latents_of(generator, params[:512], draw_lights(rng, 512)).std(0)
    parts: dict[str, list[Tensor]] = {"images": [], "light": [], "angles": []}
    for _ in range(args.count // 16):
        light = draw_lights(rng, 16)
        latent = latents_of(generator, params[rng.integers(len(params), size=16)], light)
        latent = latent + spread * torch.randn_like(latent) * args.shake * torch.rand(16, 1, 1)
        camera = torch.from_numpy(np.stack([sample_camera(rng, frontal=rng.random() < 0.3) for _ in range(16)]))
        with torch.no_grad():
            image = generator.render(generator.planes(latent), latent, camera).clamp(-1, 1)
        parts["images"].append(torch.nn.functional.avg_pool2d(image, image.shape[3] // 32).half())
        parts["light"].append(light_in_picture(light, camera))
        parts["angles"].append(angles_from_camera(camera))
    torch.save({name: torch.cat(values) for name, values in parts.items()}, args.out)


def load_generator(checkpoint: Path) -> Generator:
    """The moving average of a generator run."""
    average = torch.load(checkpoint, weights_only=True)["average"]
    generator = Generator(len(average["mapping.mean"]), (0.0, 0.0, 0.0))
    generator.load_state_dict(average)
    return generator.eval().requires_grad_(False)


def draw_lights(rng: np.random.Generator, count: int) -> Tensor:
    """Lights `[count, 9]` in the head's frame."""
    return torch.from_numpy(np.stack([sample_light(rng) for _ in range(count)]))


def latents_of(generator: Generator, params: Tensor, light: Tensor) -> Tensor:
    """W+ `[B,L,D]` of heads under lights."""
    return generator.mapping(torch.cat([params, light], 1))
