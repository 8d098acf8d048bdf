"""Times Galatea's step in plain PyTorch on one thread; prints one line of JSON.

The step is models/reference/galatea_reference/refine.py, over the same networks and with the same weights.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch

MODELS = Path(__file__).resolve().parent.parent / "models"
sys.path[:0] = [str(MODELS / "packfile"), str(MODELS / "reference")]

from facednerf_style import load_photo  # noqa: E402
from galatea_packfile.conventions import camera_from_angles  # noqa: E402
from galatea_reference.pack import Pack  # noqa: E402
from galatea_reference.refine import refine  # noqa: E402
from galatea_reference.settings import EffectiveSettings  # noqa: E402
from galatea_reference.targets import Intent  # noqa: E402

#: Steps of a slice.
STEPS = 16


def main() -> None:
    """Prints the milliseconds of a step by the kind of request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True, help="directory of the pack")
    parser.add_argument("--photo", type=Path, required=True, help="square picture of a face")
    parser.add_argument("--prompt", required=True, help="text that describes the avatar")
    parser.add_argument("--light", required=True, help="JSON list of 9 spherical-harmonics coefficients")
    parser.add_argument("--seconds", type=float, required=True, help="seconds of timing for each kind of request")
    options = parser.parse_args()
    torch.set_num_threads(1)
    pack = Pack(options.pack)
    photo = load_photo(options.photo, pack.manifest["image_size"])
    source = camera_from_angles(torch.zeros(1), torch.zeros(1))
    intents = {
        "image": Intent(photo=photo, source=source),
        "prompt": Intent(photo=photo, source=source, prompt=options.prompt),
        "light": Intent(photo=photo, source=source, light=torch.tensor([json.loads(options.light)], dtype=torch.float32)),
    }
    print(json.dumps({kind: time_steps(pack, kind, intent, options.seconds) for kind, intent in intents.items()}))


def time_steps(pack: Pack, kind: str, intent: Intent, seconds: float) -> list[float]:
    """Milliseconds of a step, one figure for each slice. The first slice warms up and is left out."""
    shape = pack.manifest["latent"]
    start = torch.zeros(1, shape["layers"], shape["width"])
    settings = EffectiveSettings.of(pack.manifest, kind, steps=STEPS)
    samples: list[float] = []
    end = time.perf_counter() + seconds
    while len(samples) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        refine(pack, start, intent, settings)
        samples.append((time.perf_counter() - begin) * 1e3 / STEPS)
    return samples[1:]


if __name__ == "__main__":
    main()
