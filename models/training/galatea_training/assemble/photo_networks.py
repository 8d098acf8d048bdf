"""Writes the networks that take photographs in: align.pt and matte.pt."""

import argparse
from pathlib import Path

import torch
from galatea_packfile.torchscript import save_script, stored_in_half

from ..networks.alignment import Align, Points
from ..networks.matting import Matte
from ..networks.recognition import folded
from ..optimise.checkpoint import averaged_weights


def load_align(checkpoint: Path) -> Align:
    """The averaged network of a checkpoint."""
    state = averaged_weights(checkpoint)
    points = Points(len(state["heat.bias"]))
    points.load_state_dict(state)
    return Align(points.eval()).eval()


def load_matte(checkpoint: Path) -> Matte:
    """The averaged network of a checkpoint."""
    matte = Matte()
    matte.load_state_dict(averaged_weights(checkpoint))
    return matte.eval()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--runs", type=Path, required=True, help="folder of align.ckpt and matte.ckpt")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pack")


@torch.no_grad()
def run(args: argparse.Namespace) -> int:
    """Writes the files."""
    args.out.mkdir(parents=True, exist_ok=True)
    for name, load in (("align", load_align), ("matte", load_matte)):
        path = args.out / f"{name}.pt"
        save_script(stored_in_half(folded(load(args.runs / f"{name}.ckpt"))), path)
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")
    return 0
