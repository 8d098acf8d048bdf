"""Command line: ``python -m galatea_training COMMAND …``.

A command is a module of this package with ``add_arguments(parser)`` and ``run(args)``, called by its name. The first line
of the module's docstring is its help. Only the module of the called command is imported.
"""

import argparse
import ast
import importlib
import sys
from pathlib import Path

#: All commands, in the order of the recipe.
COMMANDS = (
    "recipe",
    "data.splits",
    "data.expressions",
    "data.edit_pairs",
    "data.identities",
    "data.generated",
    "data.wide_views",
    "train.text",
    "train.generator",
    "train.prior",
    "train.identity",
    "train.lighting",
    "train.pose",
    "train.judge",
    "train.encoder",
    "train.align",
    "train.matte",
    "train.photo_encoder",
    "train.photo_joint",
    "train.joint",
    "train.latent_mapper",
    "assemble.generator",
    "assemble.pack",
    "assemble.photo_networks",
    "assemble.unpack",
    "assemble.tiny_pack",
    "assemble.guidance",
    "evaluate.quality",
    "evaluate.other_renderer",
    "evaluate.steps",
    "evaluate.photograph_fixtures",
    "render.portraits",
)


def main(argv: list[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    listing = "\n".join(f"  {command:20s} {summary(command)}" for command in COMMANDS)
    parser = argparse.ArgumentParser(
        prog="galatea_training",
        description=f"Trains the maquette. Commands:\n\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of the commands above")
    command = parser.parse_args(argv[:1]).command
    module = importlib.import_module(f"{__package__}.{command}")
    command_parser = argparse.ArgumentParser(
        prog=f"galatea_training {command}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(command_parser)
    return module.run(command_parser.parse_args(argv[1:])) or 0


def summary(command: str) -> str:
    """The first line of a command's docstring, read without importing the module."""
    source = Path(__file__).parent.joinpath(*command.split(".")).with_suffix(".py")
    return ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))).split("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
