"""The tensor twins of camera.py and light.py agree with them, and light turns as vectors do."""

import numpy as np
import pytest
import torch

from galatea_training import camera, light
from galatea_training.frames import angles_from_camera, camera_from_angles, harmonics, head_to_picture, light_in_picture

VIEWS = [(0.0, 0.0), (0.35, -0.2), (-0.7, 0.3), (1.1, 0.6)]


@pytest.mark.parametrize(("yaw", "pitch"), VIEWS)
def test_cameras_agree_with_the_numpy_ones(yaw, pitch):
    made = camera_from_angles(torch.tensor([yaw]), torch.tensor([pitch]))
    np.testing.assert_allclose(made[0].numpy(), camera.camera(yaw, pitch), atol=1e-6)
    np.testing.assert_allclose(angles_from_camera(made)[0].numpy(), [yaw, pitch], atol=1e-6)


@pytest.mark.parametrize(("yaw", "pitch"), VIEWS)
def test_light_in_the_picture_agrees_with_the_numpy_rotation(yaw, pitch):
    view = camera.camera(yaw, pitch)
    head_light = light.directional(np.array([0.3, 0.5, 0.8]), 1.2, 0.3)
    turned = light_in_picture(torch.from_numpy(head_light)[None], torch.from_numpy(view)[None])[0]
    expected = light.rotation_matrix(camera.picture_frame(view)) @ head_light
    np.testing.assert_allclose(turned.numpy(), expected, atol=1e-5)


def test_a_light_from_the_camera_is_frontal_in_its_picture():
    view = camera_from_angles(torch.tensor([0.6]), torch.tensor([-0.3]))
    towards_camera = torch.nn.functional.normalize(view[:, [3, 7, 11]], dim=1)
    turned = light_in_picture(harmonics(towards_camera), view)
    torch.testing.assert_close(turned, harmonics(torch.tensor([[0.0, 0.0, 1.0]])), atol=1e-5, rtol=0)


def test_the_picture_frame_is_a_rotation():
    rotation = head_to_picture(camera_from_angles(torch.tensor([0.4, -0.9]), torch.tensor([0.2, 0.5])))
    torch.testing.assert_close(rotation @ rotation.transpose(1, 2), torch.eye(3).expand(2, 3, 3), atol=1e-6, rtol=0)
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(2))
