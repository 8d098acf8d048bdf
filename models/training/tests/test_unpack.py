from pathlib import Path

import pytest
import torch
from galatea_packfile.conventions import camera_from_angles

from galatea_training.assemble import unpack
from galatea_training.data.captions import vocabulary
from galatea_training.networks.generator import LatentRenderer
from galatea_training.networks.latent import LAYERS, WIDTH
from galatea_training.networks.text_encoder import TOKENS
from galatea_training.networks.tokenizer import build_tokenizer
from galatea_training.networks.trained import load_encoder, load_generator, load_planes, load_text

MAQUETTE = Path(__file__).parents[2] / "maquette"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    unpack.run(type("Options", (), {"pack": MAQUETTE, "runs": folder}))
    return folder


def packed(name):
    return torch.jit.load(MAQUETTE / f"{name}.pt").eval()


@torch.no_grad()
def test_generator_and_encoder_are_the_packs(runs):
    torch.manual_seed(0)
    generator = load_generator(runs / "generator.ckpt")
    planes = load_planes(generator, runs)
    w = 0.3 * torch.randn(2, LAYERS, WIDTH)
    assert torch.allclose(planes(w), packed("planes")(w), atol=1e-4)
    cameras = camera_from_angles(torch.tensor([0.0, 0.4]), torch.zeros(2))
    drawn = LatentRenderer(generator, planes.basis)(planes(w), w, cameras)
    assert torch.allclose(drawn, packed("render")(planes(w), w, cameras), atol=2e-3)
    images = torch.rand(2, 3, 128, 128) * 2 - 1
    assert torch.allclose(load_encoder(runs / "encoder.ckpt", generator, planes.basis)(images), packed("encoder")(images), atol=0.02)


@torch.no_grad()
def test_the_mapping_is_the_one_that_people_are_made_by(runs):
    torch.manual_seed(0)
    generator, people = load_generator(runs / "generator.ckpt"), packed("mapping")
    noise = torch.randn(2, people.state_dict()["trait"].max() + 1)
    rows = ((0.5 + 0.5 * torch.erf(noise * 0.70710678)) * len(people.bank)).long()[:, people.trait]
    styles = generator.mapping(torch.gather(people.bank.float(), 0, rows) / generator.mapping.scale + generator.mapping.mean)
    assert torch.allclose(load_planes(generator, runs).basis(people(noise)), styles, atol=0.05 * styles.std())


def test_the_text_network_is_the_packs(runs):
    tokenizer = build_tokenizer(vocabulary(), TOKENS)
    ids = torch.tensor([tokenizer.encode("red hair").ids])
    assert torch.allclose(load_text(runs / "prior.ckpt", tokenizer)(ids), packed("text")(ids), atol=1e-4)


def test_what_is_there_is_kept(runs, capsys):
    unpack.run(type("Options", (), {"pack": MAQUETTE, "runs": runs}))
    assert capsys.readouterr().out.count("is kept") == 4
