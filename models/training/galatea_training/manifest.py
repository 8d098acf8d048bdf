"""The manifest of a pack: `pack.json` with the size and SHA-256 of every file (docs/pack.md)."""

import hashlib
import json
from pathlib import Path

MANIFEST = "pack.json"
NETWORKS = (
    "planes",
    "render",
    "perceptual",
    "identity",
    "lighting",
    "text",
    "prior_encode",
    "prior",
    "encoder",
    "mapping",
    "latent_mapper",
    "pose",
)


def write_manifest(folder: Path, facts: dict) -> Path:
    """Writes `pack.json` into `folder`: the given facts, its networks and its files. Returns the manifest's path.

    Raises FileNotFoundError where a file that the facts name is missing.
    """
    networks = {name: f"{name}.pt" for name in NETWORKS if (folder / f"{name}.pt").is_file()}
    named = [facts["latent"]["mean"], *networks.values()]
    if "text" in facts:
        named.append(facts["text"]["tokenizer"])
    if "prior" in facts:
        named.append(facts["prior"]["alphas_cumprod"])
    manifest = {**facts, "networks": networks, "files": {name: describe(folder / name) for name in sorted(named)}}
    path = folder / MANIFEST
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def describe(path: Path) -> dict:
    """SHA-256 (hex) and bytes of a file."""
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
