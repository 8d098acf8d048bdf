import pytest
import torch

from galatea_training.networks.generator import Generator
from galatea_training.networks.volume import VolumeRenderer
from galatea_training.networks.warp import KNOTS
from galatea_training.train import proportions
from galatea_training.train.proportions import lattice_displacements


def test_displacements_take_a_head_to_another():
    torch.manual_seed(0)
    head = torch.rand(1500, 3) * 0.6 - 0.3
    bent = head * torch.tensor([1.1, 0.95, 1.0]) + torch.tensor([0.0, 0.01, -0.02])
    bent[:, 1] += 0.02 * (8 * head[:, 0]).sin()
    found = lattice_displacements(head, bent)
    assert found.shape == (3, KNOTS, KNOTS, KNOTS)
    warped = VolumeRenderer((0.0, 0.0, 0.0)).warped(head[None], found[None])[0]
    assert (warped - bent).square().mean().sqrt() < 0.05 * (head - bent).square().mean().sqrt()


def test_displacements_go_on_straight_where_no_vertex_is():
    line = torch.linspace(-0.1, 0.1, 400)[:, None].expand(-1, 3)
    found = lattice_displacements(line, 1.2 * line)
    middle = KNOTS // 2
    for along in (found[0, middle, middle], found[1, middle, :, middle], found[2, :, middle, middle]):
        steps = along.diff()
        assert (steps > 0).all() and (steps / steps.mean() - 1).abs().max() < 0.2


@pytest.fixture
def people(monkeypatch):
    """Random heads that differ in size along each axis, by their parameters."""
    torch.manual_seed(1)
    base = torch.rand(400, 3) * 0.6 - 0.3

    def skin_vertices(assets, count):
        params = torch.randn(count, 3)
        return params, base * (1 + 0.05 * params[:, None]) + torch.tensor([0.0, 0.01, 0.0])

    monkeypatch.setattr(proportions, "skin_vertices", skin_vertices)
    return skin_vertices


def test_a_fitted_warp_is_that_of_heads_never_seen(people):
    generator = Generator(3, (0.0, 0.0, 0.0)).requires_grad_(False)
    mapping, warp = generator.mapping, generator.warp
    found = proportions.measured(None, count=300)
    proportions.fit(warp, mapping, found)
    params, heads = people(None, 40)
    warped = generator.render.warped(heads, warp(mapping(params)))
    spread = [(x - x.mean(0)).square().mean().sqrt() for x in (heads, warped)]
    assert spread[1] < 0.25 * spread[0]
    lost = proportions.proportion_loss(warp, mapping, found, 64)
    mapping.out.bias += 0.5
    assert lost < 0.3 and proportions.proportion_loss(warp, mapping, found, 64) > 2 * lost


def test_proportions_are_measured_once_and_alike(people, tmp_path, monkeypatch):
    monkeypatch.setattr(proportions, "HEADS", 100)
    measured = proportions.measured(None, 100)
    largest = measured.shapes.gather(1, measured.shapes.abs().argmax(1, keepdim=True))
    assert (largest > 0).all()
    assert torch.allclose(measured.amounts.std(0), torch.ones(len(largest)), atol=1e-4)
    first = proportions.proportions_of(None, tmp_path)
    assert torch.equal(proportions.proportions_of(None, tmp_path).amounts, first.amounts)
