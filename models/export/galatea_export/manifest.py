"""The manifest of a pack: `pack.json` (docs/pack.md), with where every network came from."""

import hashlib
import json
from pathlib import Path

MANIFEST = "pack.json"
#: The networks of the contract, in its order.
NETWORKS = ("planes", "render", "perceptual", "identity", "lighting", "text", "prior_encode", "prior")
_CHUNK = 1 << 20


def describe(path: Path) -> dict:
    """SHA-256 (hex) and bytes of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return {"sha256": digest.hexdigest(), "bytes": path.stat().st_size}


def source(path: Path, name: str, licence: str, networks: list[str]) -> dict:
    """An entry of `sources`: a checkpoint's file and the networks made of it."""
    return {"file": name, **describe(path), "licence": licence, "networks": networks}


def joined(licences: list[str]) -> str:
    """The SPDX expression of all licences together."""
    return " AND ".join(dict.fromkeys(licences))


def write_manifest(folder: Path, facts: dict) -> Path:
    """Writes `pack.json` into `folder`: the given facts, the networks and files that lie there. Returns its path."""
    networks = {name: f"{name}.pt" for name in NETWORKS if (folder / f"{name}.pt").is_file()}
    files = {path.name: describe(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    path = folder / MANIFEST
    content = {**facts, "networks": networks, "files": files}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
