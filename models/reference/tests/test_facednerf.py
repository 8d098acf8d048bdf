"""The FaceDNeRF-style loop over the tiny test pack."""

import pytest
import torch
from galatea_packfile.conventions import camera_from_angles
from galatea_reference.facednerf import PEAK_RATE, optimise, rate
from galatea_reference.targets import Intent

WEIGHTS = {"reconstruction": 1.0, "identity": 0.1, "score_distillation": 1.0, "illumination": 0.1}


@pytest.fixture(scope="module")
def intent():
    torch.manual_seed(4)
    source = camera_from_angles(torch.tensor([0.1]), torch.tensor([0.0]))
    return Intent(photo=torch.rand(1, 3, 32, 32) * 2 - 1, source=source)


def distance(pack, latent, intent):
    return float((pack.perceptual(pack.picture(latent, intent.source)) - pack.perceptual(intent.photo)).square().sum())


def test_it_comes_closer_to_the_photo_from_the_mean_latent(pack, intent):
    latent = optimise(pack, intent, WEIGHTS | {"identity": 0.0}, steps=60)
    assert distance(pack, latent, intent) < 0.9 * distance(pack, pack.mean, intent)


def test_text_and_light_each_take_part_where_they_are_given(pack, intent):
    latents = [
        optimise(pack, Intent(intent.photo, intent.source, **more), WEIGHTS, steps=4)
        for more in ({}, {"prompt": "red hair"}, {"light": torch.ones(1, 9)})
    ]
    assert not torch.equal(latents[0], latents[1])
    assert not torch.equal(latents[0], latents[2])


def test_the_same_seed_gives_the_same_latent_and_every_step_is_watched(pack, intent):
    seen = []
    once = optimise(pack, intent, WEIGHTS, steps=3, seed=7, watch=lambda step, *views: seen.append((step, *views)))
    assert torch.equal(once, optimise(pack, intent, WEIGHTS, steps=3, seed=7))
    assert [(step, front.shape, side.shape) for step, front, side in seen] == [
        (step, (1, 3, 32, 32), (1, 3, 32, 32)) for step in range(3)
    ]


def test_the_rate_ramps_up_holds_and_falls_to_nothing():
    rates = [rate(done) for done in (0.0, 0.025, 0.5, 0.875)]
    assert rates == pytest.approx([0.0, PEAK_RATE / 2, PEAK_RATE, PEAK_RATE / 2])
    assert rate(1.0) == pytest.approx(0.0, abs=1e-9)
