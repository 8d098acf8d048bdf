"""Datasets on disk: arrays that several processes fill together, and the options of rendering commands."""

import argparse
import contextlib
import fcntl
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Makes the folder and holds its lock: other processes that render into the folder wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def create_arrays(folder: Path, rows: int, **arrays: tuple) -> None:
    """Creates empty arrays, and the array ``done`` that marks finished rows.

    Args:
        rows: length of every array.
        arrays: by name, the type of an array and the shape of one row.
    """
    for name, (dtype, *shape) in (arrays | {"done": (np.uint8,)}).items():
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", dtype, (rows, *shape)).flush()


def load(folder: Path, mode: str = "r") -> dict[str, np.ndarray]:
    """All arrays of a folder by name, memory-mapped. The array ``done`` marks finished rows."""
    return {path.stem: np.load(path, mmap_mode=mode) for path in sorted(Path(folder).glob("*.npy"))}


def unfinished_rows(done: np.ndarray, args: argparse.Namespace, unit: str, limit_s: float = math.inf) -> Iterator[int]:
    """The unfinished rows of this process's share, with a progress bar, until the time limit."""
    began = time.monotonic()
    rows = [row for row in range(args.part, len(done), args.parts) if not done[row]]
    for row in tqdm(rows, unit=unit, mininterval=10):
        if time.monotonic() - began > limit_s:
            return
        yield row


def add_share_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a command whose rows several processes may share."""
    parser.add_argument("--assets", type=Path, required=True, help="folder of MakeHuman's free files")
    parser.add_argument("--out", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--part", type=int, default=0, help="which share of the rows this process renders")
    parser.add_argument("--parts", type=int, default=1, help="number of processes that share the rows")


def add_limit_argument(parser: argparse.ArgumentParser) -> None:
    """Adds the time limit of a command that renders as many rows as the time allows."""
    parser.add_argument("--limit-s", type=float, default=3600, help="stop after this many seconds; run again to continue")
