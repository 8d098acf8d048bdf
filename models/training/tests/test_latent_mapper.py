import random

import numpy as np
import pytest
import torch

from galatea_training.data.captions import facts_of
from galatea_training.networks.generator import Generator
from galatea_training.networks.latent import LAYERS, WIDTH
from galatea_training.networks.latent_mapper import TRAITS, LatentMapper, ParameterMapping, trait_of
from galatea_training.networks.mapping import NOISE, RandomPerson
from galatea_training.networks.trained import load_planes
from galatea_training.render import heads
from galatea_training.train.latent_mapper import stated_traits


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    torch.manual_seed(0)
    generator = Generator(len(heads.NAMES), (0.0, 0.0, 0.0)).eval()
    return generator, ParameterMapping(generator, load_planes(generator, tmp_path_factory.mktemp("runs"), heads_drawn=1500).basis)


def some_heads(count, seed=3):
    rng = np.random.default_rng(seed)
    return [heads.sample(rng) for _ in range(count)]


def params_of(people):
    return torch.from_numpy(np.stack([head.params for head in people]))


def new_mapper(generator, mapped):
    return LatentMapper(mapped, generator.mapping.mean, generator.mapping.scale, 96).eval()


def test_every_parameter_that_text_speaks_of_belongs_to_one_trait():
    named = {name: TRAITS[trait_of(name)] for name in heads.NAMES if trait_of(name) >= 0}
    assert named["hair_red"] == "hair_colour" and named["hair:bald"] == "hair_style"
    assert named["glasses_size"] == "glasses" and named["skin_red"] == "skin" and named["open"] == "mouth"
    assert set(named.values()) == set(TRAITS)


def test_settled_parameters_of_real_heads_are_those_heads(mapped):
    mapper = new_mapper(*mapped)
    z = (params_of(some_heads(200)) - mapper.mean) * mapper.scale
    assert torch.allclose(mapper.settled(z), z, atol=1e-5)


def test_settled_parameters_have_one_of_each_choice(mapped):
    mapper = new_mapper(*mapped)
    settled = mapper.settled(torch.rand(50, len(heads.NAMES)) - mapper.mean) + mapper.mean  # its scale is 1
    for group, names in (("hair", heads.HAIR_STYLES), ("skin", heads.SKINS)):
        ones = settled[:, [heads.INDEX[f"{group}:{name}"] for name in names]]
        assert torch.equal(ones.sum(1), torch.ones(50)) and set(ones.unique().tolist()) == {0.0, 1.0}
    kinds = settled[:, [heads.INDEX["glasses_round"], heads.INDEX["glasses_square"]]]
    bare = kinds.sum(1) == 0
    names = [i for i, name in enumerate(heads.NAMES) if name.startswith("glasses")]
    assert torch.equal(settled[bare][:, names], torch.zeros(int(bare.sum()), len(names)))


def test_only_what_is_stated_and_not_true_yet_is_to_change():
    before = heads.attributes(heads.neutral(some_heads(1)[0]))
    after = before | {"hair_style": "long", "hair_colour": "red", "glasses": "round", "smile": 0.9}
    before = before | {"hair_style": "bald"}
    assert stated_traits(before, after, ["glasses"]) == ["glasses"]
    assert sorted(stated_traits(before, after, ["red hair"])) == ["hair_colour", "hair_style"]
    assert stated_traits(after, after, facts_of(after)) == []


def test_rows_of_the_mapper_are_independent(mapped):
    torch.manual_seed(1)
    mapper = new_mapper(*mapped)
    w, conditioning = torch.randn(3, LAYERS, WIDTH), torch.randn(3, 24, 96)
    whole = mapper(w, conditioning)
    assert torch.allclose(mapper(w[1:2], conditioning[1:2]), whole[1:2], atol=1e-5)


def test_the_mapper_moves_no_layer_but_styles(mapped):
    mapper = new_mapper(*mapped)
    w = torch.randn(2, LAYERS, WIDTH)
    moved = mapper(w, 9 * torch.randn(2, 24, 96))
    assert torch.equal(moved[:, mapper.styles :], w[:, mapper.styles :])


def test_people_are_whole_traits_of_the_heads_they_are_made_of(mapped):
    generator, made = mapped
    params = params_of([heads.neutral(head) for head in some_heads(64)])
    people = RandomPerson(made, (params - generator.mapping.mean) * generator.mapping.scale)
    same = torch.full((1, NOISE), random.gauss(0, 1))
    place = int((0.5 + 0.5 * torch.erf(same[0, 0] * 0.70710678)) * 64)
    expected = made(people.bank[place : place + 1].float())
    assert torch.allclose(people(same)[0].flatten()[: expected.shape[1]], expected[0], atol=1e-4)


def test_neutral_people_have_neither_glasses_nor_beard():
    for head in map(heads.neutral, some_heads(50)):
        words = heads.attributes(head)
        assert words["glasses"] == words["beard"] == "none" and words["mouth"] == "closed" and words["smile"] < 0.2
