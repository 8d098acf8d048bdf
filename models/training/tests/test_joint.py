"""Joint training: both networks learn, what edits were learned on stays, and both are put where they came from."""

import argparse

import pytest
import torch

from galatea_training.networks.planes import LatentPlanes
from galatea_training.networks.trained import load_encoder, load_generator
from galatea_training.train import joint


@pytest.fixture
def trained(runs, tiny_data, generator):
    """The folder of a run of a few steps, and the generator before it."""
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    parser = argparse.ArgumentParser()
    joint.add_arguments(parser)
    words = f"--data {tiny_data} --runs {runs} --minutes 0.01 --batch 2 --plain 1 --warmup 1 --device cpu"
    joint.run(parser.parse_args(words.split()))
    return runs, before


def test_both_learn_and_mapping_and_what_a_warp_reads_stay(trained):
    runs, before = trained
    after = load_generator(runs / "generator.ckpt")
    moved = {name for name, value in after.state_dict().items() if not torch.equal(value, before[name])}
    assert not [name for name in moved if name.startswith(("mapping.", "warp.read."))]
    assert {"planes.convs.0.weight", "planes.patterns", "warp.bend.bias", "render.decoder.first.weight"} <= moved
    load_encoder(runs / "encoder.ckpt", after, LatentPlanes(after.planes).basis)


def test_what_is_handed_over_is_the_average(trained):
    runs, _ = trained
    average = torch.load(runs / "joint.ckpt", weights_only=True)["average"]
    for name in joint.PARTS:
        state = torch.load(runs / f"{name}.ckpt", weights_only=True)
        assert state and all(torch.equal(value, average[f"{name}.{key}"]) for key, value in state.items())
