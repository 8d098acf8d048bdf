"""Shading against the formula in float64, and what coverage does."""

import numpy as np
import torch
from test_light import shading

from galatea_training.render import light
from galatea_training.render.shading import brightness, shade, surface_of


def random_normals(rng, count):
    normals = rng.normal(size=(count, 3))
    return normals / np.linalg.norm(normals, axis=1, keepdims=True)


def test_brightness_is_the_encoded_shading_of_a_white_surface():
    rng = np.random.default_rng()
    normals = random_normals(rng, 200)
    lamp = light.directional(rng.normal(size=3), 0.5, 1.0)
    truth = shading(lamp, normals) ** (1 / 2.2)
    pixels = torch.from_numpy(7 * normals.T.copy()).float().view(1, 3, 10, 20)
    seen = brightness(pixels, torch.from_numpy(lamp)[None]).flatten().numpy()
    assert np.allclose(seen, truth, atol=2e-3)


def test_what_faces_away_from_all_light_is_dark_and_has_a_gradient():
    lamp = torch.from_numpy(light.directional([0, 0, 1], 1.0, 0.0))[None]
    normals = torch.tensor([0.0, 0.0, -1.0]).view(1, 3, 1, 1).requires_grad_()
    seen = brightness(normals, lamp)
    seen.backward()
    assert 0 < seen.item() < 0.4 and bool(normals.grad.isfinite().all())


def test_a_pixel_without_a_head_shows_the_background():
    buffers = torch.rand(1, 8, 4, 4)
    buffers[:, 3] = 0
    background = torch.tensor([0.2, -0.3, 0.5]).view(3, 1, 1)
    picture = shade(surface_of(buffers), torch.rand(1, 9), background)
    assert torch.allclose(picture, background.expand(1, 3, 4, 4))
