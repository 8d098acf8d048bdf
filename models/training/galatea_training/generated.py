"""Surfaces that the generator itself draws, for training the lighting and the pose network.

A regressor that has only seen clean renders can be fooled by what a generator draws on the way. Here the latents of
training heads are shaken, and the 32x32 means of their surfaces are kept, to be lit like the others.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from .dataset import sample_camera
from .export import load_generator
from .pictures import Pictures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="dataset folder")
    parser.add_argument("--generator", type=Path, required=True, help="checkpoint of the generator")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    parser.add_argument("--count", type=int, default=4000, help="how many surfaces")
    parser.add_argument("--shake", type=float, default=0.35, help="greatest noise on W+ against its spread over heads")
    parser.add_argument("--seed", type=int, default=21)


@torch.no_grad()
def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    params = Pictures(args.data / "train").params
    generator = load_generator(args.generator)
    spread = generator.mapping(params[:512]).std(0)
    surfaces, cameras = [], []
    for _ in range(args.count // 16):
        styles = generator.mapping(params[rng.integers(len(params), size=16)])
        styles = styles + spread * torch.randn_like(styles) * args.shake * torch.rand(16, 1, 1)
        cameras.append(torch.from_numpy(np.stack([sample_camera(rng, frontal=rng.random() < 0.3) for _ in range(16)])))
        surface = generator.render.surface(generator.planes(styles), cameras[-1])
        surfaces.append(torch.nn.functional.avg_pool2d(surface, surface.shape[3] // 32).half())
    torch.save({"surfaces": torch.cat(surfaces), "cameras": torch.cat(cameras)}, args.out)
