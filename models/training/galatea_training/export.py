"""Writes the generator's part of a pack: planes.pt, render.pt, encoder.pt and mean_latent.f32.

Each network is scripted, checked against the contract, and written only if it keeps it.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn

from . import heads
from .camera import camera
from .check import check_network
from .generator import IMAGE_SIZE, LAYERS, PLANE_CHANNELS, PLANE_SIZE, WIDTH, Generator, PlanesOfLatent, RenderOfLatent
from .ready_planes import ReadyPlanes
from .torchscript import halved, save_script
from .training import kept, weights


def load_generator(checkpoint: Path) -> Generator:
    """The averaged generator of a checkpoint, frozen."""
    state = weights(checkpoint)
    generator = Generator(len(state["mapping.mean"]), (0.0, 0.0, 0.0))
    generator.load_state_dict(state)
    return generator.eval().requires_grad_(False)


def planes_of(generator: Generator, runs: Path, heads_drawn: int = 6000) -> PlanesOfLatent:
    """The generator's planes, W+ measured by so many random heads.

    That is done once and kept in ``RUNS/basis.ckpt``: coordinates of W+ stay what they are, though the generator be trained on.
    """
    planes = PlanesOfLatent(generator.planes)

    @torch.no_grad()
    def measured() -> dict[str, torch.Tensor]:
        rng = np.random.default_rng(99)
        params = torch.from_numpy(np.stack([heads.sample(rng).params for _ in range(heads_drawn)]))
        planes.fit(generator.mapping(params))
        return {name: value for name, value in planes.state_dict().items() if name.startswith(("basis.", "residual."))}

    planes.load_state_dict(kept(runs / "basis.ckpt", measured), strict=False)
    return planes.eval().requires_grad_(False)


def _latents(rows: int) -> list[torch.Tensor]:
    return [0.5 * torch.randn(rows, LAYERS, WIDTH)]


def _scene(rows: int) -> list[torch.Tensor]:
    cameras = np.stack([camera(0.2 * i - 0.6, 0.05 * i) for i in range(rows)])
    return [torch.randn(rows, 3, PLANE_CHANNELS, PLANE_SIZE, PLANE_SIZE), *_latents(rows), torch.from_numpy(cameras)]


def _images(rows: int) -> list[torch.Tensor]:
    return [(0.4 * torch.randn(rows, 3, IMAGE_SIZE, IMAGE_SIZE)).clamp(-1, 1)]


CASES = {
    "planes": (_latents, (3, PLANE_CHANNELS, PLANE_SIZE, PLANE_SIZE)),
    "render": (_scene, (3, IMAGE_SIZE, IMAGE_SIZE)),
    "encoder": (_images, (LAYERS, WIDTH)),
}


def export(name: str, network: nn.Module, folder: Path) -> None:
    """Scripts a network, checks the file, and puts it in place; raises ``check.PackError`` if it breaks the contract."""
    path, fresh = folder / f"{name}.pt", folder / f"{name}.new"
    save_script(network.eval().requires_grad_(False), fresh)
    make, shape = CASES[name]
    check_network(name, torch.jit.load(str(fresh)).eval(), make, shape, differentiable=True)
    fresh.replace(path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--generator", type=Path, required=True, help="checkpoint of the generator")
    parser.add_argument("--encoder", type=Path, help="checkpoint of the encoder; without it none is written")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--threads", type=int, default=1)


def run(args: argparse.Namespace) -> int:
    """Writes the files."""
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    args.out.mkdir(parents=True, exist_ok=True)
    generator = load_generator(args.generator)
    planes = planes_of(generator, args.generator.parent)
    render = RenderOfLatent(generator, planes.basis)
    halved(render.warp)
    export("render", render, args.out)
    np.zeros((LAYERS, WIDTH), "<f4").tofile(args.out / "mean_latent.f32")
    if args.encoder:
        from .encoder import load_encoder

        export("encoder", halved(load_encoder(args.encoder, generator, planes.basis)), args.out)
    planes.basis.axes = planes.basis.axes.half()
    export("planes", halved(ReadyPlanes(planes)), args.out)
    return 0
