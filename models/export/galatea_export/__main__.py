"""Command line: ``python -m galatea_export --eg3d … --out DIR``, or ``python -m galatea_export random --out DIR``."""

import argparse
import sys
from pathlib import Path

from .checkpoints.state import CheckpointError
from .eg3d import Options
from .packing.arguments import add_precision, precisions, within
from .packing.pack import Request, write_pack
from .random_weights import pack as random_pack

_DESCRIPTION = """\
Writes a pack (docs/pack.md) from published checkpoints. Only --eg3d is required; without another checkpoint the pack lacks its
guidance.
`python -m galatea_export random --help` says how to write a pack of random weights."""


def parser() -> argparse.ArgumentParser:
    """The command line's options."""
    made = argparse.ArgumentParser(
        prog="galatea_export", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = made.add_argument
    add("--eg3d", type=Path, required=True, help="EG3D's .pkl, or its tensors as .safetensors with constants as .json")
    add("--eg3d-code", type=Path, help="your clone of NVlabs/eg3d, which a .pkl needs. A .pkl is a program and runs: use only one that you trust")
    add("--diffusion", type=Path, help="directory of a Stable Diffusion 1 or 2 in diffusers' layout")
    add("--arcface", type=Path, help="model_ir_se50.pth, or mobilefacenet.pt")
    add("--perceptual", type=Path, help="NVIDIA's vgg16.pt, or torchvision's state dict of VGG16")
    add("--perceptual-heads", type=Path, help="vgg.pth of LPIPS 0.1, for torchvision's VGG16")
    add("--lighting", type=Path, help="DPR's trained_model_03.t7")
    add("--out", type=Path, required=True, help="folder of the pack; new or empty")
    add_precision(made)
    default = Options()
    add("--samples", type=within(4, 1024), help="samples of each of EG3D's two passes along a ray (default: the "
        "checkpoint's, 48; EG3D renders videos with 96)")  # fmt: skip
    add("--rays", type=within(8, 1024), help="EG3D's neural rendering resolution (default: the checkpoint's, 128)")
    add("--focal", type=float, default=default.focal, help="focal length over image size (default %(default)s)")
    add("--mean-samples", type=within(600, 10_000_000), default=default.mean_samples, help="z drawn for "
        "the mean latent (default %(default)s)")  # fmt: skip
    add("--truncation", type=float, default=default.truncation, help="psi of the mean latent (default %(default)s)")
    add("--seed", type=int, default=default.seed, help="seed of the z (default %(default)s)")
    add("--id", default=Request.id, help="the pack's name in its manifest (default %(default)s)")
    add("--version", type=within(1, 2**31 - 1), default=Request.version, help="the pack's (default %(default)s)")
    return made


def request(args: argparse.Namespace) -> Request:
    """The request that the options describe."""
    return Request(
        eg3d=args.eg3d, eg3d_code=args.eg3d_code, diffusion=args.diffusion, arcface=args.arcface,
        perceptual=args.perceptual, perceptual_heads=args.perceptual_heads, lighting=args.lighting,
        eg3d_options=Options(
            samples=args.samples, rays=args.rays, focal=args.focal, mean_samples=args.mean_samples,
            truncation=args.truncation, seed=args.seed,
        ),
        precision=precisions(args.precision), id=args.id, version=args.version,
    )  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Writes a pack; returns the exit status: 0, or 1 for a refused checkpoint or folder."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        if argv[:1] == ["random"]:
            args = random_pack.parser().parse_args(argv[1:])
            manifest = random_pack.run(args)
        else:
            args = parser().parse_args(argv)
            if args.perceptual_heads and not args.perceptual:
                parser().error("--perceptual-heads needs --perceptual, which is missing")
            manifest = write_pack(request(args), args.out)
    except (CheckpointError, FileExistsError) as error:
        print(f"galatea_export: {error}", file=sys.stderr)
        return 1
    tolerance = " --tolerance 0.05" if "bf16" in precisions(args.precision).values() else ""
    print(f"{manifest}: written; check it with `galatea pack verify {manifest.parent}{tolerance}`")
    return 0


if __name__ == "__main__":
    sys.exit(main())
