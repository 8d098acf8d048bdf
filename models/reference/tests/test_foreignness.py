"""The measure of foreignness, and how a refinement holds back by it."""

import math

import pytest
import torch
from galatea_packfile.conventions import camera_from_angles

from galatea_reference.foreignness import HoldingBack, distance, foreignness, held_back
from galatea_reference.settings import EffectiveSettings

HOLDING = HoldingBack(own=0.05, foreign=0.2, steps=20, pull=0.5, layers=[1.0, 0.0])


def settings(pack) -> EffectiveSettings:
    return EffectiveSettings.of(pack.manifest, "image", steps=100, layers=[1.0, 1.0], weights={"pull": 0.1})


def test_a_photo_that_the_answer_draws_is_not_foreign(pack):
    source = camera_from_angles(torch.zeros(2), torch.zeros(2))
    start = pack.mean.expand(2, -1, -1)
    photo = pack.picture(start, source)
    far = distance(pack, photo, start, source)
    assert far.tolist() == pytest.approx([0.0, 0.0], abs=1e-8)
    assert distance(pack, -photo, start, source).min() > 0


def test_foreignness_grows_from_own_to_foreign():
    found = [foreignness(far, HOLDING) for far in (0.0, 0.05, 0.1, 0.2, 3.0)]
    assert found == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0])


def test_what_is_not_a_number_is_wholly_foreign():
    assert foreignness(math.nan, HOLDING) == 1.0


def test_a_photo_of_its_own_kind_is_refined_as_ever(pack):
    assert held_back(settings(pack), 0.0, HOLDING) == settings(pack)


def test_a_foreign_photo_takes_fewer_steps_on_a_shorter_line(pack):
    held = held_back(settings(pack), 1.0, HOLDING)
    assert (held.steps, held.weights["pull"], held.layers) == (20, 0.5, [1.0, 0.0])
    half = held_back(settings(pack), 0.5, HOLDING)
    assert (half.steps, half.weights["pull"], half.layers) == (60, pytest.approx(0.3), [1.0, 0.5])


def test_holding_back_never_adds_steps_nor_loosens_the_pull(pack):
    short = EffectiveSettings.of(pack.manifest, "image", steps=5, layers=[1.0, 1.0], weights={"pull": 2.0})
    held = held_back(short, 1.0, HOLDING)
    assert held.steps == 5 and held.weights["pull"] == 2.0
