"""Types of the command line's arguments, and what both of its commands take."""

import argparse

from .manifest import NETWORKS
from .pack import PARTS
from .part import PRECISIONS


def within(low: int, high: int):
    """A type of whole numbers from `low` to `high`."""

    def number(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is not from {low} to {high}")
        return value

    return number


def add_precision(parser: argparse.ArgumentParser) -> None:
    """Adds `--precision`, whose values `precisions` joins."""
    parser.add_argument(
        "--precision", action="append", default=[], metavar="[NAME=]P", type=precision,
        help=f"arithmetic inside the networks, {', '.join(PRECISIONS)} (default fp32); of all, of those of one of "
        f"{', '.join(PARTS)}, or of one of {', '.join(NETWORKS)}; may be repeated",
    )  # fmt: skip


def precision(text: str) -> dict[str, str]:
    """By network: `fp16` of all, `diffusion=fp16` of a checkpoint's, `prior=fp16` of one."""
    name, _, value = text.rpartition("=")
    networks = PARTS.get(name, (name,)) if name else NETWORKS
    if value not in PRECISIONS or not set(networks) <= set(NETWORKS):
        raise argparse.ArgumentTypeError(
            f"'{text}' is neither one of {', '.join(PRECISIONS)}, nor such a one for one of "
            f"{', '.join(dict.fromkeys((*PARTS, *NETWORKS)))}, as in diffusion=fp16"
        )
    return dict.fromkeys(networks, value)


def precisions(given: list[dict[str, str]]) -> dict[str, str]:
    """Of every network: what is said of fewer holds against what is said of more, and the later against the earlier."""
    joined = dict.fromkeys(NETWORKS, "fp32")
    for said in sorted(given, key=len, reverse=True):
        joined |= said
    return joined
