"""The looking networks: folding changes nothing, and mirrored labels belong to mirrored pictures."""

import numpy as np
import torch
from galatea_packfile.torchscript import stored_in_half

from galatea_training.networks.low_resolution import LowResolutionRegressor, Pose
from galatea_training.networks.recognition import Perceptual, Trunk, folded
from galatea_training.render import light
from galatea_training.train.augmentation import MIRROR_LIGHT


def test_folding_batch_normalisation_changes_nothing():
    torch.manual_seed(1)
    network = LowResolutionRegressor(9)
    images = torch.randn(8, 3, 32, 32)
    network(images)
    network.eval()
    torch.testing.assert_close(folded(network)(images), network(images), atol=1e-5, rtol=1e-4)


def test_the_distance_of_features_is_the_scaled_sum_of_its_parts():
    torch.manual_seed(2)
    network = folded(Perceptual(Trunk()))
    network.scales.copy_(torch.tensor([0.5, 1.0, 2.0, 3.0]))
    a, b = torch.rand(2, 1, 3, 128, 128)
    apart = [float((p - q).square().sum()) for p, q in zip(network.parts(a), network.parts(b), strict=True)]
    expected = sum(float(s) ** 2 * d for s, d in zip(network.scales, apart, strict=True))
    assert abs(float((network(a) - network(b)).square().sum()) - expected) < 1e-3 * expected


def test_a_pose_is_a_camera_that_looks_at_the_origin():
    torch.manual_seed(3)
    cameras = folded(Pose())(torch.randn(4, 3, 128, 128)).detach()
    pose = cameras[:, :16].reshape(-1, 4, 4)
    towards = -pose[:, :3, 3] / pose[:, :3, 3].norm(dim=1, keepdim=True)
    torch.testing.assert_close(pose[:, :3, 2], towards, atol=1e-5, rtol=0)


def test_a_mirrored_light_shines_from_the_other_side():
    left, right = (light.directional(np.array([x, 0.4, 0.7]), 1.1, 0.3) for x in (-0.6, 0.6))
    np.testing.assert_allclose(MIRROR_LIGHT.numpy() * left, right, atol=1e-6)


def test_half_precision_weights_change_little():
    torch.manual_seed(4)
    network = folded(LowResolutionRegressor(9))
    images = torch.randn(2, 3, 32, 32)
    before = network(images)
    torch.testing.assert_close(stored_in_half(network)(images), before, atol=5e-3, rtol=5e-2)
