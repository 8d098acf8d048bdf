import torch

from galatea_training import deformation
from galatea_training.deformation import displacements
from galatea_training.generator import KNOTS, Generator, Render


def test_displacements_take_a_head_to_another():
    torch.manual_seed(0)
    head = torch.rand(1500, 3) * 0.6 - 0.3
    bent = head * torch.tensor([1.1, 0.95, 1.0]) + torch.tensor([0.0, 0.01, -0.02])
    bent[:, 1] += 0.02 * (8 * head[:, 1]).sin()
    found = displacements(head, bent)
    assert found.shape == (3, KNOTS)
    warped = Render((0.0, 0.0, 0.0)).warped(head[None], found[None])[0]
    assert (warped - bent).square().mean().sqrt() < 0.05 * (head - bent).square().mean().sqrt()


def test_displacements_go_on_straight_where_no_vertex_is():
    line = torch.linspace(-0.1, 0.1, 400)[:, None].expand(-1, 3)
    found = displacements(line, 1.2 * line)
    steps = found.diff(dim=1)
    assert (steps > 0).all() and (steps / steps.mean() - 1).abs().max() < 0.2


def test_a_fitted_warp_is_that_of_heads_never_seen(monkeypatch):
    torch.manual_seed(1)
    base = torch.rand(600, 3) * 0.6 - 0.3

    def people(count):
        params = torch.randn(count, 3)
        return params, base * (1 + 0.05 * params[:, None]) + torch.tensor([0.0, 0.01, 0.0])

    monkeypatch.setattr(deformation, "skins", lambda assets, count: people(count))
    generator = Generator(3, (0.0, 0.0, 0.0)).requires_grad_(False)
    mapping, warp = generator.mapping, generator.warp
    proportions = deformation.proportions_of(mapping, None, count=500)
    deformation.fit(warp, mapping, proportions, torch.randn(500, 3))
    params, heads = people(40)
    warped = generator.render.warped(heads, warp(mapping(params)))
    spread = [(x - x.mean(0)).square().mean().sqrt() for x in (heads, warped)]
    assert spread[1] < 0.25 * spread[0]
    lost = deformation.lost(warp, mapping, proportions, params)
    mapping.out.bias += 0.5
    assert lost < 0.3 and deformation.lost(warp, mapping, proportions, params) > 2 * lost
