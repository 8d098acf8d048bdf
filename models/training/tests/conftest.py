"""A small dataset of random buffers, a folder of checkpoints and the tiny test pack, shared by the tests."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from galatea_reference.pack import Pack

from galatea_training.data import edit_pairs, expressions, identities, splits, storage
from galatea_training.networks.encoder import Encoder
from galatea_training.networks.generator import Generator
from galatea_training.networks.planes import LatentPlanes
from galatea_training.render.shading import BACKDROP

HEADS = 3
TINY = Path(__file__).parents[3] / "src" / "engine" / "test" / "resources" / "packs" / "tiny"


@pytest.fixture(scope="module")
def pack():
    """The tiny test pack."""
    return Pack(TINY)


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory):
    """Folder of a dataset in which every array is whole; pictures are noise, the rest is as the renderer writes it."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for split in ("train", "val"):
        with storage.locked(folder / split):
            splits.create(folder / split, split, HEADS)
        arrays = storage.load(folder / split, "r+")
        arrays["buffers"][:] = rng.integers(0, 256, arrays["buffers"].shape)
        for row in range(HEADS):
            head, cameras, _ = splits.draw_row(split, row)
            arrays["cameras"][row], arrays["params"][row], arrays["done"][row] = cameras, head.params, 1
    with storage.locked(folder / "train" / "edit_pairs"):
        edit_pairs.create(folder / "train" / "edit_pairs", HEADS)
    families = storage.load(folder / "train" / "edit_pairs", "r+")
    for row, member, view in np.ndindex(families["buffers"].shape[:3]):
        families["buffers"][row, member, view] = row + 10 * member + 100 * view
    families["done"][:] = 1
    with storage.locked(folder / "train" / "expressions"):
        expressions.create(folder / "train" / "expressions", HEADS)
    others = storage.load(folder / "train" / "expressions", "r+")
    others["buffers"][:] = rng.integers(0, 256, others["buffers"].shape)
    others["params"][:], others["done"][:] = storage.load(folder / "train")["params"], 1
    with storage.locked(folder / "identities"):
        identities.create(folder / "identities", 10)
    people = storage.load(folder / "identities", "r+")
    people["images"][:] = rng.integers(0, 256, people["images"].shape)
    people["done"][:] = 1
    return folder


@pytest.fixture
def generator(tiny_data):
    """An untrained generator for the heads of ``tiny_data``."""
    params = json.loads((tiny_data / "train" / "meta.json").read_text())["param_names"]
    return Generator(len(params), BACKDROP)


@pytest.fixture
def runs(tmp_path, generator):
    """A folder of checkpoints of an untrained generator and encoder; what takes long to measure, one in all directions."""
    planes = LatentPlanes(generator.planes)
    for name, model in (("generator", generator), ("encoder", Encoder(generator, planes.basis).trunk)):
        torch.save({"average": model.state_dict()}, tmp_path / f"{name}.ckpt")
    measured = {name: value for name, value in planes.state_dict().items() if not name.startswith("planes.")}
    torch.save(measured, tmp_path / "basis.ckpt")
    torch.save(torch.eye(len(generator.mapping.mean)), tmp_path / "metric.ckpt")
    return tmp_path
