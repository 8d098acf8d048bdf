"""Writes steps of the tiny test pack, which the Java step is tested against: ``python -m galatea_reference.step_fixture``.

Each step refines an avatar by a prompt, with every guidance and a mask. The file holds the losses and the gradient of W+
for every form of score distillation, early and late in the schedule, with and without a negative text.
"""

import argparse
import itertools
import json
from pathlib import Path

import torch
from galatea_packfile.conventions import camera_from_angles
from torch import Tensor

from .distillation import FORMS
from .pack import Pack
from .refine import StepRandomness, losses
from .settings import EffectiveSettings
from .targets import Intent, add_mask, resolve_targets

SEED = 20230607
MASK = {"draws": 2, "timestep": 0.5, "low": 0.3, "high": 0.9}
PROMPT = "red hair"
TIMESTEPS = (150, 600)
NEGATIVES = ("", "glasses")
#: Yaw and pitch of the source view and of the side view, radians.
SOURCE, SIDE = (0.1, -0.05), (-0.3, 0.15)


def main(argv: list[str] | None = None) -> None:
    """Writes the file that the arguments name."""
    parser = argparse.ArgumentParser(prog="galatea_reference.step_fixture", description=__doc__.split("\n")[0])
    parser.add_argument("--pack", type=Path, required=True, help="folder of the tiny pack")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(fixture(Pack(args.pack)), indent=1) + "\n", encoding="utf-8")


def fixture(pack: Pack) -> dict:
    """The whole content of the file: inputs, and one step for every form, timestep and negative text."""
    random = torch.Generator().manual_seed(SEED)
    layers, width = pack.manifest["latent"]["layers"], pack.manifest["latent"]["width"]
    given = {
        "latent": torch.randn(1, layers, width, generator=random),
        "start": torch.randn(1, layers, width, generator=random),
        "light": torch.randn(1, 9, generator=random),
        "noise": torch.randn(pack.noise_shape(1), generator=random),
        "mask_noise": torch.randn((MASK["draws"], *pack.noise_shape(1)), generator=random),
    }
    steps = [step(pack, given, *choice) for choice in itertools.product(FORMS, TIMESTEPS, NEGATIVES)]
    facts = {"prompt": PROMPT, "source": SOURCE, "side": SIDE, "mask": MASK}
    return facts | {name: flat(value) for name, value in given.items()} | {"steps": steps}


def step(pack: Pack, given: dict[str, Tensor], form: str, timestep: int, negative: str) -> dict:
    """One step: the unweighted losses, and the gradient of their sum."""
    weights = dict.fromkeys(pack.manifest["defaults"]["weights"]["prompt"], 1.0)
    settings = EffectiveSettings.of(pack.manifest, "prompt", distillation=form, mask=MASK, weights=weights)
    intent = Intent(source=camera(*SOURCE), prompt=PROMPT, negative=negative, light=given["light"])
    targets = resolve_targets(pack, given["start"], intent, settings, torch.Generator())
    add_mask(pack, targets, settings, given["mask_noise"])
    leaf = given["latent"].clone().requires_grad_()
    randomness = StepRandomness(camera(*SIDE), timestep, given["noise"])
    terms = losses(pack, leaf, given["start"], targets, settings, randomness)
    (gradient,) = torch.autograd.grad(sum(terms.values()), leaf)
    return {
        "distillation": form,
        "timestep": timestep,
        "negative": negative,
        "answer": float(targets.answer),
        "losses": {name: float(value.detach()) for name, value in terms.items()},
        "gradient": flat(gradient),
    }


def camera(yaw: float, pitch: float) -> Tensor:
    """One camera `[1,25]`."""
    return camera_from_angles(torch.tensor([yaw]), torch.tensor([pitch]))


def flat(values: Tensor) -> list[float]:
    """All numbers of a tensor in memory order."""
    return values.flatten().tolist()


if __name__ == "__main__":
    main()
