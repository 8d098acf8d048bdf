"""Edit pairs: twins differ in one trait or a few, and what is drawn of them belongs together."""

import numpy as np
import pytest
import torch

from galatea_training.data import edit_pairs
from galatea_training.data.captions import facts_of
from galatea_training.render import heads


def test_twins_differ_in_one_trait_or_in_several_that_words_tell():
    counts = set()
    for row in range(60):
        (head, *others), _ = edit_pairs.draw_family(row)
        for other in others:
            changed = {name for name, a, b in zip(heads.NAMES, head.params, other.params) if a != b}
            traits = {start for start, _ in heads.TRAITS.values() if any(name.startswith(start) for name in changed)}
            assert all(name.startswith(tuple(traits)) for name in changed), changed
            counts.add(len(traits))
            before, after = (set(facts_of(heads.attributes(each))) for each in (head, other))
            assert after - before and before - after
    assert 1 in counts and 1 < max(counts) <= edit_pairs.MOST_TRAITS


def test_a_row_is_always_the_same_family():
    (first, cameras), (again, same) = edit_pairs.draw_family(3), edit_pairs.draw_family(3)
    assert all(np.array_equal(a.params, b.params) for a, b in zip(first, again)) and np.array_equal(cameras, same)


def test_an_edit_joins_two_members_of_a_family_under_one_camera(tiny_data):
    edits = edit_pairs.EditPairs(tiny_data).draw(64)
    # conftest fills a row's buffers with its number, a member's with ten times its own, and a view's with a hundred
    levels = [(x[:, 0, 0, 0] * 255).round().int() for x in (edits.before, edits.after)]
    for before, after, news in zip(*levels, edits.news, strict=True):
        assert before % 10 == after % 10 and before // 100 == after // 100
        members = {int(level) // 10 % 10 for level in (before, after)}
        assert len(members) == 2 and 0 in members
        assert news


def test_news_are_true_after_the_edit(tiny_data):
    edits = edit_pairs.EditPairs(tiny_data).draw(64)
    for attributes, news in zip(edits.attributes, edits.news, strict=True):
        assert {fact for fresh in news for fact in fresh} <= set(facts_of(attributes))


def test_without_a_finished_family_it_says_so(tmp_path):
    folder = tmp_path / "train" / "edit_pairs"
    folder.mkdir(parents=True)
    edit_pairs.create(folder, 2)
    with pytest.raises(ValueError, match="no family is finished"):
        edit_pairs.EditPairs(tmp_path)


def test_the_surfaces_have_the_priors_size(tiny_data):
    edits = edit_pairs.EditPairs(tiny_data).draw(2)
    assert edits.before.shape == edits.after.shape == torch.Size([2, 7, edit_pairs.SIZE, edit_pairs.SIZE])
