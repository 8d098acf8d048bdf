"""What counts as reaching the loop's scores."""

from pathlib import Path

import pytest
import torch
from galatea_reference.refine import Pack

from galatea_training.evaluate.measures import changed_region, share_removed
from galatea_training.evaluate.steps import (
    IDENTITY,
    PERCEPTUAL,
    SIDES,
    SOURCE,
    fewest_steps,
    scores,
    scores_behind,
    table,
)

TINY = Path(__file__).parents[3] / "src" / "engine" / "test" / "resources" / "packs" / "tiny"
LOOP = {SOURCE: 27.0, SIDES: 25.0, PERCEPTUAL: 0.4, IDENTITY: 0.8}


@pytest.mark.parametrize(
    ("name", "value"), [(SOURCE, 26.9), (SIDES, 24.9), (PERCEPTUAL, 0.41), (IDENTITY, 0.79)]
)
def test_each_score_can_be_the_one_that_is_worse(name, value):
    assert scores_behind(LOOP | {name: value}, LOOP) == [name]


def test_equal_scores_are_enough():
    assert scores_behind(LOOP, LOOP) == []


def test_the_smallest_number_of_steps_without_a_worse_score_is_told():
    behind, ahead = LOOP | {SIDES: 24.0}, LOOP | {SIDES: 26.0}
    assert fewest_steps({125: ahead, 25: behind, 75: ahead, 50: behind}, LOOP) == 75
    assert fewest_steps({25: behind}, LOOP) is None


def test_the_table_has_the_loops_column_first_and_the_answer_last():
    lines = table("photo", {50: LOOP, 25: LOOP | {SOURCE: 20.0}}, LOOP, 500, 125).splitlines()
    assert lines[0] == "| photo | FaceDNeRF-style, 500 | 25 | 50 |"
    assert lines[2] == f"| {SOURCE} | 27.000 | 20.000 | 27.000 |"
    assert lines[-3] == "| scores behind the loop's | | 1 | 0 |"
    assert lines[-1] == "photo: no score is behind at 50 steps; the target is 125."


def test_a_truth_has_the_best_scores_and_noise_lowers_them_all():
    torch.manual_seed(3)
    pack, truth = Pack(TINY), torch.rand(2, 1, 3, 32, 32).expand(-1, 3, -1, -1, -1) * 1.6 - 0.8
    best = scores(pack, truth, truth)
    assert best[PERCEPTUAL] == pytest.approx(0.0, abs=1e-6)
    assert best[IDENTITY] == pytest.approx(1.0, abs=1e-5)
    noisy = scores(pack, truth + 0.2 * torch.randn(truth.shape), truth)
    assert set(scores_behind(noisy, best)) == {SOURCE, SIDES, PERCEPTUAL, IDENTITY}


def test_removed_is_the_share_of_the_way_inside_the_region():
    true, edited = torch.zeros(1, 3, 3, 8, 8), torch.zeros(1, 3, 3, 8, 8)
    edited[..., :4] = 0.8
    region = changed_region(true, edited)
    assert region.shape == (1, 3, 1, 8, 8)
    assert region.mean() == 0.5
    after = true + 0.6 * (edited - true) + 5.0 * (1.0 - region)
    assert share_removed(true, after, edited, region).tolist() == pytest.approx([0.6])
