"""Command line: ``python -m galatea_training COMMAND …``.

A command is a module of this package with ``add_arguments(parser)`` and ``run(args)``; the first line of the
module's docstring is its help. Modules are imported only when their command is called.
"""

import argparse
import importlib
import sys

COMMANDS = {
    "all": "carry out the whole recipe, from rendering to the pack",
    "dataset": "render heads into the train, val and test sets",
    "twins": "render families of heads that differ in one trait",
    "moods": "render training heads with another mouth",
    "text": "train the text network to tell the facts of captions",
    "generator": "train the tri-plane generator",
    "prior": "train the diffusion prior, and the text network on with it",
    "disguises": "render the same faces under other hair, beards, glasses and moods",
    "identity": "train the trunk and the identity network",
    "generated": "draw pictures by the generator with known light for the lighting network",
    "glances": "train the lighting and the pose network",
    "judge": "train the network that judges pictures apart from the pack's",
    "encoder": "train the image-to-latent encoder",
    "polish": "train the generator and the encoder on together",
    "export": "write planes.pt, render.pt, encoder.pt and the mean latent",
    "pack": "export the other networks and assemble the pack",
    "mapper": "train the latent mapper, which prompts begin with",
    "unpack": "write checkpoints of a pack to train on from",
    "check": "check a pack against its contract",
    "evaluate": "measure a pack on unseen heads by the product's own refiner",
    "steps": "count the steps in which the product reaches the scores of a FaceDNeRF-style loop",
    "samples": "render the sample portraits of the demo",
    "tiny-pack": "write the test packs of random weights",
    "tiny-steps": "write the steps that the Java refinement is tested against",
}

MODULES = {
    "all": "recipe",
    "generator": "train_generator",
    "encoder": "train_encoder",
    "text": "train_text",
    "mapper": "train_mapper",
    "prior": "train_prior",
    "identity": "train_identity",
    "glances": "train_glances",
    "tiny-pack": "tiny_pack",
    "tiny-steps": "tiny_steps",
}


def main(argv: list[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="galatea_training", description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=COMMANDS, help="; ".join(f"{k}: {v}" for k, v in COMMANDS.items()))
    command = parser.parse_args(argv[:1]).command
    module = importlib.import_module(f"galatea_training.{MODULES.get(command, command)}")
    command_parser = argparse.ArgumentParser(
        prog=f"galatea_training {command}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(command_parser)
    return module.run(command_parser.parse_args(argv[1:])) or 0


if __name__ == "__main__":
    sys.exit(main())
