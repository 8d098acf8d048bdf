"""Trains generator and encoder together, on the pack's own pictures and on made-up photographs.

``train.joint`` with photographs: the generator learns to draw the shapes of real faces, which no parameter tells, and the
encoder learns to find them. The mapping, the warp's reading of styles and the basis of W+ stay fixed, so that networks that
were trained on W+ stay valid. At the end the command replaces ``generator.ckpt`` and ``encoder.ckpt``.
"""

import argparse

import torch
from torch import Tensor, nn

from ..optimise.checkpoint import averaged_weights, state_of_part
from ..optimise.loop import Task, add_run_arguments, train
from ..optimise.muon import split_for_muon
from .batches import quarters
from .encoder import add_source_arguments
from .generator import generator_loss, parameter_groups
from .joint import PARTS, SLOWLY
from .photo_encoder import PhotoEncoderTraining


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_run_arguments(parser, minutes=90, batch=4, rate=6e-4, settle=0.7)
    add_source_arguments(parser)
    parser.add_argument("--own", type=int, default=4, help="heads a step in the pack's own pictures")
    parser.add_argument("--plain", type=int, default=2, help="heads in a step that are drawn from their parameters")
    parser.add_argument(
        "--told", type=int, default=12, help="heads a step of which nothing is drawn, half in photographs"
    )


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training, and replaces both checkpoints."""
    train(task, args)
    state = averaged_weights(args.runs / "photo_joint.ckpt")
    for name in PARTS:
        torch.save(state_of_part(state, name), args.runs / f"{name}.ckpt")


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The task of both networks; ``--batch`` counts photographs that are drawn of."""
    training = PhotoEncoderTraining(args, device)
    generator, trunk = training.generator, training.encoder.trunk
    trunk.load_state_dict(averaged_weights(args.runs / "photo_encoder.ckpt"))
    generator.requires_grad_(True)
    for kept in (generator.mapping, generator.warp.read):
        kept.requires_grad_(False)

    def loss(_: float) -> Tensor:
        own = training.picture_loss(args.own) + 0.2 * training.parameter_loss(args.told // 2)
        plain = generator_loss(generator, quarters(training.pictures, training.lights, args.plain), full=True)
        return own + training.photograph_loss(args.batch, args.told // 2) + 0.5 * plain

    def report(average: nn.ModuleDict) -> str:
        return training.report_with(average["encoder"], average["generator"])

    model = nn.ModuleDict(dict(zip(PARTS, (generator, trunk))))
    own, slow = split_for_muon(trunk, trunk.hidden_layers()), parameter_groups(generator)
    for group in (*slow[0], *slow[1]):
        group["speed"] *= SLOWLY
    groups, matrices = (one + other for one, other in zip(own, slow))
    return Task("photo_joint", model, loss, report, groups, matrices, weight_decay=0.0, keep=0.998)
