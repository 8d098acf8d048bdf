"""The refinement step over the tiny test pack."""

import pytest
import torch

from galatea_training.distillation import FORMS
from galatea_training.frames import camera_from_angles
from galatea_training.refine import Wish, rate, refine



@pytest.fixture(scope="module")
def wish():
    torch.manual_seed(4)
    source = camera_from_angles(torch.tensor([0.1, -0.2]), torch.tensor([0.0, 0.1]))
    light = torch.randn(2, 9)
    return Wish(photo=torch.rand(2, 3, 32, 32) * 2 - 1, source=source, prompt="red hair", light=light)


def test_reconstruction_comes_closer_to_the_photo(pack, wish):
    start = pack.encoder(wish.photo).detach()
    plan = pack.plan("image", steps=1, learning_rate=1e-6, weights={"identity": 0.0})
    refine(pack, start, wish, plan)
    first = plan.losses["reconstruction"]
    plan = pack.plan("image", steps=40, weights={"identity": 0.0})
    refine(pack, start, wish, plan)
    assert plan.losses["reconstruction"] < 0.7 * first


def test_every_term_with_weight_and_wish_runs_and_no_other(pack, wish):
    start = pack.encoder(wish.photo).detach()
    plan = pack.plan("prompt", steps=1)
    refine(pack, start, wish, plan)
    assert set(plan.losses) == {"reconstruction", "identity", "score_distillation", "pull"}
    plan = pack.plan("light", steps=1)
    refine(pack, start, Wish(light=wish.light, avatar=False), plan)
    assert set(plan.losses) == {"illumination", "pull"}


def test_an_edit_is_compared_with_the_avatar_as_it_was(pack, wish):
    start = pack.encoder(wish.photo).detach()
    plan = pack.plan("prompt", steps=1)
    refine(pack, start, wish, plan)
    assert plan.losses["reconstruction"] == pytest.approx(0.0, abs=1e-9)
    plan = pack.plan("image", steps=1)
    refine(pack, start, wish, plan)
    assert plan.losses["reconstruction"] > 1e-3


def test_reconstruction_does_not_see_what_the_prompt_may_change(pack, wish):
    start = pack.encoder(wish.photo).detach()
    everywhere = {"draws": 2, "timestep": 0.5, "low": 0.0, "high": 1e-6}
    free, bound = (pack.plan("prompt", steps=5, mask=mask) for mask in (everywhere, None))
    for plan in (free, bound):
        refine(pack, start, wish, plan)
    assert free.losses["reconstruction"] < 1e-6 < bound.losses["reconstruction"]


def test_the_same_seed_gives_the_same_latent(pack, wish):
    start = pack.encoder(wish.photo).detach()
    plan = pack.plan("prompt", steps=3)
    once, again = (refine(pack, start, wish, plan, seed=9) for _ in range(2))
    torch.testing.assert_close(once, again, rtol=0, atol=0)


def test_a_side_view_is_kept_for_its_steps_and_the_start_is_seen_from_it_once(pack, wish, monkeypatch):
    start = pack.encoder(wish.photo).detach()
    plan = pack.plan("prompt", steps=7, distillation="dds", side_steps=3)
    sides, show = [], pack.show

    def counted(latent, camera):
        sides.append(camera)
        return show(latent, camera)

    monkeypatch.setattr(pack, "show", counted)
    refine(pack, start, wish, plan)
    seen = torch.stack(sides)[1:]  # the first is the source view, which the prompt preserves
    assert len(seen) == 3
    assert len(seen.unique(dim=0)) == 3


def test_the_rate_warms_up_holds_and_falls(pack):
    plan = pack.plan("image", learning_rate=0.1, warmup=0.1, cooldown=0.2)
    assert rate(plan, 0.05) == pytest.approx(0.05)
    assert rate(plan, 0.5) == pytest.approx(0.1)
    assert rate(plan, 0.9) == pytest.approx(0.05)
    assert rate(plan, 1.0) == pytest.approx(0.0, abs=1e-9)


def test_a_row_of_the_latent_moves_by_its_factor(pack, wish):
    start = pack.encoder(wish.photo).detach()
    plan = pack.plan("image", steps=2, layers=[0.0, 0.0, 1.0, 0.5])
    moved = (refine(pack, start, wish, plan) - start).abs().amax((0, 2))
    assert moved[:2].tolist() == [0.0, 0.0]
    assert moved[2:].min() > 0


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_score_distillation_moves_its_own_way(pack, wish, form):
    start = pack.encoder(wish.photo).detach()
    only = {"reconstruction": 0.0, "identity": 0.0, "pull": 0.0}
    plan = pack.plan("prompt", steps=2, distillation=form, weights=only)
    default = pack.plan("prompt", steps=2, weights=only)
    same = torch.equal(refine(pack, start, wish, plan), refine(pack, start, wish, default))
    assert same == (form == "sds")


def test_an_unknown_form_of_score_distillation_is_told(pack, wish):
    plan = pack.plan("prompt", steps=1, distillation="vsd")
    with pytest.raises(ValueError, match="'vsd' is no form of score distillation; there are sds, csd, nfsd, dds"):
        refine(pack, pack.encoder(wish.photo).detach(), wish, plan)
