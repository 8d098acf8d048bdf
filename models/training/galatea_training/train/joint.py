"""Trains the generator and the encoder together, as an autoencoder of several views.

A picture becomes W+, and the generator draws the head from two sides (Trevithick et al., "Real-Time Radiance Fields for
Single-Image Portrait View Synthesis", 2023). Trained apart, the generator sees no styles but those of parameters, and the
encoder cannot change the generator. The mapping, the warp's reading of styles and the basis of W+ stay fixed. Some heads of
every step are drawn from their parameters. Networks that were trained on W+ therefore stay valid. At the end the command
replaces ``generator.ckpt`` and ``encoder.ckpt``.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..data.expressions import ExpressionPairs
from ..optimise.checkpoint import averaged_weights, state_of_part
from ..optimise.loop import Task, add_run_arguments, train
from ..optimise.muon import split_for_muon
from .batches import expression_crops, quarters
from .encoder import EncoderTraining, add_source_arguments
from .generator import generator_loss, parameter_groups

PARTS = ("generator", "encoder")
#: Learning speed of the generator in units of the encoder's: the generator is nearly finished.
SLOWLY = 0.4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_run_arguments(parser, minutes=90, batch=8, rate=6e-4, settle=0.7)
    add_source_arguments(parser)
    parser.add_argument("--encoded-only", type=int, default=16, help="heads in a step whose parameters alone are compared")
    plain = "heads in a step that are drawn from their parameters; in half of the steps, with two expressions"
    parser.add_argument("--plain", type=int, default=2, help=plain)
    parser.add_argument("--change", type=float, default=0.3, help="weight of the difference between two expressions")


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training, and replaces both checkpoints."""
    train(task, args)
    hand_over(args.runs)


def hand_over(runs: Path) -> None:
    """Writes the averaged weights of both networks to their own checkpoints."""
    state = averaged_weights(runs / "joint.ckpt")
    for name in PARTS:
        torch.save(state_of_part(state, name), runs / f"{name}.ckpt")


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The task of both networks; ``--batch`` counts encoded heads."""
    training = EncoderTraining(args, device)
    generator, trunk, pictures, lights = training.generator, training.encoder.trunk, training.pictures, training.lights
    trunk.load_state_dict(averaged_weights(args.runs / "encoder.ckpt"))
    generator.requires_grad_(True)
    for kept in (generator.mapping, generator.warp.read):
        kept.requires_grad_(False)
    expressions = ExpressionPairs(args.data, pictures)

    def plain() -> torch.Tensor:
        """Loss of heads that are drawn from their parameters."""
        if np.random.rand() < 0.5:
            return generator_loss(generator, expression_crops(pictures, expressions, lights, args.plain), full=True, change=args.change)
        return generator_loss(generator, quarters(pictures, lights, args.plain), full=True)

    def loss(_: float) -> torch.Tensor:
        return training.picture_loss(args.batch) + 0.2 * training.parameter_loss(args.encoded_only) + 0.5 * plain()

    def report(average: nn.ModuleDict) -> str:
        return training.report_of(average["encoder"], average["generator"])

    model = nn.ModuleDict(dict(zip(PARTS, (generator, trunk))))
    own, slow = split_for_muon(trunk, trunk.hidden_layers()), parameter_groups(generator)
    for group in (*slow[0], *slow[1]):
        group["speed"] *= SLOWLY
    groups, matrices = (one + other for one, other in zip(own, slow))
    return Task("joint", model, loss, report, groups, matrices, weight_decay=0.0, keep=0.998)
