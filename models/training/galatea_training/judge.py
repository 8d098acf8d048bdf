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
from .disguises import DISGUISING
from .frames import light_in_picture
from .pictures import Lights, Pictures, lit
from .recognition import Conv
from .train_identity import roughen
from .training import add_run_arguments, restore, save, train_for

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
OWN = [index for index, name in enumerate(heads.NAMES) if not name.startswith(DISGUISING)]
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
    judge.load_state_dict(torch.load(checkpoint, weights_only=True))
    return judge.eval().requires_grad_(False)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser, minutes=10.0, batch=64, rate=2e-3)


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(args.seed + 1000)
    pictures, lights = Pictures(args.data / "train"), Lights(args.seed + 1000)
    judge = Judge().to(memory_format=torch.channels_last)
    restore(judge, args.runs / "judge.ckpt")
    truth = torch.tensor([answers(each) for each in pictures.attributes])
    mean, spread = pictures.params.mean(0), pictures.params.std(0).clamp(min=1e-3)
    brightness = lights.pool.std(0)

    def loss() -> Tensor:
        picked, views = torch.randint(len(pictures), (args.batch,)), torch.randint(pictures.views, (args.batch,))
        light = lights.draw(args.batch)
        images = roughen(lit(pictures.surfaces(picked.numpy(), views.numpy()), light))
        with torch.autocast("cpu", torch.bfloat16):
            features = judge(images)
            logits = [head(features).float() for head in judge.choices.values()]
            seen, person = judge.light(features).float(), judge.person(features).float()
        told = sum(
            F.cross_entropy(logit, truth[picked, i], ignore_index=_IGNORED) for i, logit in enumerate(logits)
        )
        shone = light_in_picture(light, pictures.cameras[picked, views])
        own = ((pictures.params[picked] - mean) / spread)[:, OWN]
        return told + 2.0 * ((seen - shone) / brightness).square().mean() + 2.0 * F.smooth_l1_loss(person, own)

    optimiser = torch.optim.AdamW(judge.parameters(), betas=(0.9, 0.99), weight_decay=0.02)
    steps = train_for(args.minutes, args.learning_rate, optimiser, loss)
    save(judge, args.runs / "judge.ckpt")
    print(f"judge: {steps} steps; right on unseen heads: {report(judge.eval(), Pictures(args.data / 'val'))}", flush=True)


@torch.no_grad()
def report(judge: Judge, pictures: Pictures) -> str:
    """Share of right answers by choice."""
    heads_seen = torch.arange(len(pictures)).repeat_interleave(pictures.views)
    views = torch.arange(pictures.views).repeat(len(pictures))
    features = judge(lit(pictures.surfaces(heads_seen.numpy(), views.numpy()), Lights(1).draw(len(views))))
    truth = torch.tensor([answers(each) for each in pictures.attributes])[heads_seen]
    shares = []
    for i, (name, head) in enumerate(judge.choices.items()):
        asked = truth[:, i] != _IGNORED
        shares.append(f"{name} {(head(features).argmax(1) == truth[:, i])[asked].float().mean():.2f}")
    return ", ".join(shares)
