"""The refinement step over the tiny test pack."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from galatea_packfile.conventions import camera_from_angles
from galatea_packfile.manifest import read_manifest, save_manifest
from galatea_reference.distillation import FORMS
from galatea_reference.pack import Pack
from galatea_reference.refine import rate, refine
from galatea_reference.settings import EffectiveSettings
from galatea_reference.targets import Intent

TINY = Path(__file__).parents[3] / "src" / "engine" / "test" / "resources" / "packs" / "tiny"


def settings_of(pack, kind, **changes):
    return EffectiveSettings.of(pack.manifest, kind, **changes)


@pytest.fixture(scope="module")
def intent():
    torch.manual_seed(4)
    source = camera_from_angles(torch.tensor([0.1, -0.2]), torch.tensor([0.0, 0.1]))
    light = torch.randn(2, 9)
    return Intent(photo=torch.rand(2, 3, 32, 32) * 2 - 1, source=source, prompt="red hair", light=light)


def test_reconstruction_comes_closer_to_the_photo(pack, intent):
    start = pack.encoder(intent.photo).detach()
    settings = settings_of(pack, "image", steps=1, learning_rate=1e-6, weights={"identity": 0.0})
    first = refine(pack, start, intent, settings).losses["reconstruction"]
    settings = settings_of(pack, "image", steps=40, weights={"identity": 0.0})
    assert refine(pack, start, intent, settings).losses["reconstruction"] < 0.7 * first


def test_every_term_with_weight_and_target_runs_and_no_other(pack, intent):
    start = pack.encoder(intent.photo).detach()
    settings = settings_of(pack, "prompt", steps=1)
    assert set(refine(pack, start, intent, settings).losses) == {"reconstruction", "identity", "score_distillation", "pull"}
    settings = settings_of(pack, "light", steps=1)
    refined = refine(pack, start, Intent(light=intent.light, has_avatar=False), settings)
    assert set(refined.losses) == {"illumination", "pull"}


def test_an_edit_is_compared_with_the_avatar_as_it_was(pack, intent):
    start = pack.encoder(intent.photo).detach()
    settings = settings_of(pack, "prompt", steps=1)
    assert refine(pack, start, intent, settings).losses["reconstruction"] == pytest.approx(0.0, abs=1e-9)
    settings = settings_of(pack, "image", steps=1)
    assert refine(pack, start, intent, settings).losses["reconstruction"] > 1e-3


def test_reconstruction_does_not_see_what_the_prompt_may_change(pack, intent):
    start = pack.encoder(intent.photo).detach()
    everywhere = {"draws": 2, "timestep": 0.5, "low": 0.0, "high": 1e-6}
    free, bound = (
        refine(pack, start, intent, settings_of(pack, "prompt", steps=5, mask=mask)) for mask in (everywhere, None)
    )
    assert free.losses["reconstruction"] < 1e-6 < bound.losses["reconstruction"]


def test_the_same_seed_gives_the_same_latent(pack, intent):
    start = pack.encoder(intent.photo).detach()
    settings = settings_of(pack, "prompt", steps=3)
    once, again = (refine(pack, start, intent, settings, seed=9).latent for _ in range(2))
    torch.testing.assert_close(once, again, rtol=0, atol=0)


def test_a_side_view_is_kept_for_its_steps_and_the_start_is_seen_from_it_once(pack, intent, monkeypatch):
    start = pack.encoder(intent.photo).detach()
    settings = settings_of(pack, "prompt", steps=7, distillation="dds", side_steps=3)
    sides, picture = [], pack.picture

    def counted(latent, camera):
        sides.append(camera)
        return picture(latent, camera)

    monkeypatch.setattr(pack, "picture", counted)
    refine(pack, start, intent, settings)
    seen = torch.stack(sides)[1:]  # the first is the source view, which the prompt preserves
    assert len(seen) == 3
    assert len(seen.unique(dim=0)) == 3


def test_the_rate_warms_up_holds_and_falls(pack):
    settings = settings_of(pack, "image", learning_rate=0.1, warmup=0.1, cooldown=0.2)
    assert rate(settings, 0.05) == pytest.approx(0.05)
    assert rate(settings, 0.5) == pytest.approx(0.1)
    assert rate(settings, 0.9) == pytest.approx(0.05)
    assert rate(settings, 1.0) == pytest.approx(0.0, abs=1e-9)


def test_a_layer_of_the_latent_moves_by_its_factor(pack, intent):
    start = pack.encoder(intent.photo).detach()
    settings = settings_of(pack, "image", steps=2, layers=[0.0, 0.0, 1.0, 0.5])
    moved = (refine(pack, start, intent, settings).latent - start).abs().amax((0, 2))
    assert moved[:2].tolist() == [0.0, 0.0]
    assert moved[2:].min() > 0


@pytest.fixture(params=["source", "side"])
def guided(request, tmp_path):
    """The tiny pack with the guidance `colour`, and the guidance's view."""
    shutil.copytree(TINY, tmp_path / "pack")
    shutil.copy(TINY.with_name("colour") / "colour.pt", tmp_path / "pack")
    weights = {"image": 0.5, "prompt": 0.5}
    guidance = {"network": "colour.pt", "view": request.param, "weights": weights}
    save_manifest(tmp_path / "pack", read_manifest(TINY) | {"guidances": {"colour": guidance}})
    return Pack(tmp_path / "pack"), request.param


def test_a_guidance_of_the_pack_compares_with_what_its_view_has(guided, intent):
    pack, view = guided
    start = pack.encoder(intent.photo).detach()
    for kind, has_avatar, runs in (
        ("image", True, view == "source"), ("prompt", True, True), ("prompt", False, False), ("light", True, False)
    ):  # fmt: skip
        asked = replace(intent, has_avatar=has_avatar)
        refined = refine(pack, start, asked, settings_of(pack, kind, steps=1))
        assert ("colour" in refined.losses) == runs, (kind, has_avatar)
        if runs:
            assert (refined.losses["colour"] > 1e-6) == (kind == "image")


def test_a_guidance_of_the_pack_moves_the_latent(guided, intent):
    pack, view = guided
    start = pack.encoder(intent.photo).detach()
    kind = "image" if view == "source" else "prompt"
    with_it, without = (
        refine(pack, start, intent, settings_of(pack, kind, steps=2, weights={"colour": weight})).latent
        for weight in (0.5, 0.0)
    )
    assert not torch.equal(with_it, without)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_score_distillation_moves_its_own_way(pack, intent, form):
    start = pack.encoder(intent.photo).detach()
    only = {"reconstruction": 0.0, "identity": 0.0, "pull": 0.0}
    settings = settings_of(pack, "prompt", steps=2, distillation=form, weights=only)
    default = settings_of(pack, "prompt", steps=2, weights=only)
    same = torch.equal(refine(pack, start, intent, settings).latent, refine(pack, start, intent, default).latent)
    assert same == (form == "sds")


def test_an_unknown_form_of_score_distillation_is_told(pack, intent):
    settings = settings_of(pack, "prompt", steps=1, distillation="vsd")
    with pytest.raises(ValueError, match="'vsd' is no form of score distillation; the forms are sds, csd, nfsd, dds"):
        refine(pack, pack.encoder(intent.photo).detach(), intent, settings)
