"""The product's refiner on test heads: requests for ``galatea refine``, and the pictures that it makes."""

import argparse
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from galatea_packfile.manifest import read_manifest, save_manifest
from PIL import Image
from torch import Tensor

from ..data.pictures import to_range
from ..data.splits import TEST_YAWS

#: The views of all pictures: yaw in radians, pitch 0.
YAWS = TEST_YAWS


@dataclass
class TestHeads:
    """Heads of the test split.

    Attributes:
        folder: of the test split.
        rows: of the heads in the split's arrays, `[N]`.
        images: true pictures `[N,3,3,128,128]` in [-1, 1], from the views of ``YAWS``.
        attributes: each head in words.
    """

    __test__ = False  # no test, whatever pytest makes of the name

    folder: Path
    rows: np.ndarray
    images: Tensor
    attributes: list[dict]

    def names(self, edit: str = "photo") -> list[str]:
        """The identity of each head under an edit."""
        return [f"{edit}.{row:03d}" for row in self.rows]

    def edit_array(self, edit: str, name: str) -> np.ndarray:
        """An array of an edit's true renders (see ``data.splits``), by head."""
        return np.load(self.folder / "edits" / edit / f"{name}.npy", mmap_mode="r")[self.rows]

    def changed_by(self, edit: str) -> np.ndarray:
        """Indices of the heads that the edit changes."""
        return np.flatnonzero(self.edit_array(edit, "valid"))

    def only(self, chosen: Tensor) -> "TestHeads":
        """The heads that a mask `[N]` chooses."""
        kept = [words for words, keep in zip(self.attributes, chosen.tolist()) if keep]
        return TestHeads(self.folder, self.rows[chosen.numpy()], self.images[chosen], kept)

    def truth(self, edit: str) -> tuple[Tensor, Tensor]:
        """True edited renders `[N,3,3,128,128]`, and a mask `[N]` of the heads that the edit changes."""
        return as_tensor(self.edit_array(edit, "images")), torch.from_numpy(self.edit_array(edit, "valid")).bool()


class Refiner:
    """``galatea refine`` with one pack and one set of options. Requests, avatars and pictures go to folders of OUT."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.out = args, args.out
        self.pack = with_defaults(args.pack, args.defaults, args.out / "pack") if args.defaults else args.pack

    def refine(
        self, name: str, requests: list[dict], branches: dict[str, str] | None = None, may_refuse: bool = False
    ) -> Path:
        """Refines requests in ``OUT/name``; returns the folder.

        Args:
            name: of the folder. A folder that ``--keep`` names is used as it is.
            requests: in the product's JSON form.
            branches: for an identity, the photo's identity whose avatar it starts from.
            may_refuse: whether the product may reject requests.

        Raises:
            SystemExit: the product rejected a request, and may not.
            subprocess.CalledProcessError: the product failed.
        """
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
        if rejected and not may_refuse:
            raise SystemExit(f"the product rejected {len(rejected)} requests of {lines}: " + "; ".join(rejected[:3]))
        return folder

    def photos(self, heads: TestHeads) -> list[dict]:
        """Writes the frontal pictures of the heads to OUT; returns requests that refine them."""
        portraits = self.out / "portraits"
        portraits.mkdir(parents=True, exist_ok=True)
        requests = []
        for name, image in zip(heads.names(), heads.images[:, 0]):
            save_picture(image, portraits / f"{name}.png")
            requests.append({"identity": name, "image": f"portraits/{name}.png", "aligned": True, "yaw": 0, "pitch": 0})
        return requests


def add_arguments(parser: argparse.ArgumentParser, heads: int) -> None:
    """Adds the options of a command that runs the product; `heads` is the default of ``--heads``."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--pack", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--galatea", type=Path, required=True, help="the project's launcher `galatea`")
    parser.add_argument("--out", type=Path, required=True, help="folder for requests, pictures and the table")
    parser.add_argument("--heads", type=int, default=heads, help="number of test heads")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the product")
    parser.add_argument("--keep", nargs="*", default=[], help="folders of OUT to use as they are: photos, edits, …")
    changes = """changes of the manifest's defaults, such as '{"weights": {"prompt": {"pull": 0.1}}}'"""
    parser.add_argument("--defaults", type=json.loads, help=changes)
    more = "another option of `galatea refine`, as in --option=-Dkey=value; may be repeated"
    parser.add_argument("--option", nargs="*", action="extend", default=[], help=more)


def with_defaults(pack: Path, changes: dict, out: Path) -> Path:
    """Copies a pack to ``out`` and changes its `defaults`; returns ``out``. Objects are merged, other values replaced."""
    shutil.copytree(pack, out, dirs_exist_ok=True)
    manifest = read_manifest(out)
    merge(manifest["defaults"], changes)
    save_manifest(out, manifest)
    return out


def merge(into: dict, changes: dict) -> None:
    """Merges changes into nested dicts, in place."""
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            into[name] = value


def load_heads(folder: Path, count: int) -> TestHeads:
    """The first finished heads of the test split."""
    rows = np.flatnonzero(np.load(folder / "done.npy"))[:count]
    attributes = json.loads((folder / "attributes.json").read_text())
    images = as_tensor(np.load(folder / "images.npy", mmap_mode="r")[rows])
    return TestHeads(folder, rows, images, [attributes[row] for row in rows])


def load_pictures(folder: Path, identities: list[str], version: int) -> Tensor:
    """Pictures `[N,3,3,128,128]` of one version of each identity, from the three views."""
    files = [[folder / name / f"{version:03d}-{view}.png" for view in range(3)] for name in identities]
    return as_tensor(np.stack([[np.asarray(Image.open(file)) for file in views] for views in files]))


def save_picture(image: Tensor, file: Path) -> None:
    """Writes a picture `[3,S,S]` as PNG. Values outside [-1, 1] are clipped."""
    pixels = ((image.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(file)


def as_tensor(images: np.ndarray) -> Tensor:
    """Pictures uint8 `[N,V,S,S,3]` as float32 `[N,V,3,S,S]` in [-1, 1]."""
    return to_range(torch.from_numpy(np.array(images)).permute(0, 1, 4, 2, 3))
