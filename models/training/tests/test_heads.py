import numpy as np
import pytest

from galatea_training.render import heads


def sampled(count):
    rng = np.random.default_rng(7)
    return [heads.sample(rng) for _ in range(count)]


def test_each_choice_is_made_once():
    for head in sampled(50):
        for group, names in (("skin", heads.SKINS), ("hair", heads.HAIR_STYLES), ("eye", heads.EYES)):
            assert sum(head[f"{group}:{name}"] for name in names) == 1


def test_the_same_seed_draws_the_same_head():
    assert np.array_equal(sampled(3)[2].params, sampled(3)[2].params)


@pytest.mark.parametrize(
    "name, key, value", [("red_hair", "hair_colour", "red"), ("glasses", "glasses", "round"), ("beard", "beard", "full")]
)
def test_an_edit_changes_its_own_words_and_no_others(name, key, value):
    for head in sampled(60):
        edited, valid = heads.edit(head, name)
        before, after = heads.attributes(head), heads.attributes(edited)
        if valid:
            assert after[key] == value != before[key]
            assert {k: v for k, v in before.items() if k != key} == {k: v for k, v in after.items() if k != key}


def test_a_smile_edit_smiles():
    edited, valid = heads.edit(sampled(1)[0].replaced(smile=0.1), "smile")
    assert valid and heads.attributes(edited)["smile"] == 1


def test_styles_are_independent_of_sex():
    words = [heads.attributes(head) for head in sampled(800)]
    share = {
        sex: np.mean([w["beard"] != "none" for w in words if w["sex"] == sex]) for sex in ("man", "woman")
    }
    assert share["man"] == pytest.approx(share["woman"], abs=0.12)


def test_an_unknown_edit_is_refused():
    with pytest.raises(ValueError, match="unknown edit 'hat'"):
        heads.edit(sampled(1)[0], "hat")
