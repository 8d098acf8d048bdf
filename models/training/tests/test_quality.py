"""The measures of the evaluation on pictures whose answer is known."""

import json
import random

import torch
from test_captions import HEAD, PLAIN

from galatea_training.data.captions import FACTS, caption
from galatea_training.evaluate.measures import distance, psnr, recognition_rate, share_of_estimate_removed
from galatea_training.evaluate.quality import is_seen
from galatea_training.evaluate.refiner import with_defaults
from galatea_training.networks.judge import CHOICES, answers


def test_every_fact_of_a_head_agrees_with_the_words_for_it():
    for head in (HEAD, PLAIN):
        words = {name: CHOICES[name][i] if i >= 0 else "black" for i, name in zip(answers(head), CHOICES)}
        for fact in caption(head, random.Random(1))[1]:
            assert is_seen(fact, words), fact


def test_every_fact_is_denied_by_some_words():
    said = [{name: choice[i % len(choice)] for name, choice in CHOICES.items()} for i in range(42)]
    for fact in FACTS:
        assert len({is_seen(fact, words) for words in said}) == 2, fact


def test_distance_looks_at_the_region_alone():
    image, truth = torch.zeros(2, 3, 3, 8, 8), torch.zeros(2, 3, 3, 8, 8)
    truth[:, :, :, 0] = 0.5
    region = torch.zeros(2, 3, 1, 8, 8)
    region[:, :, :, 0] = 1
    assert torch.allclose(distance(image, truth, region), torch.full((2,), 0.5))
    assert torch.allclose(distance(image, truth, 1 - region), torch.zeros(2))


def test_heads_are_recognised_by_how_near_their_own_photo_is():
    photos = torch.randn(6, 3, 8, 8)
    assert recognition_rate(lambda images: images.flatten(1), photos + 0.01, photos) == 1.0
    assert recognition_rate(lambda images: images.flatten(1), -photos, photos) == 0.0


def test_following_is_the_share_of_the_distance_that_is_gone():
    before, truth = torch.randn(2, 5, 3, 8, 8)
    after = torch.lerp(before, truth, 0.75)
    assert torch.allclose(share_of_estimate_removed(lambda images: images.mean((2, 3)), before, after, truth), torch.full((5,), 0.75), atol=1e-4)


def test_psnr_takes_the_range_of_pictures_as_its_peak():
    assert torch.allclose(psnr(torch.zeros(1, 3, 3, 8, 8), torch.full((1, 3, 3, 8, 8), 0.2)), torch.full((1, 3), 20.0))


def test_changed_defaults_leave_the_others_and_the_pack_as_they_are(tmp_path):
    pack = tmp_path / "pack"
    pack.mkdir()
    defaults = {"guidance_scale": 7.5, "weights": {"prompt": {"pull": 0.0, "identity": 0.2}}, "timesteps": [0.1, 0.9]}
    (pack / "pack.json").write_text(json.dumps({"defaults": defaults}))
    changes = {"guidance_scale": 20, "weights": {"prompt": {"pull": 0.5}}, "timesteps": [0.2, 0.8]}
    changed = json.loads((with_defaults(pack, changes, tmp_path / "changed") / "pack.json").read_text())["defaults"]
    assert changed == {"guidance_scale": 20, "weights": {"prompt": {"pull": 0.5, "identity": 0.2}}, "timesteps": [0.2, 0.8]}
    assert json.loads((pack / "pack.json").read_text())["defaults"] == defaults
