"""Writes the generator's files of a pack: planes, render, density, encoder and the mean latent.

Each network is scripted and verified. A network that breaks the pack's contract replaces no file.
"""

import argparse
import functools
from pathlib import Path

import torch
from galatea_packfile.files import float_bytes
from galatea_packfile.torchscript import save_script, stored_in_half
from galatea_packfile.verify import MakeInputs, verify_network
from torch import nn

from ..networks.density import EXTENT, Density
from ..networks.generator import IMAGE_SIZE, LatentRenderer
from ..networks.inference_planes import InferencePlanes
from ..networks.latent import LAYERS, WIDTH
from ..networks.planes import PLANE_CHANNELS, PLANE_SIZE
from ..networks.trained import load_encoder, load_generator, load_planes
from ..render.camera import camera


def _latents(rows: int) -> list[torch.Tensor]:
    return [0.5 * torch.randn(rows, LAYERS, WIDTH)]


def _scene(planes: nn.Module, rows: int) -> list[torch.Tensor]:
    cameras = torch.stack([torch.from_numpy(camera(0.2 * i - 0.6, 0.05 * i)) for i in range(rows)])
    (w,) = _latents(rows)
    return [planes(w).detach(), w, cameras]


def _points(planes: nn.Module, rows: int) -> list[torch.Tensor]:
    (w,) = _latents(rows)
    return [planes(w).detach(), w, EXTENT * (2 * torch.rand(rows, POINTS, 3) - 1)]


def _images(rows: int) -> list[torch.Tensor]:
    return [(0.4 * torch.randn(rows, 3, IMAGE_SIZE, IMAGE_SIZE)).clamp(-1, 1)]


#: Points that the network `density` is verified with.
POINTS = 64
#: By network, the shape of the output without the batch.
SHAPES = {
    "planes": (3, PLANE_CHANNELS, PLANE_SIZE, PLANE_SIZE),
    "render": (3, IMAGE_SIZE, IMAGE_SIZE),
    "density": (POINTS, 4),
    "encoder": (LAYERS, WIDTH),
}
#: Networks that no gradient passes.
NOT_DIFFERENTIATED = ("density",)


def export(name: str, network: nn.Module, make: MakeInputs, folder: Path) -> None:
    """Scripts a network, verifies the file and puts it into the folder.

    Args:
        make: makes the network's inputs for a number of rows.

    Raises:
        galatea_packfile.verify.PackError: the network breaks the contract.
    """
    path, fresh = folder / f"{name}.pt", folder / f"{name}.new"
    save_script(network.eval().requires_grad_(False), fresh)
    verify_network(name, torch.jit.load(str(fresh)).eval(), make, SHAPES[name], name not in NOT_DIFFERENTIATED)
    fresh.replace(path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--generator", type=Path, required=True, help="checkpoint of the generator")
    parser.add_argument("--encoder", type=Path, help="checkpoint of the encoder; without it no encoder.pt is written")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")


def run(args: argparse.Namespace) -> int:
    """Writes the files."""
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    args.out.mkdir(parents=True, exist_ok=True)
    generator = load_generator(args.generator)
    planes = load_planes(generator, args.generator.parent)
    render = LatentRenderer(generator, planes.basis)
    stored_in_half(render.warp)
    export("render", render, functools.partial(_scene, planes), args.out)
    export("density", Density(render), functools.partial(_points, planes), args.out)
    (args.out / "mean_latent.f32").write_bytes(float_bytes(torch.zeros(LAYERS, WIDTH)))
    if args.encoder:
        encoder = stored_in_half(load_encoder(args.encoder, generator, planes.basis))
        export("encoder", encoder, _images, args.out)
    planes.basis.axes = planes.basis.axes.half()
    export("planes", stored_in_half(InferencePlanes(planes)), _latents, args.out)
    return 0
