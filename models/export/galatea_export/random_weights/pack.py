"""Writes a pack of seeded random weights by the same export as a real pack, at full or at reduced size.

The pack draws noise. It shows that the architectures, the export and the product work, without the published checkpoints.
"""

import argparse
import tempfile
from pathlib import Path

from .. import arcface, lighting, perceptual
from ..eg3d import Options
from ..packing import licences
from ..packing.arguments import add_precision, precisions
from ..packing.pack import Request, require_empty, write_pack
from . import eg3d as eg3d_random


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    made = argparse.ArgumentParser(prog="galatea_export random", description=__doc__.split("\n")[0])
    made.add_argument("--out", type=Path, required=True, help="folder of the pack; new or empty")
    made.add_argument("--reduced", action="store_true", help="few channels and small pictures; takes seconds")
    made.add_argument("--seed", type=int, default=0, help="seed of all weights (default %(default)s)")
    add_precision(made)
    made.add_argument("--work", type=Path, help="folder for the random checkpoints; without it they are deleted")
    return made


def run(args: argparse.Namespace) -> Path:
    """Writes the pack; returns its manifest."""
    require_empty(args.out)
    if args.work:
        args.work.mkdir(parents=True, exist_ok=True)
        return write_pack(request(args, args.work), args.out)
    args.out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=args.out.absolute().parent) as work:
        return write_pack(request(args, Path(work)), args.out)


def request(args: argparse.Namespace, work: Path) -> Request:
    """Writes random checkpoints into `work`; returns the request of a pack from them."""
    from . import diffusion as diffusion_random  # here, as diffusers takes seconds to import

    files = {
        "eg3d": (eg3d_random, work / "eg3d.safetensors"),
        "perceptual": (perceptual, work / "vgg16.pth"),
        "arcface": (arcface, work / "model_ir_se50.pth"),
        "lighting": (lighting, work / "trained_model_03.t7"),
        "diffusion": (diffusion_random, work / "diffusion"),
    }
    for index, (module, path) in enumerate(files.values()):
        module.random_checkpoint(path, args.seed + index, args.reduced)
    size = "reduced" if args.reduced else "full"
    return Request(
        **{name: path for name, (_, path) in files.items()},
        perceptual_heads=perceptual.heads_beside(work / "vgg16.pth"),
        eg3d_options=Options(mean_samples=600) if args.reduced else Options(),
        precision=precisions(args.precision),
        id=f"random-{size}",
        description=f"Random weights in FaceDNeRF's architectures, {size} size: draws noise, for tests",
        licence=licences.RANDOM,
    )
