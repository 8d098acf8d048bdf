"""Reads checkpoints as plain tensors by name, and checks them against an architecture by key and shape."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

N = TypeVar("N", bound=nn.Module)

#: So many keys are named in a message; the rest is counted.
_NAMED = 3


class CheckpointError(ValueError):
    """A checkpoint is missing, broken or of another architecture; the message says what is expected."""


def read_state(path: Path) -> dict[str, Tensor]:
    """Reads the tensors of a state dict on the CPU, in the precision of the file.

    Args:
        path: a `.safetensors` file, or a dict of tensors that `torch.save` wrote. No code of the file runs.

    Raises:
        CheckpointError: the file is missing, truncated, or holds anything but tensors by name.
    """
    if not path.is_file():
        raise CheckpointError(f"{path} is not a file")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a broken file may fail in any way
        told = f"{type(error).__name__}: {error}"
        raise CheckpointError(f"{path} cannot be read as a checkpoint of tensors: {told}") from error
    return tensors(state, path)


def tensors(state: object, source: Path | str) -> dict[str, Tensor]:
    """The state as a dict of tensors by name.

    Raises:
        CheckpointError: it is something else.
    """
    if not isinstance(state, Mapping):
        raise CheckpointError(f"{source} holds a {type(state).__name__}; it must hold tensors by name")
    for key, value in state.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise CheckpointError(f"{source}: {key!r} is a {type(value).__name__}; it must be a tensor under a name")
    return dict(state)


def fill(
    network: N, state: Mapping[str, Tensor], source: Path | str, unused: Iterable[str] = ()
) -> N:
    """Fills a network with the tensors of a checkpoint, by name, and freezes it in eval mode.

    Args:
        network: may be on the meta device; its parameters and buffers are replaced, in their own dtype.
        state: what the checkpoint holds.
        source: named in messages.
        unused: regular expressions of whole keys that the checkpoint may have though the network does not.

    Raises:
        CheckpointError: a key is missing or unknown, a shape differs, or a number is not finite.
    """
    wanted = network.state_dict()
    allowed = [re.compile(pattern) for pattern in unused]
    missing = [key for key in wanted if key not in state]
    unknown = [key for key in state if key not in wanted and not any(p.fullmatch(key) for p in allowed)]
    if missing:
        raise CheckpointError(
            f"{source} lacks {_named(missing)}" + (f", and has the unknown {_named(unknown)}" if unknown else "")
            + "; it is truncated or of another architecture"
        )
    if unknown:
        raise CheckpointError(f"{source} has {_named(unknown)}, which this architecture does not")
    fitted = {key: _fitted(key, state[key], value, source) for key, value in wanted.items()}
    network.load_state_dict(fitted, strict=True, assign=True)
    return network.eval().requires_grad_(False)


def _fitted(key: str, given: Tensor, wanted: Tensor, source: Path | str) -> Tensor:
    if given.shape != wanted.shape:
        raise CheckpointError(f"{source}: '{key}' has the shape {list(given.shape)}; it must be {list(wanted.shape)}")
    if not torch.isfinite(given).all():
        raise CheckpointError(f"{source}: '{key}' holds numbers that are not finite")
    return given.detach().to(wanted.dtype).contiguous()


def _named(keys: list[str]) -> str:
    names = ", ".join(f"'{key}'" for key in keys[:_NAMED])
    return names if len(keys) <= _NAMED else f"{names} and {len(keys) - _NAMED} more keys"


def prefixed(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with the prefix, under names without it."""
    return {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}


def leading(state: Mapping[str, Tensor], key: str, source: Path | str) -> int:
    """The first size of a tensor, from which an architecture takes its width.

    Raises:
        CheckpointError: there is no such key, or it is a single number.
    """
    if key not in state or state[key].dim() == 0:
        raise CheckpointError(f"{source} lacks '{key}'; it is truncated or of another architecture")
    return state[key].shape[0]
