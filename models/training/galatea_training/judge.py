"""The judge: a network apart from the pack's that says what is seen in a picture.

It takes no part in refinement, so what the pack's own networks are drawn towards can be checked against it: the
attributes of a head, the light, and who it is. Run as a command it trains itself on renders.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import heads
from .disguises import OWN
from .frames import light_in_picture
from .muon import shared_out
from .pictures import Lights, Pictures, lit
from .precision import mixed
from .recognition import Conv
from .train_identity import roughen
from .training import Task, add_run_arguments, train, weights

#: What is told apart, by attribute; ``smile`` and ``mouth`` as words.
CHOICES = {
    "sex": ("man", "woman"),
    "age": ("young", "middle-aged", "old"),
    "skin": ("light", "medium", "dark"),
    "hair_colour": tuple(heads.HAIR_COLOURS),
    "hair_style": tuple(heads.HAIR_STYLES),
    "eye_colour": ("brown", "blue", "green", "grey"),
    "glasses": ("none", "round", "square"),
    "beard": ("none", "short", "full"),
    "smile": ("no", "yes"),
    "mouth": ("closed", "open"),
}
_IGNORED = -100
_WIDTHS = (32, 48, 80, 112, 144)


class Judge(nn.Module):
    """Picture `[B,3,128,128]` to logits of every choice, light `[B,9]` in its frame, and who it is."""

    def __init__(self) -> None:
        super().__init__()
        layers, enter = [], 3
        for width in _WIDTHS:
            layers += [Conv(enter, width, 2), Conv(width, width)]
            enter = width
        self.layers = nn.Sequential(*layers)
        self.hidden = nn.Linear(16 * enter, 256)
        self.choices = nn.ModuleDict({name: nn.Linear(256, len(words)) for name, words in CHOICES.items()})
        self.light = nn.Linear(256, 9)
        self.person = nn.Linear(256, len(OWN))

    def forward(self, image: Tensor) -> Tensor:
        """The features `[B,256]` that everything is read from."""
        return F.silu(self.hidden(self.layers(image).flatten(1)))

    def words(self, features: Tensor) -> dict[str, list[str]]:
        """The likeliest word of every choice, by row."""
        return {name: [CHOICES[name][i] for i in head(features).argmax(1).tolist()] for name, head in self.choices.items()}


def answers(attributes: dict) -> list[int]:
    """The index of the right word of every choice; -100 where a head shows none (the hair colour of a bald head)."""
    smile = attributes["smile"]
    words = attributes | {"smile": "yes" if smile > 0.5 else "no" if smile < 0.3 else None}
    if attributes["hair_style"] == "bald":
        words["hair_colour"] = None
    return [choice.index(words[name]) if words[name] is not None else _IGNORED for name, choice in CHOICES.items()]


def load(checkpoint: Path) -> Judge:
    """A trained judge; raises FileNotFoundError without one."""
    judge = Judge()
    judge.load_state_dict(weights(checkpoint))
    return judge.eval().requires_grad_(False)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser, minutes=20.0, batch=64, rate=2e-3, settle=0.7)
    parser.set_defaults(seed=1007)  # lights and starting weights of its own


def run(args: argparse.Namespace) -> None:
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The judge on renders under random lights."""
    pictures, lights = Pictures(args.data / "train", device), Lights(args.seed, device)
    unseen = Pictures(args.data / "val", device)
    judge = Judge().to(device, memory_format=torch.channels_last)
    truth = torch.tensor([answers(each) for each in pictures.attributes], device=device)
    params = (pictures.params - pictures.params.mean(0)) / pictures.params.std(0).clamp(min=1e-3)
    spread = lights.pool.std(0)

    def loss(_: float) -> Tensor:
        (picked, views), light = pictures.draw(args.batch), lights.draw(args.batch)
        images = roughen(lit(pictures.surfaces(picked, views), light))
        with mixed(device):
            features = judge(images)
            logits = [head(features).float() for head in judge.choices.values()]
            seen, person = judge.light(features).float(), judge.person(features).float()
        right = truth[picked]
        told = sum(F.cross_entropy(logit, right[:, i], ignore_index=_IGNORED) for i, logit in enumerate(logits))
        shone = light_in_picture(light, pictures.cameras[picked, views])
        own = F.smooth_l1_loss(person, params[picked][:, OWN])
        return told + 2.0 * ((seen - shone) / spread).square().mean() + 2.0 * own

    groups, matrices = shared_out(judge, (judge.layers, judge.hidden))
    return Task("judge", judge, loss, lambda average: report(average, unseen), groups, matrices)


def report(judge: Judge, pictures: Pictures) -> str:
    """Share of right answers by choice."""
    picked, views = pictures.everything()
    features = judge(lit(pictures.surfaces(picked, views), Lights(1, pictures.device, 1000).draw(len(views))))
    truth = torch.tensor([answers(each) for each in pictures.attributes])[picked]
    shares = []
    for i, (name, head) in enumerate(judge.choices.items()):
        asked = truth[:, i] != _IGNORED
        right = head(features).argmax(1).cpu() == truth[:, i]
        shares.append(f"{name} {right[asked].float().mean():.2f}")
    return ", ".join(shares)
