"""Makes one edit as FaceDNeRF's script does (NeurIPS 2023, arXiv 2306.00783), over the networks of a pack.

Prints one line of JSON. README.md says what the yardstick keeps of the script and what it leaves out.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

MODELS = Path(__file__).resolve().parent.parent / "models"
sys.path[:0] = [str(MODELS / "packfile"), str(MODELS / "reference")]

from galatea_packfile.conventions import camera_from_angles  # noqa: E402
from galatea_reference.facednerf import draw, optimise  # noqa: E402
from galatea_reference.pack import Pack  # noqa: E402
from galatea_reference.targets import Intent  # noqa: E402


def main() -> None:
    """Makes the edit and prints its time."""
    started = time.perf_counter()
    options = parse_arguments()
    pack = load_pack(options.pack)
    photo = load_photo(options.photo, pack.manifest["image_size"])
    light = torch.tensor([json.loads(options.light)], dtype=torch.float32)
    source = camera_from_angles(torch.zeros(1), torch.zeros(1))
    intent = Intent(photo=photo, source=source, prompt=options.prompt, light=light)

    def save_views(step: int, front: torch.Tensor, side: torch.Tensor) -> None:
        save(front, options.out / f"front-{step:04d}.png")
        save(side, options.out / f"side-{step:04d}.png")

    weights = pack.manifest["defaults"]["weights"]["prompt"]
    latent = optimise(pack, intent, weights, options.steps, watch=save_views)
    save(draw(pack, latent, source), options.out / "final.png")
    print(json.dumps({"steps": options.steps, "seconds_in_process": time.perf_counter() - started}))


def parse_arguments() -> argparse.Namespace:
    """The command line's options; makes the folder of the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True, help="directory of the pack")
    parser.add_argument("--photo", type=Path, required=True, help="square picture of a face")
    parser.add_argument("--prompt", default="", help="text that describes the avatar")
    parser.add_argument("--light", required=True, help="JSON list of 9 spherical-harmonics coefficients")
    parser.add_argument("--steps", type=int, required=True, help="gradient steps")
    parser.add_argument("--out", type=Path, required=True, help="directory for the pictures")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    return options


def load_pack(folder: Path) -> Pack:
    """A pack whose weights get gradients too, as in the script."""
    pack = Pack(folder)
    for name in pack.manifest["networks"]:
        for parameter in getattr(pack, name).parameters():
            parameter.requires_grad_(True)
    return pack


def load_photo(file: Path, size: int) -> torch.Tensor:
    """Picture `[1,3,S,S]` in [-1, 1]."""
    photo = Image.open(file).convert("RGB").resize((size, size), Image.Resampling.BOX)
    return torch.from_numpy(np.asarray(photo, dtype=np.float32)).permute(2, 0, 1)[None] / 127.5 - 1.0


def save(picture: torch.Tensor, file: Path) -> None:
    """Writes a picture `[1,3,S,S]` in [-1, 1] as PNG."""
    pixels = ((picture[0].detach().permute(1, 2, 0) + 1.0) * 127.5).clamp(0.0, 255.0).byte().numpy()
    Image.fromarray(pixels).save(file)


if __name__ == "__main__":
    main()
