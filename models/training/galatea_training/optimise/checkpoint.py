"""Reads checkpoints of training runs, and keeps measurements that are made once."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor


def averaged_weights(checkpoint: Path) -> dict[str, Tensor]:
    """The averaged weights of a checkpoint, on the CPU. Older checkpoints hold nothing but weights."""
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    return state.get("average", state)


def measured_once(path: Path, measure: Callable[[], object]) -> object:
    """The measurement in a file. Without the file, ``measure`` makes the measurement, and the file keeps it."""
    if not path.is_file():
        torch.save(measure(), path)
    return torch.load(path, weights_only=True)


def state_of_part(state: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """The state of one part of a network, under the part's own keys."""
    prefix = f"{name}."
    return {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}
