"""Cameras and light keep the conventions of docs/pack.md."""

import numpy as np
import pytest
import torch
from galatea_packfile.conventions import (
    RADIUS,
    angles_from_camera,
    camera_from_angles,
    even_directions,
    harmonics,
    head_to_picture,
    light_in_picture,
    rotate_light,
)
from torch.nn.functional import normalize

VIEWS = [(0.0, 0.0), (0.35, -0.2), (-0.7, 0.3), (1.1, 0.6)]


def camera(yaw, pitch):
    return camera_from_angles(torch.tensor([yaw]), torch.tensor([pitch]))


def project(view, point):
    pose = view[0, :16].reshape(4, 4).double().numpy()
    x, y, z = view[0, 16:].reshape(3, 3).double().numpy() @ (pose[:3, :3].T @ (np.asarray(point) - pose[:3, 3]))
    return x / z, y / z


@pytest.mark.parametrize(("yaw", "pitch"), VIEWS)
def test_a_camera_is_the_published_matrix(yaw, pitch):
    """The same camera by cross products in numpy."""
    position = RADIUS * np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    forward = -position / RADIUS
    right = np.cross(forward, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    pose[:3, 3] = position
    np.testing.assert_allclose(camera(yaw, pitch)[0, :16], pose.ravel(), atol=1e-6)
    np.testing.assert_allclose(angles_from_camera(camera(yaw, pitch))[0], [yaw, pitch], atol=1e-6)


def test_the_frontal_camera_stands_on_plus_z_and_its_picture_frame_is_the_heads():
    frontal = camera(0.0, 0.0)
    np.testing.assert_allclose(frontal[0, [3, 7, 11]], [0, 0, RADIUS], atol=1e-6)
    torch.testing.assert_close(head_to_picture(frontal)[0], torch.eye(3))


def test_right_is_right_and_up_is_up_in_the_picture():
    assert project(camera(0.0, 0.0), [0.1, 0, 0])[0] > 0.5
    assert project(camera(0.0, 0.0), [0, 0.1, 0])[1] < 0.5
    assert project(camera(0.4, -0.2), [0, 0, 0]) == pytest.approx((0.5, 0.5), abs=1e-6)


def test_positive_yaw_stands_towards_plus_x_and_positive_pitch_up():
    assert bool((camera(0.3, 0.2)[0, [3, 7, 11]] > 0).all())


def test_the_picture_frame_is_a_rotation():
    rotation = head_to_picture(camera_from_angles(torch.tensor([0.4, -0.9]), torch.tensor([0.2, 0.5])))
    torch.testing.assert_close(rotation @ rotation.transpose(1, 2), torch.eye(3).expand(2, 3, 3), atol=1e-6, rtol=0)
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(2))


def test_harmonics_are_orthonormal():
    y = harmonics(even_directions(torch.zeros(0, dtype=torch.float64), 20000))
    torch.testing.assert_close(y.T @ y * 4 * np.pi / len(y), torch.eye(9).double(), atol=1e-3, rtol=0)


@pytest.mark.parametrize(("yaw", "pitch"), VIEWS)
def test_rotated_light_has_the_radiance_of_the_turned_direction(yaw, pitch):
    random = torch.Generator().manual_seed(2)
    light = torch.randn(1, 9, generator=random, dtype=torch.float64)
    directions = normalize(torch.randn(30, 3, generator=random, dtype=torch.float64), dim=1)
    rotation = head_to_picture(camera(yaw, pitch)).double()
    turned = rotate_light(light, rotation)
    before, after = harmonics(directions) @ light[0], harmonics(directions @ rotation[0].T) @ turned[0]
    torch.testing.assert_close(after, before, atol=1e-5, rtol=0)


def test_a_light_from_the_camera_is_frontal_in_its_picture():
    view = camera(0.6, -0.3)
    towards_camera = normalize(view[:, [3, 7, 11]], dim=1)
    turned = light_in_picture(harmonics(towards_camera), view)
    torch.testing.assert_close(turned, harmonics(torch.tensor([[0.0, 0.0, 1.0]])), atol=1e-5, rtol=0)
