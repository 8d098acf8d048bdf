"""Adds an example of a guidance to a pack: the distance of coarse colours.

A pack may bring guidances of its own: TorchScript networks `(picture [B,3,S,S], reference [B,3,S,S]) → loss [B]`. The
manifest's section `guidances` names each network, its weights and the view that it looks at.
"""

import argparse
import json
from pathlib import Path

from galatea_packfile.manifest import KINDS, VIEWS, read_manifest, write_manifest
from galatea_packfile.torchscript import save_script
from galatea_packfile.verify import verify_pack
from torch import Tensor, nn
from torch.nn import functional as F

NAME = "colour"
FILE = f"{NAME}.pt"
WEIGHTS = {"image": 0.1}


class ColourDistance(nn.Module):
    """Squared distance of the mean colours of 4×4 fields: picture and reference `[B,3,S,S]` to `[B]`, in any float type."""

    def forward(self, picture: Tensor, reference: Tensor) -> Tensor:
        difference = F.adaptive_avg_pool2d(picture - reference, [4, 4])
        return difference.square().sum((1, 2, 3))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--pack", type=Path, required=True, help="folder of the pack; its manifest is rewritten")
    kinds = ", ".join(KINDS)
    parser.add_argument("--weights", type=json.loads, default=WEIGHTS, help=f"JSON: a weight for some of {kinds}")
    parser.add_argument("--view", choices=VIEWS, default="source", help="the view that the guidance looks at")


def run(args: argparse.Namespace) -> None:
    """Writes the network and the manifest, and verifies the pack."""
    add_guidance(args.pack, args.weights, args.view)
    verify_pack(args.pack)
    print(f"{args.pack}: brings the guidance {NAME}, and keeps its contract")


def add_guidance(pack: Path, weights: dict[str, float], view: str) -> None:
    """Adds the guidance to a pack; replaces the guidance of the same name.

    Raises:
        ValueError: a weight or the view is wrong.
    """
    save_script(ColourDistance(), pack / FILE)
    facts = {name: section for name, section in read_manifest(pack).items() if name not in ("networks", "files")}
    guidance = {"network": FILE, "view": view, "weights": weights}
    write_manifest(pack, facts | {"guidances": facts.get("guidances", {}) | {NAME: guidance}})
