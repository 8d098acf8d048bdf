"""Polishing: both networks learn, what edits were learned on stays, and both are put where they came from."""

import argparse

import pytest
import torch

from galatea_training import polish
from galatea_training.encoder import load_encoder
from galatea_training.export import load_generator
from galatea_training.generator import PlanesOfLatent


@pytest.fixture
def polished(runs, tiny_data, generator):
    """The folder of a run of a few steps, and the generator before it."""
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    parser = argparse.ArgumentParser()
    polish.add_arguments(parser)
    words = f"--data {tiny_data} --runs {runs} --minutes 0.01 --batch 2 --plain 1 --warmup 1 --device cpu"
    polish.run(parser.parse_args(words.split()))
    return runs, before


def test_both_learn_and_mapping_and_what_a_warp_reads_stay(polished):
    runs, before = polished
    after = load_generator(runs / "generator.ckpt")
    moved = {name for name, value in after.state_dict().items() if not torch.equal(value, before[name])}
    assert not [name for name in moved if name.startswith(("mapping.", "warp.read."))]
    assert {"planes.convs.0.weight", "planes.patterns", "warp.bend.bias", "render.decoder.first.weight"} <= moved
    load_encoder(runs / "encoder.ckpt", after, PlanesOfLatent(after.planes).basis)


def test_what_is_handed_over_is_the_average(polished):
    runs, _ = polished
    average = torch.load(runs / "polish.ckpt", weights_only=True)["average"]
    for name in polish.PARTS:
        state = torch.load(runs / f"{name}.ckpt", weights_only=True)
        assert state and all(torch.equal(value, average[f"{name}.{key}"]) for key, value in state.items())
