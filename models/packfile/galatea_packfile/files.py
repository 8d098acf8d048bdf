"""The files beside a pack's networks: hashes, and raw little-endian float32 arrays."""

import hashlib
from pathlib import Path

import numpy as np
from torch import Tensor

_CHUNK_BYTES = 1 << 20


def describe_file(path: Path) -> dict:
    """SHA-256 (hexadecimal) and size in bytes of a file, as the manifest's `files` lists them.

    Raises:
        FileNotFoundError: the file is missing.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return {"sha256": digest.hexdigest(), "bytes": path.stat().st_size}


def float_bytes(values: Tensor) -> bytes:
    """The values in memory order as little-endian float32."""
    return values.detach().cpu().numpy().astype("<f4").tobytes()


def read_floats(path: Path) -> np.ndarray:
    """All values of a raw float32 file, flat."""
    return np.fromfile(path, dtype="<f4")
