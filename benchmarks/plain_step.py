"""Times Galatea's step written plainly in PyTorch, on one thread; prints one line of JSON.

The step is models/training/galatea_training/refine.py, over the same networks and with the same weights.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "models" / "training"))

from facednerf_style import load_photo  # noqa: E402
from galatea_training.frames import camera_from_angles  # noqa: E402
from galatea_training.refine import Pack, Wish, refine  # noqa: E402

STEPS = 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True, help="directory of the pack")
    parser.add_argument("--photo", type=Path, required=True, help="square picture of a face")
    parser.add_argument("--prompt", required=True, help="what the avatar shall look like")
    parser.add_argument("--light", required=True, help="JSON list of 9 spherical-harmonics coefficients")
    parser.add_argument("--seconds", type=float, required=True, help="how long each kind of request is timed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    pack = Pack(options.pack)
    photo = load_photo(options.photo, pack.manifest["image_size"])
    source = camera_from_angles(torch.zeros(1), torch.zeros(1))
    wishes = {
        "image": Wish(photo=photo, source=source),
        "prompt": Wish(photo=photo, source=source, prompt=options.prompt),
        "light": Wish(photo=photo, source=source, light=torch.tensor([json.loads(options.light)], dtype=torch.float32)),
    }
    print(json.dumps({kind: time_steps(pack, kind, wish, options.seconds) for kind, wish in wishes.items()}))


def time_steps(pack: Pack, kind: str, wish: Wish, seconds: float) -> list[float]:
    """Milliseconds per step of slices of steps, the first of which warms up and is left out."""
    shape = pack.manifest["latent"]
    start = torch.zeros(1, shape["layers"], shape["width"])
    plan = pack.plan(kind, steps=STEPS)
    samples: list[float] = []
    end = time.perf_counter() + seconds
    while len(samples) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        refine(pack, start, wish, plan)
        samples.append((time.perf_counter() - begin) * 1e3 / STEPS)
    return samples[1:]


if __name__ == "__main__":
    main()
