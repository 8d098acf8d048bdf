"""Writes steps of the tiny test pack as refine.py computes them, which the Java step is held against.

One prompt on an avatar, with every guidance on and a mask, in every form of score distillation, early and late in the
schedule, with and without a negative text: the losses and the gradient of W+.
"""

import argparse
import itertools
import json
from pathlib import Path

import torch
from torch import Tensor

from .distillation import FORMS
from .frames import camera_from_angles
from .refine import Draw, Pack, Plan, Wish, edited_region, losses, prepare

SEED = 20230607
MASK = {"draws": 2, "timestep": 0.5, "low": 0.3, "high": 0.9}
PROMPT = "red hair"
TIMESTEPS = (150, 600)
NEGATIVES = ("", "glasses")
SOURCE, SIDE = (0.1, -0.05), (-0.3, 0.15)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pack", type=Path, required=True, help="folder of the tiny pack")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    pack = Pack(args.pack)
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
    inputs = {name: flat(value) for name, value in given.items()}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(facts | inputs | {"steps": steps}, indent=1) + "\n", encoding="utf-8")


def step(pack: Pack, given: dict[str, Tensor], form: str, timestep: int, negative: str) -> dict:
    """A step of a form: unweighted losses, and the gradient of their sum."""
    weights = dict.fromkeys(pack.manifest["defaults"]["weights"]["prompt"], 1.0)
    plan: Plan = pack.plan("prompt", distillation=form, mask=MASK, weights=weights)
    wish = Wish(source=camera(*SOURCE), prompt=PROMPT, negative=negative, light=given["light"])
    targets = prepare(pack, given["start"], wish, plan, torch.Generator())
    targets["mask"], targets["answer"] = edited_region(pack, targets, plan, given["mask_noise"])
    leaf = given["latent"].clone().requires_grad_()
    drawn = Draw(camera(*SIDE), timestep, given["noise"])
    terms = losses(pack, leaf, given["start"], wish, targets, plan, drawn)
    (gradient,) = torch.autograd.grad(sum(terms.values()), leaf)
    return {
        "distillation": form,
        "timestep": timestep,
        "negative": negative,
        "answer": float(targets["answer"]),
        "losses": {name: float(value.detach()) for name, value in terms.items()},
        "gradient": flat(gradient),
    }


def camera(yaw: float, pitch: float) -> Tensor:
    return camera_from_angles(torch.tensor([yaw]), torch.tensor([pitch]))


def flat(values: Tensor) -> list[float]:
    return values.flatten().tolist()
