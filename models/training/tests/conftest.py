"""What tests share: a dataset of random buffers, as small as a dataset can be, and the tiny test pack."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from galatea_training import dataset, disguises, moods, twins
from galatea_training.encoder import Encoder
from galatea_training.generator import Generator, PlanesOfLatent
from galatea_training.refine import Pack
from galatea_training.shading import BACKDROP

HEADS = 3
TINY = Path(__file__).parents[3] / "src" / "test" / "resources" / "packs" / "tiny"


@pytest.fixture(scope="module")
def pack():
    """The tiny test pack."""
    return Pack(TINY)


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory):
    """Folder of a dataset in which every array is whole; pictures are noise, the rest is as the renderer writes it."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for split in ("train", "val"):
        with dataset.alone(folder / split):
            dataset.create(folder / split, split, HEADS)
        arrays = dataset.load(folder / split, "r+")
        arrays["buffers"][:] = rng.integers(0, 256, arrays["buffers"].shape)
        for row in range(HEADS):
            head, cameras, _ = dataset.draw_row(split, row)
            arrays["cameras"][row], arrays["params"][row], arrays["done"][row] = cameras, head.params, 1
    with dataset.alone(folder / "train" / "twins"):
        twins.create(folder / "train" / "twins", HEADS)
    families = dataset.load(folder / "train" / "twins", "r+")
    for row, member, view in np.ndindex(families["buffers"].shape[:3]):
        families["buffers"][row, member, view] = row + 10 * member + 100 * view
    families["done"][:] = 1
    with dataset.alone(folder / "train" / "moods"):
        moods.create(folder / "train" / "moods", HEADS)
    others = dataset.load(folder / "train" / "moods", "r+")
    others["buffers"][:] = rng.integers(0, 256, others["buffers"].shape)
    others["params"][:], others["done"][:] = dataset.load(folder / "train")["params"], 1
    with dataset.alone(folder / "disguises"):
        disguises.create(folder / "disguises", 10)
    people = dataset.load(folder / "disguises", "r+")
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
    planes = PlanesOfLatent(generator.planes)
    for name, model in (("generator", generator), ("encoder", Encoder(generator, planes.basis).trunk)):
        torch.save({"average": model.state_dict()}, tmp_path / f"{name}.ckpt")
    measured = {name: value for name, value in planes.state_dict().items() if not name.startswith("planes.")}
    torch.save(measured, tmp_path / "basis.ckpt")
    torch.save(torch.eye(len(generator.mapping.mean)), tmp_path / "metric.ckpt")
    return tmp_path
