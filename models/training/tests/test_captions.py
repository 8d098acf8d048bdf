"""Captions say only what is true, in words that the tokenizer knows."""

import random

import pytest

from galatea_training.data.captions import FACTS, caption, facts_of, neutral_words, requestable, vocabulary
from galatea_training.networks.tokenizer import PAD_ID, build_tokenizer

HEAD = {
    "sex": "man",
    "age": "old",
    "skin": "dark",
    "hair_colour": "red",
    "hair_style": "ponytail",
    "eye_colour": "blue",
    "glasses": "round",
    "beard": "short",
    "smile": 0.7,
    "mouth": "closed",
}
PLAIN = HEAD | {"sex": "woman", "hair_style": "bald", "glasses": "none", "beard": "none", "smile": 0.1}


@pytest.fixture(scope="module")
def tokenizer():
    return build_tokenizer(vocabulary(), 24)


@pytest.mark.parametrize("head", [HEAD, PLAIN])
def test_a_caption_states_only_facts_of_the_head(head):
    rng = random.Random(3)
    true = set(facts_of(head))
    assert true <= set(FACTS)
    for _ in range(300):
        text, stated = caption(head, rng)
        assert text and stated and set(stated) <= true


def test_every_fact_is_said_sooner_or_later():
    rng = random.Random(3)
    said = {fact for _ in range(500) for fact in caption(HEAD, rng)[1]}
    assert said == set(facts_of(HEAD))


def test_a_caption_of_news_states_one_of_each_and_only_facts():
    rng, true = random.Random(3), set(facts_of(HEAD))
    news = [["red hair"], ["glasses", "round glasses"]]
    stated = [caption(HEAD, rng, news)[1] for _ in range(300)]
    assert all(set(facts) <= true and all(set(facts) & set(fresh) for fresh in news) for facts in stated)
    alone = sum(len(facts) == 2 for facts in stated)
    assert 100 < alone < 280


def test_a_bald_head_has_no_colour_of_hair():
    assert not {fact for fact in facts_of(PLAIN) if fact.endswith("hair")}


def test_the_tokenizer_knows_every_word_of_a_caption(tokenizer):
    rng = random.Random(5)
    unknown = tokenizer.token_to_id("[UNK]")
    for _ in range(300):
        assert unknown not in tokenizer.encode(caption(HEAD, rng)[0]).ids


def test_what_may_be_asked_for_is_more_than_neutral_words(tokenizer):
    assert set(neutral_words()) < set(vocabulary())
    assert "glasses" in requestable() and "no glasses" not in requestable()
    for fact in requestable():
        assert not set(neutral_words()).issuperset(token for token in tokenizer.encode(fact).tokens if token != "[PAD]"), fact


def test_case_and_punctuation_do_not_matter(tokenizer):
    assert tokenizer.encode("Red HAIR").ids == tokenizer.encode("red hair").ids
    assert tokenizer.encode("clean-shaven").ids == tokenizer.encode("clean - shaven").ids


def test_text_is_padded_and_cut_to_the_promised_length(tokenizer):
    assert tokenizer.encode("").ids == [PAD_ID] * 24
    assert len(tokenizer.encode("red hair " * 50).ids) == 24
