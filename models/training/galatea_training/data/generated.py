"""Draws surfaces by the generator, which the lighting and the pose network learn from too.

What a generator draws of an unfinished avatar can fool a regressor that has seen clean renders only. The command adds noise
to the latents of training heads and stores 32² means of their surfaces in ``RUNS/generated.pt``.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from ..networks.trained import load_generator
from ..optimise.device import add_device_arguments, select_device
from .pictures import Pictures
from .sampling import sample_camera

CHUNK = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--runs", type=Path, required=True, help="folder of generator.ckpt; gets generated.pt")
    parser.add_argument("--count", type=int, default=4000, help="number of surfaces")
    parser.add_argument("--shake", type=float, default=0.35, help="greatest noise on W+, in units of its spread over heads")
    parser.add_argument("--seed", type=int, default=21)
    add_device_arguments(parser)


@torch.no_grad()
def run(args: argparse.Namespace) -> None:
    """Draws the surfaces and writes the file."""
    device = select_device(args)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    params = Pictures(args.data / "train").params.to(device)
    generator = load_generator(args.runs / "generator.ckpt").to(device)
    spread = generator.mapping(params[:512]).std(0)
    surfaces, cameras = [], []
    for _ in range(-(-args.count // CHUNK)):
        styles = generator.mapping(params[rng.integers(len(params), size=CHUNK)])
        degree = args.shake * torch.rand(CHUNK, 1, 1, device=device)
        styles = styles + spread * torch.randn_like(styles) * degree
        seen = np.stack([sample_camera(rng, frontal=rng.random() < 0.3) for _ in range(CHUNK)])
        cameras.append(torch.from_numpy(seen))
        surface = generator.surface(styles, cameras[-1].to(device))
        surfaces.append(torch.nn.functional.avg_pool2d(surface, surface.shape[3] // 32).half().cpu())
    torch.save({"surfaces": torch.cat(surfaces), "cameras": torch.cat(cameras)}, args.runs / "generated.pt")
    print(f"generated: {len(surfaces) * CHUNK} surfaces", flush=True)
