"""Argument types of the command line, and the option that both commands have."""

import argparse

from .pack import NETWORKS, PARTS
from .part import PRECISIONS


def within(low: int, high: int):
    """An argument type: whole numbers from `low` to `high`."""

    def number(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is not from {low} to {high}")
        return value

    return number


def add_precision(parser: argparse.ArgumentParser) -> None:
    """Adds `--precision`; `precisions` joins its values."""
    parser.add_argument(
        "--precision", action="append", default=[], metavar="[NAME=]P", type=precision,
        help=f"arithmetic inside the networks: {', '.join(PRECISIONS)} (default fp32). Without NAME for all networks; NAME is "
        f"a checkpoint ({', '.join(PARTS)}) or a network ({', '.join(NETWORKS)}). May be repeated",
    )  # fmt: skip


def precision(text: str) -> dict[str, str]:
    """Precision by network: `fp16` for all, `diffusion=fp16` for a checkpoint's networks, `prior=fp16` for one network."""
    name, _, value = text.rpartition("=")
    networks = PARTS.get(name, (name,)) if name else NETWORKS
    if value not in PRECISIONS or not set(networks) <= set(NETWORKS):
        raise argparse.ArgumentTypeError(
            f"'{text}' must be one of {', '.join(PRECISIONS)}, or NAME=PRECISION as in diffusion=fp16, where NAME is one of "
            f"{', '.join(dict.fromkeys((*PARTS, *NETWORKS)))}"
        )
    return dict.fromkeys(networks, value)


def precisions(given: list[dict[str, str]]) -> dict[str, str]:
    """The precision of every network. The value for fewer networks wins; of equal ones, the later value wins."""
    result = dict.fromkeys(NETWORKS, "fp32")
    for value in sorted(given, key=len, reverse=True):
        result |= value
    return result
