"""The part of a pack that one checkpoint yields."""

from dataclasses import dataclass, field
from pathlib import Path

from torch import nn

#: Arithmetic inside a network; its edges are float32.
PRECISIONS = ("fp32", "fp16", "bf16")


@dataclass(frozen=True)
class Part:
    """Networks of a checkpoint, and their sections of the manifest.

    Args:
        networks: by their keys in the manifest (docs/pack.md), frozen, in eval mode, scriptable.
        licence: of the weights, an SPDX identifier or a `LicenseRef-…`.
        source: files of the checkpoint; the manifest records their hashes.
        sections: sections of the manifest, such as `{"identity": {"width": 512}}`.
        files: other files of the pack by name, such as `tokenizer.json`.
    """

    networks: dict[str, nn.Module]
    licence: str
    source: list[Path]
    sections: dict = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
