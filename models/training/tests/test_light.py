"""Directional and rendered light against the pack's shading formula."""

import numpy as np
import pytest
import torch
from galatea_packfile.conventions import even_directions, harmonics

from galatea_training.render import light

#: What the cosine lobe keeps of each order: A_l / π.
COSINE_LOBE = np.array([1.0] + [2.0 / 3.0] * 3 + [0.25] * 5)


def sphere(count):
    return even_directions(torch.zeros(0, dtype=torch.float64), count).numpy()


def shading(coefficients, normals):
    """Shading of a white surface: light [9], unit normals [...,3] → [...]."""
    return harmonics(torch.from_numpy(normals)).numpy() @ (COSINE_LOBE * np.asarray(coefficients, dtype=np.float64))


def test_shading_is_the_cosine_integral_of_the_radiance():
    rng = np.random.default_rng(1)
    coefficients = rng.normal(size=9)
    directions = sphere(40000)
    radiance = harmonics(torch.from_numpy(directions)).numpy() @ coefficients
    for normal in sphere(7):
        cosine = np.maximum(directions @ normal, 0)
        integral = np.mean(cosine * radiance) * 4 * np.pi / np.pi
        assert shading(coefficients, normal) == pytest.approx(integral, abs=2e-3)


def test_directional_light_has_its_strength_where_the_surface_faces_it():
    direction = np.array([3.0, 1.0, 2.0])
    coefficients = light.directional(direction, 1.3, 0.2)
    assert shading(coefficients, direction / np.linalg.norm(direction)) == pytest.approx(1.5, abs=1e-5)


def test_ambient_light_shades_every_normal_alike():
    assert np.allclose(shading(light.directional([0, 0, 1], 0, 1), sphere(50)), 1, atol=1e-6)


def test_zero_direction_is_refused():
    with pytest.raises(ValueError, match="direction"):
        light.directional([0, 0, 0], 1, 0)


def test_the_basis_is_that_of_the_conventions():
    for direction in sphere(50):
        assert np.allclose(light.basis(direction), harmonics(torch.from_numpy(direction)), atol=1e-12)
