"""Renders the portraits of the demo: test heads under soft light, as PNG files of 256×256 pixels."""

import argparse
import json
from pathlib import Path

from PIL import Image

from . import heads
from .camera import camera
from .light import directional
from .shading import picture

SIZE = 256
#: Test row, yaw and pitch of each portrait.
PORTRAITS = ((0, 0.1, 0.0), (40, -0.12, 0.03), (51, 0.0, 0.0), (46, 0.15, -0.03), (41, -0.06, 0.02))
SOFT_LIGHT = ((0.35, 0.45, 1.0), 0.5, 0.5)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--assets", type=Path, required=True, help="folder of MakeHuman's free files")
    parser.add_argument("--out", type=Path, required=True, help="folder of head-1.png … and portraits.json")


def run(args: argparse.Namespace) -> int:
    """Writes the portraits, and their cameras and attributes as JSON."""
    from ..data.splits import draw_row
    from .mesh import HeadModel
    from .renderer import Renderer

    args.out.mkdir(parents=True, exist_ok=True)
    renderer = Renderer(HeadModel(args.assets), SIZE)
    light, notes = directional(*SOFT_LIGHT), []
    for number, (row, yaw, pitch) in enumerate(PORTRAITS, start=1):
        head = draw_row("test", row)[0]
        fine = renderer.draw(renderer.load(head), camera(yaw, pitch))
        Image.fromarray(picture(fine, renderer.supersampling, light)).save(args.out / f"head-{number}.png", optimize=True)
        notes.append({"file": f"head-{number}.png", "yaw": yaw, "pitch": pitch, **heads.attributes(head)})
    (args.out / "portraits.json").write_text(json.dumps(notes, indent=1) + "\n")
    return 0
