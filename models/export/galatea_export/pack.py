"""Writes a pack from the checkpoints that the user has: each network in turn, and the manifest last."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import arcface, eg3d, licences, lighting, perceptual
from .checkpoint import CheckpointError
from .manifest import MANIFEST, NETWORKS, joined, source, write_manifest
from .part import Part
from .torchscript import save_script

DEFAULTS = Path(__file__).with_name("defaults.json")
#: The networks that each checkpoint gives.
PARTS = {
    "eg3d": ("planes", "render"),
    "diffusion": ("text", "prior_encode", "prior"),
    "arcface": ("identity",),
    "perceptual": ("perceptual",),
    "lighting": ("lighting",),
}


@dataclass(frozen=True)
class Request:
    """What to make a pack of.

    Args:
        eg3d: checkpoint of the generator; the other checkpoints may be None, and the pack lacks that guidance.
        eg3d_code: the user's clone of NVlabs/eg3d, for a pickle.
        perceptual_heads: LPIPS's heads, for torchvision's VGG16.
        eg3d_options: how EG3D is exported; its precisions are of `precision`.
        precision: of each network, one of `part.PRECISIONS`.
        id, version, description: as the manifest tells them.
        licence: of all parts, where their weights are not the published ones.
    """

    eg3d: Path
    eg3d_code: Path | None = None
    diffusion: Path | None = None
    arcface: Path | None = None
    perceptual: Path | None = None
    perceptual_heads: Path | None = None
    lighting: Path | None = None
    eg3d_options: eg3d.Options = eg3d.Options()
    precision: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NETWORKS, "fp32"))
    id: str = "facednerf"
    version: int = 1
    description: str = "FaceDNeRF's networks (Zhang et al., NeurIPS 2023), exported from their published checkpoints"
    licence: str | None = None


def write_pack(request: Request, out: Path, say: Callable[[str], None] = print) -> Path:
    """Writes the whole pack into `out` and returns its manifest.

    One part is in memory at a time. The manifest is written last; an export that fails leaves the folder empty.

    Args:
        out: made if it is not there; must be empty.
        say: told each file as it is written.

    Raises:
        CheckpointError: a checkpoint is missing, broken or of another architecture.
        FileExistsError: `out` has files.
    """
    require_empty(out)
    _require_there(request)
    out.mkdir(parents=True, exist_ok=True)
    try:
        return _fill(out, request, say)
    except BaseException:
        for file in out.iterdir():  # no pack, and in the way of the next attempt
            file.unlink()
        raise


def require_empty(out: Path) -> None:
    """Raises FileExistsError where `out` has files."""
    if out.is_dir() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty; give an empty or a new folder")


def _require_there(request: Request) -> None:
    """Before the first part takes its minutes."""
    given = (request.eg3d, request.eg3d_code, request.diffusion, request.arcface)
    for path in (*given, request.perceptual, request.perceptual_heads, request.lighting):
        if path and not path.exists():
            raise CheckpointError(f"{path} is not there")


def _fill(out: Path, request: Request, say: Callable[[str], None]) -> Path:
    facts: dict = {"format": 1, "id": request.id, "version": request.version, "description": request.description}
    sections: dict = {}
    sources: list[dict] = []
    for part in parts(request):
        _write(part, out, say)
        sections.update(part.sections)
        sources += _sources(part)
    facts["licence"] = joined([entry["licence"] for entry in sources])
    facts |= sections
    facts["defaults"] = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    return write_manifest(out, {**facts, "sources": sources})


def _write(part: Part, out: Path, say: Callable[[str], None]) -> None:
    for name, network in part.networks.items():
        path = out / f"{name}.pt"
        save_script(network, path)
        say(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    for name, content in part.files.items():
        if name == MANIFEST or Path(name).name != name:
            raise ValueError(f"'{name}' is no name for a file of a pack")
        (out / name).write_bytes(content)


def _sources(part: Part) -> list[dict]:
    """The checkpoint's files; those that share a name, each with the folder that it lies in."""
    plain = [path.name for path in part.source]
    names = plain if len(set(plain)) == len(plain) else [f"{path.parent.name}/{path.name}" for path in part.source]
    return [source(path, name, part.licence, list(part.networks)) for path, name in zip(part.source, names)]


def parts(request: Request) -> Iterator[Part]:
    """The parts of the pack, each made when it is asked for."""
    for part in _published(request):
        yield replace(part, licence=request.licence) if request.licence else part


def _published(request: Request) -> Iterator[Part]:
    half = request.precision
    options = replace(request.eg3d_options, planes=half["planes"], render=half["render"])
    yield eg3d.part(request.eg3d, request.eg3d_code, options)
    if request.perceptual:
        network = perceptual.load(request.perceptual, request.perceptual_heads, half["perceptual"])
        files = [path for path in (request.perceptual, request.perceptual_heads) if path]
        yield Part({"perceptual": network}, licences.VGG16, files)
    if request.arcface:
        network = arcface.load(request.arcface, half["identity"])
        sections = {"identity": {"width": arcface.width_of(network)}}
        yield Part({"identity": network}, licences.ARCFACE, [request.arcface], sections)
    if request.lighting:
        yield Part({"lighting": lighting.load(request.lighting, half["lighting"])}, licences.DPR, [request.lighting])
    if request.diffusion:
        from . import diffusion  # here, as diffusers takes seconds to import

        yield diffusion.load(request.diffusion, half["text"], half["prior_encode"], half["prior"])
