import numpy as np
import pytest

from galatea_training.camera import RADIUS, camera, picture_frame, yaw_pitch


def project(camera25, point):
    pose = camera25[:16].reshape(4, 4).astype(float)
    x, y, z = camera25[16:].reshape(3, 3) @ (pose[:3, :3].T @ (np.asarray(point) - pose[:3, 3]))
    return x / z, y / z


def test_frontal_camera_stands_on_plus_z_with_identity_picture_frame():
    frontal = camera(0, 0)
    assert np.allclose(frontal[:16].reshape(4, 4)[:3, 3], [0, 0, RADIUS])
    assert np.allclose(picture_frame(frontal), np.eye(3))


def test_right_is_right_and_up_is_up_in_the_picture():
    assert project(camera(0, 0), [0.1, 0, 0])[0] > 0.5
    assert project(camera(0, 0), [0, 0.1, 0])[1] < 0.5
    assert project(camera(0.4, -0.2), [0, 0, 0]) == pytest.approx((0.5, 0.5), abs=1e-6)


def test_positive_yaw_stands_towards_plus_x_and_positive_pitch_up():
    x, y, z = camera(0.3, 0.2)[:16].reshape(4, 4)[:3, 3]
    assert x > 0 and y > 0 and z > 0


def test_pose_is_a_rigid_transform():
    rotation = camera(-0.7, 0.3)[:16].reshape(4, 4)[:3, :3]
    assert np.allclose(rotation.T @ rotation, np.eye(3), atol=1e-6)
    assert np.linalg.det(rotation) == pytest.approx(1, abs=1e-6)


def test_yaw_and_pitch_come_back():
    assert yaw_pitch(camera(0.35, -0.2)) == pytest.approx((0.35, -0.2), abs=1e-6)
