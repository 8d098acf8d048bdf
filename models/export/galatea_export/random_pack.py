"""Writes a pack of seeded random weights through the same export as a real one, at full or at reduced size.

It draws noise, and proves the architectures, the export and the product around them where the checkpoints are not.
"""

import argparse
import tempfile
from pathlib import Path

from . import arcface, eg3d_random, licences, lighting, perceptual
from .eg3d import Options
from .pack import Request, write_pack


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    made = argparse.ArgumentParser(prog="galatea_export random", description=__doc__.split("\n")[0])
    made.add_argument("--out", type=Path, required=True, help="folder of the pack; new or empty")
    made.add_argument("--reduced", action="store_true", help="few channels and small pictures: made in seconds")
    made.add_argument("--seed", type=int, default=0, help="of all weights (default %(default)s)")
    made.add_argument("--work", type=Path, help="folder to keep the random checkpoints in; else they are deleted")
    return made


def main(argv: list[str]) -> Path:
    """Writes the pack; returns its manifest."""
    args = parser().parse_args(argv)
    if args.work:
        args.work.mkdir(parents=True, exist_ok=True)
        return write_random_pack(args.out, args.work, args.seed, args.reduced)
    args.out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=args.out.absolute().parent) as work:
        return write_random_pack(args.out, Path(work), args.seed, args.reduced)


def write_random_pack(out: Path, work: Path, seed: int, reduced: bool) -> Path:
    """Writes random checkpoints into `work` and the pack of them into `out`; returns its manifest."""
    from . import diffusion_random  # here, as diffusers takes seconds to import

    files = {
        "eg3d": (eg3d_random, work / "eg3d.safetensors"),
        "perceptual": (perceptual, work / "vgg16.pth"),
        "arcface": (arcface, work / "model_ir_se50.pth"),
        "lighting": (lighting, work / "trained_model_03.t7"),
        "diffusion": (diffusion_random, work / "diffusion"),
    }
    for index, (module, path) in enumerate(files.values()):
        module.random_checkpoint(path, seed + index, reduced)
    size = "reduced" if reduced else "full"
    request = Request(
        **{name: path for name, (_, path) in files.items()},
        perceptual_heads=perceptual.heads_beside(work / "vgg16.pth"),
        eg3d_options=Options(mean_samples=600) if reduced else Options(),
        id=f"random-{size}",
        description=f"Random weights in FaceDNeRF's architectures, {size} size: draws noise, for tests",
        licence=licences.RANDOM,
    )
    return write_pack(request, out)
