"""Writes a pack from the user's checkpoints: one network after the other, and the manifest last."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from galatea_packfile.manifest import MANIFEST, write_manifest
from galatea_packfile.torchscript import save_script

from .. import arcface, eg3d, lighting, perceptual
from ..checkpoints.state import CheckpointError
from . import licences
from .part import Part
from .sources import joined, source

DEFAULTS = Path(__file__).with_name("defaults.json")
#: The networks that each checkpoint yields.
PARTS = {
    "eg3d": ("planes", "render", "density"),
    "diffusion": ("text", "prior_encode", "prior"),
    "arcface": ("identity",),
    "perceptual": ("perceptual",),
    "lighting": ("lighting",),
}
#: All networks that an export may write.
NETWORKS = tuple(name for networks in PARTS.values() for name in networks)


@dataclass(frozen=True)
class Request:
    """The checkpoints and options of a pack.

    Args:
        eg3d: checkpoint of the generator. Every other checkpoint may be None; the pack then lacks its guidance.
        eg3d_code: the user's clone of NVlabs/eg3d; a pickle needs it.
        perceptual_heads: heads of LPIPS; torchvision's VGG16 needs them.
        eg3d_options: how EG3D is exported. `precision` overrides its precisions.
        precision: of each network, one of `part.PRECISIONS`.
        id, version, description: of the manifest.
        licence: of all parts, for weights that are not the published ones.
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

    One part is in memory at a time. The manifest is written last. A failed export leaves the folder empty.

    Args:
        out: folder of the pack; made if it does not exist, and empty otherwise.
        say: called with a line for each written file.

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
        for file in out.iterdir():  # an incomplete pack would be in the way of the next attempt
            file.unlink()
        raise


def require_empty(out: Path) -> None:
    """Raises FileExistsError if `out` has files."""
    if out.is_dir() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty; give an empty or a new folder")


def _require_there(request: Request) -> None:
    """Raises CheckpointError for a missing path, before the first part takes its minutes."""
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
            raise ValueError(f"a pack's file cannot have the name '{name}'")
        (out / name).write_bytes(content)


def _sources(part: Part) -> list[dict]:
    """Entries of `sources`. Files that share a name are listed with their folder."""
    plain = [path.name for path in part.source]
    names = plain if len(set(plain)) == len(plain) else [f"{path.parent.name}/{path.name}" for path in part.source]
    return [source(path, name, part.licence, list(part.networks)) for path, name in zip(part.source, names)]


def parts(request: Request) -> Iterator[Part]:
    """The parts of the pack, each read when the caller asks for it."""
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
        from .. import diffusion  # here, as diffusers takes seconds to import

        yield diffusion.load(request.diffusion, half["text"], half["prior_encode"], half["prior"])
