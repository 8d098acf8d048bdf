"""Trains the judge on renders.

The judge is in no pack and never steers refinement. The evaluation compares the pack's networks with it.
"""

import argparse

import torch
from galatea_packfile.conventions import light_in_picture
from torch import Tensor
from torch.nn import functional as F

from ..data.identities import IDENTITY_PARAMETERS
from ..data.pictures import Lights, Pictures, lit
from ..networks.judge import _IGNORED, Judge, answers
from ..optimise.loop import Task, add_run_arguments, train
from ..optimise.muon import split_for_muon
from ..optimise.precision import mixed
from .augmentation import degraded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_run_arguments(parser, minutes=20.0, batch=64, rate=2e-3, settle=0.7)
    parser.set_defaults(seed=1007)  # other lights and initial weights than the pack's networks have


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The judge's task: renders under random lights."""
    pictures, lights = Pictures(args.data / "train", device), Lights(args.seed, device)
    unseen = Pictures(args.data / "val", device)
    judge = Judge().to(device, memory_format=torch.channels_last)
    truth = torch.tensor([answers(each) for each in pictures.attributes], device=device)
    params = (pictures.params - pictures.params.mean(0)) / pictures.params.std(0).clamp(min=1e-3)
    spread = lights.pool.std(0)

    def loss(_: float) -> Tensor:
        (picked, views), light = pictures.draw(args.batch), lights.draw(args.batch)
        images = degraded(lit(pictures.surfaces(picked, views), light))
        with mixed(device):
            features = judge(images)
            logits = [head(features).float() for head in judge.choices.values()]
            seen, person = judge.light(features).float(), judge.person(features).float()
        right = truth[picked]
        told = sum(F.cross_entropy(logit, right[:, i], ignore_index=_IGNORED) for i, logit in enumerate(logits))
        shone = light_in_picture(light, pictures.cameras[picked, views])
        own = F.smooth_l1_loss(person, params[picked][:, IDENTITY_PARAMETERS])
        return told + 2.0 * ((seen - shone) / spread).square().mean() + 2.0 * own

    groups, matrices = split_for_muon(judge, (judge.layers, judge.hidden))
    return Task("judge", judge, loss, lambda average: report(average, unseen), groups, matrices)


def report(judge: Judge, pictures: Pictures) -> str:
    """The share of right answers for each choice, in words."""
    picked, views = pictures.everything()
    features = judge(lit(pictures.surfaces(picked, views), Lights(1, pictures.device, 1000).draw(len(views))))
    truth = torch.tensor([answers(each) for each in pictures.attributes])[picked]
    shares = []
    for i, (name, head) in enumerate(judge.choices.items()):
        asked = truth[:, i] != _IGNORED
        right = head(features).argmax(1).cpu() == truth[:, i]
        shares.append(f"{name} {right[asked].float().mean():.2f}")
    return ", ".join(shares)
