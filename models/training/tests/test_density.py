import torch

from galatea_training.networks.density import EXTENT, NECK, Density, filled
from galatea_training.networks.generator import Generator, LatentRenderer
from galatea_training.networks.latent import LAYERS, WIDTH, Basis


def tiny_renderer():
    torch.manual_seed(0)
    return LatentRenderer(Generator(5, (0.5, 0.4, 0.3)), Basis()).eval()


def scene(rows, points):
    return torch.randn(rows, 3, 16, 64, 64), torch.randn(rows, LAYERS, WIDTH), EXTENT * (2 * torch.rand(rows, points, 3) - 1)


def test_a_point_is_as_solid_as_a_sample_there_is_opaque():
    renderer = tiny_renderer()
    planes, w, points = scene(2, 50)
    found = Density(renderer)(planes, w, points)
    raw = renderer.render.raw(planes, renderer.warp(w), points)[:, :1]
    renderer.render.samples = 1
    _, coverage = renderer.render.composite(raw)
    within = found[..., 0] > 0
    assert within.any() and torch.allclose(found[..., 0][within], coverage[:, 0][within], atol=1e-6)
    assert found.shape == (2, 50, 4) and found.min() >= 0 and found.max() <= 1


def test_nothing_is_solid_below_the_neck_and_beyond_the_skull():
    planes, w, _ = scene(1, 1)
    beyond = torch.tensor([[[0.0, NECK - 0.01, 0.0], [0.0, 0.41, 0.0], [0.0, 0.1, -0.41], [0.41, 0.1, 0.0]]])
    assert (Density(tiny_renderer())(planes, w, beyond)[..., 0] == 0).all()


def test_what_a_hull_encloses_is_inside_and_its_bottom_counts_as_closed():
    hull = torch.zeros(12, 12, 12, dtype=torch.bool)
    hull[2:10, 0:10, 2:10] = True
    hollow = hull.clone()
    hollow[4:8, 0:8, 4:8] = False
    assert torch.equal(filled(hollow), hull)
