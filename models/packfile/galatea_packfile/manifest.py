"""The manifest of a pack: `pack.json`, with the size and SHA-256 of every file (docs/pack.md)."""

import json
import math
import re
from pathlib import Path

from .files import describe_file

MANIFEST = "pack.json"
#: The networks of the contract, in the order of docs/pack.md.
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
    "align",
    "matte",
    "density",
)
#: Kinds of requests; a manifest's `defaults` are given for each kind.
KINDS = ("image", "prompt", "light")
#: The guidances that every installation has. The manifest's key `pull` is the latent anchor.
GUIDANCES = ("reconstruction", "identity", "score_distillation", "illumination", "pull")
#: Views that a guidance of a pack may look at.
VIEWS = ("source", "side")
_NAME = re.compile(r"(?=.{1,64}$)[a-z0-9]+([-_][a-z0-9]+)*")


def read_manifest(folder: Path) -> dict:
    """The manifest in a pack's folder.

    Raises:
        FileNotFoundError: the folder has no manifest.
        json.JSONDecodeError: the manifest is not JSON.
    """
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def write_manifest(folder: Path, facts: dict) -> Path:
    """Writes `pack.json` into `folder`.

    Args:
        folder: already holds every file of the pack.
        facts: all sections except `networks` and `files`, which are taken from the folder. An optional section
            `guidances` names the guidances that the pack brings (see `check_guidances`).

    Returns:
        The path of the manifest.

    Raises:
        FileNotFoundError: a file that the facts name is missing.
        ValueError: the section `guidances` is wrong.
    """
    guidances = facts.get("guidances", {})
    check_guidances(guidances)
    networks = {name: f"{name}.pt" for name in NETWORKS if (folder / f"{name}.pt").is_file()}
    named = {facts["latent"]["mean"], *networks.values(), *(guidance["network"] for guidance in guidances.values())}
    if "text" in facts:
        named.add(facts["text"]["tokenizer"])
    if "prior" in facts:
        named.add(facts["prior"]["alphas_cumprod"])
    files = {name: describe_file(folder / name) for name in sorted(named)}
    return save_manifest(folder, {**facts, "networks": networks, "files": files})


def save_manifest(folder: Path, manifest: dict) -> Path:
    """Writes a complete manifest as it is; returns its path."""
    path = folder / MANIFEST
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def check_guidances(guidances: dict) -> None:
    """Checks the section `guidances`: `{name: {"network": FILE, "view": VIEW, "weights": {KIND: NUMBER}}}`.

    The network of a guidance is TorchScript `(picture [B,3,S,S], reference [B,3,S,S]) → loss [B]`. `weights` is optional; a
    kind of request without a weight has weight 0.

    Raises:
        ValueError: a name is taken, a key is missing or unknown, or a value is out of range.
    """
    for name, guidance in guidances.items():
        if name in GUIDANCES or name in NETWORKS:
            raise ValueError(f"guidance '{name}': the name belongs to a built-in guidance or network")
        if not _NAME.fullmatch(name):
            raise ValueError(f"guidance '{name}': a name is 1 to 64 lower-case letters and digits, in words joined by - or _")
        if set(guidance) | {"weights"} != {"network", "weights", "view"}:
            raise ValueError(f"guidance '{name}': the keys must be network, view and weights, not {sorted(guidance)}")
        if Path(guidance["network"]).name != guidance["network"]:
            raise ValueError(f"guidance '{name}': the network must be a file in the pack's folder")
        if guidance["view"] not in VIEWS:
            raise ValueError(f"guidance '{name}': the view must be {' or '.join(VIEWS)}, not '{guidance['view']}'")
        for kind, weight in guidance.get("weights", {}).items():
            if kind not in KINDS:
                raise ValueError(f"guidance '{name}': '{kind}' is no kind of request; the kinds are {', '.join(KINDS)}")
            if not 0 <= weight < math.inf:
                raise ValueError(f"guidance '{name}': the weight of {kind} must be finite and at least 0, not {weight}")
