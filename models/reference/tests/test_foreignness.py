"""The measure of foreignness, and how a refinement holds back by it."""

import math
from dataclasses import replace

import pytest
import torch
from galatea_packfile.conventions import camera_from_angles

from galatea_reference.foreignness import HoldingBack, distance
from galatea_reference.refine import refine
from galatea_reference.settings import EffectiveSettings
from galatea_reference.targets import Intent

HOLDING = HoldingBack(own=0.05, foreign=0.2, pull=0.5, layers=[1.0, 0.0])


def test_a_photo_that_the_answer_draws_is_not_foreign(pack):
    source = camera_from_angles(torch.zeros(2), torch.zeros(2))
    start = pack.mean.expand(2, -1, -1)
    photo = pack.picture(start, source)
    far = distance(pack, photo, start, source)
    assert far.tolist() == pytest.approx([0.0, 0.0], abs=1e-8)
    assert distance(pack, -photo, start, source).min() > 0


def test_foreignness_grows_from_own_to_foreign():
    found = HOLDING.foreignness(torch.tensor([0.0, 0.05, 0.1, 0.2, 3.0, math.nan]))
    assert found.tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0, 1.0])


def test_layers_and_pull_go_from_the_packs_own_to_the_held():
    foreign = torch.tensor([0.0, 0.5, 1.0])
    layers = HOLDING.held_layers(torch.tensor([1.0, 1.0]), foreign)
    assert layers[:, :, 0].tolist() == [[1.0, 1.0], [1.0, 0.5], [1.0, 0.0]]
    assert HOLDING.held_pull(0.1, foreign).tolist() == pytest.approx([0.1, 0.3, 0.5])
    assert HOLDING.held_pull(2.0, foreign).tolist() == [2.0, 2.0, 2.0]


def test_a_foreign_photo_moves_the_held_layers_alone(pack):
    photo = torch.rand(1, 3, pack.manifest["image_size"], pack.manifest["image_size"]) * 2 - 1
    intent, start = Intent(photo=photo, source=camera_from_angles(*torch.zeros(2, 1))), pack.mean
    free = EffectiveSettings.of(pack.manifest, "image", steps=3)
    count = len(free.layers)
    held = replace(free, holding_back=HoldingBack(1e-9, 1e-8, 0.1, [1.0] + [0.0] * (count - 1)))
    moved = (refine(pack, start, intent, held).latent - start).abs().amax((0, 2)) > 0
    assert moved.tolist() == [True] + [False] * (count - 1)
    own = replace(free, holding_back=HoldingBack(1e8, 1e9, 0.1, [0.0] * count))
    assert torch.equal(refine(pack, start, intent, own).latent, refine(pack, start, intent, free).latent)
