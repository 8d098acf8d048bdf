import numpy as np
import pytest

from galatea_training import camera, light


def sphere(count):
    return light._fibonacci_sphere(count)


def test_basis_is_orthonormal():
    y = light.basis(sphere(20000))
    assert np.allclose(y.T @ y * 4 * np.pi / len(y), np.eye(9), atol=1e-3)


def test_shading_is_the_cosine_integral_of_the_radiance():
    rng = np.random.default_rng(1)
    coefficients = rng.normal(size=9)
    directions = sphere(40000)
    radiance = light.basis(directions) @ coefficients
    for normal in sphere(7):
        cosine = np.maximum(directions @ normal, 0)
        integral = np.mean(cosine * radiance) * 4 * np.pi / np.pi
        assert light.shading(coefficients, normal) == pytest.approx(integral, abs=2e-3)


def test_directional_light_has_its_strength_where_the_surface_faces_it():
    direction = np.array([3.0, 1.0, 2.0])
    coefficients = light.directional(direction, 1.3, 0.2)
    assert light.shading(coefficients, direction / np.linalg.norm(direction)) == pytest.approx(1.5, abs=1e-5)


def test_ambient_light_shades_every_normal_alike():
    assert np.allclose(light.shading(light.directional([0, 0, 1], 0, 1), sphere(50)), 1, atol=1e-6)


def test_rotated_light_shades_rotated_normals_alike():
    rotation = camera.picture_frame(camera.camera(0.6, -0.3))
    coefficients = np.random.default_rng(2).normal(size=9)
    normals = sphere(30)
    turned = light.rotation_matrix(rotation) @ coefficients
    assert np.allclose(light.shading(turned, normals @ rotation.T), light.shading(coefficients, normals))


def test_zero_direction_is_refused():
    with pytest.raises(ValueError, match="direction"):
        light.directional([0, 0, 0], 1, 0)
