"""Random lights and cameras of the datasets."""

import numpy as np

from ..render.camera import camera
from ..render.light import directional


def sample_light(rng: np.random.Generator) -> np.ndarray:
    """A random light: spherical harmonics float32 [9] in the head's frame.

    Half of the lights are soft and frontal, the other half strong and from any side.
    """
    if rng.random() < 0.5:
        yaw, pitch = rng.normal(0, 0.6), rng.normal(0.35, 0.3)
        strength, ambient = rng.uniform(0.25, 0.8), rng.uniform(0.3, 0.6)
    else:
        yaw, pitch = rng.uniform(-2.1, 2.1), rng.uniform(-0.5, 1.0)
        strength, ambient = rng.uniform(0.7, 1.4), rng.uniform(0.12, 0.4)
    direction = [np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)]
    return directional(direction, strength, ambient)


def sample_camera(rng: np.random.Generator, frontal: bool) -> np.ndarray:
    """A random camera [25]: near-frontal, or anywhere within yaw ±0.7 and pitch ±0.35 rad."""
    if frontal:
        return camera(np.clip(rng.normal(0, 0.08), -0.2, 0.2), np.clip(rng.normal(0, 0.05), -0.12, 0.12))
    return camera(rng.uniform(-0.7, 0.7), rng.uniform(-0.35, 0.35))
