"""The product's own refiner on test heads: requests for ``galatea refine``, and the pictures that it made."""

import argparse
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .dataset import TEST_YAWS as YAWS
from .manifest import MANIFEST
from .pictures import to_range


@dataclass
class Heads:
    """Test heads: true pictures `[N,3,3,128,128]` (frontal, yaw −0.35 and +0.35), and what can be said of them."""

    folder: Path
    rows: np.ndarray
    images: Tensor
    attributes: list[dict]

    def names(self, edit: str = "photo") -> list[str]:
        """Identities by row."""
        return [f"{edit}.{row:03d}" for row in self.rows]

    def of(self, edit: str, name: str) -> np.ndarray:
        """An array of an edit's true twins, by row."""
        return np.load(self.folder / "edits" / edit / f"{name}.npy", mmap_mode="r")[self.rows]

    def changed_by(self, edit: str) -> np.ndarray:
        """The places of the heads that the edit changes at all."""
        return np.flatnonzero(self.of(edit, "valid"))

    def only(self, chosen: Tensor) -> "Heads":
        """The heads that a mask `[N]` chooses."""
        kept = [words for words, keep in zip(self.attributes, chosen.tolist()) if keep]
        return Heads(self.folder, self.rows[chosen.numpy()], self.images[chosen], kept)

    def truth(self, edit: str) -> tuple[Tensor, Tensor]:
        """True edited renders `[N,3,3,128,128]` and which heads the edit changes `[N]`."""
        return as_tensor(self.of(edit, "images")), torch.from_numpy(self.of(edit, "valid")).bool()


class Product:
    """``galatea refine`` with a pack and options; requests, avatars and pictures go to folders of OUT."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.out = args, args.out
        self.pack = retuned(args.pack, args.defaults, args.out / "pack") if args.defaults else args.pack

    def refine(self, name: str, requests: list[dict], branches: dict[str, str] | None = None) -> Path:
        """Carries out requests in `OUT/name`; `branches` names the photo's identity that an identity starts from."""
        folder, starts = self.out / name, self.out / f"{name}-starts"
        if name in self.args.keep and folder.is_dir():
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        command = [str(self.args.galatea), "refine", "--pack", str(self.pack), "--out", str(folder)]
        for identity, origin in (branches or {}).items():
            (starts / identity).mkdir(parents=True, exist_ok=True)
            shutil.copy(self.out / "photos" / origin / "avatar.bin", starts / identity)
        if branches:
            command += ["--avatars", str(starts)]
        lines = self.out / f"{name}.jsonl"
        lines.write_text("".join(json.dumps(request) + "\n" for request in requests))
        command += ["--requests", str(lines), "--views", ",".join(map(str, YAWS)), "--threads", str(self.args.threads)]
        subprocess.run([*command, *self.args.option], check=True, stdout=subprocess.DEVNULL)
        outcomes = [json.loads(line) for line in (folder / "outcomes.jsonl").read_text().splitlines()]
        rejected = [f"{o['identity']}: {o['message']}" for o in outcomes if o["status"] == "rejected"]
        if rejected:
            raise SystemExit(f"{len(rejected)} requests of {lines} were rejected; " + "; ".join(rejected[:3]))
        return folder

    def photos(self, heads: Heads) -> list[dict]:
        """Requests that refine the heads' frontal pictures, which are written to OUT."""
        portraits = self.out / "portraits"
        portraits.mkdir(parents=True, exist_ok=True)
        requests = []
        for name, image in zip(heads.names(), heads.images[:, 0]):
            save_picture(image, portraits / f"{name}.png")
            requests.append({"identity": name, "image": f"portraits/{name}.png", "yaw": 0, "pitch": 0})
        return requests


def add_arguments(parser: argparse.ArgumentParser, heads: int) -> None:
    """Options of every command that runs the product; `heads` is the default number of them."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--pack", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--galatea", type=Path, required=True, help="the project's launcher, built")
    parser.add_argument("--out", type=Path, required=True, help="folder for requests, pictures and the table")
    parser.add_argument("--heads", type=int, default=heads)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", nargs="*", default=[], help="what OUT holds already and need not be done again: photos, edits, …")
    more = "a further option of `galatea refine`, as in --option=-Dkey=value; may be repeated"
    parser.add_argument(
        "--defaults", type=json.loads, help="""other numbers of the manifest, such as '{"guidance_scale": 20, "weights": {"prompt": {"pull": 0.1}}}'"""
    )
    parser.add_argument("--option", nargs="*", action="extend", default=[], help=more)


def retuned(pack: Path, changes: dict, out: Path) -> Path:
    """A copy of a pack whose `defaults` are changed; rows of a kind of request are merged, all else is replaced."""
    shutil.copytree(pack, out, dirs_exist_ok=True)
    manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    merge(manifest["defaults"], changes)
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    return out


def merge(into: dict, changes: dict) -> None:
    """Puts changes into a tree of dicts."""
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            into[name] = value


def load_heads(folder: Path, count: int) -> Heads:
    """The first finished heads of the test split."""
    rows = np.flatnonzero(np.load(folder / "done.npy"))[:count]
    attributes = json.loads((folder / "attributes.json").read_text())
    images = as_tensor(np.load(folder / "images.npy", mmap_mode="r")[rows])
    return Heads(folder, rows, images, [attributes[row] for row in rows])


def load_pictures(folder: Path, identities: list[str], version: int) -> Tensor:
    """Pictures `[N,3,3,128,128]` of a version from the three views."""
    files = [[folder / name / f"{version:03d}-{view}.png" for view in range(3)] for name in identities]
    return as_tensor(np.stack([[np.asarray(Image.open(file)) for file in views] for views in files]))


def save_picture(image: Tensor, file: Path) -> None:
    """Writes `[3,S,S]` in [-1, 1]; what is beyond is clipped."""
    pixels = ((image.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(file)


def as_tensor(images: np.ndarray) -> Tensor:
    """uint8 `[N,V,S,S,3]` to `[N,V,3,S,S]` in [-1, 1]."""
    return to_range(torch.from_numpy(np.array(images)).permute(0, 1, 4, 2, 3))
