"""Directional lights as nine spherical-harmonic coefficients, in the pack's convention."""

import numpy as np

_C0 = 0.5 / np.sqrt(np.pi)
_C1 = np.sqrt(3.0 / (4.0 * np.pi))
_C2 = np.sqrt(15.0 / (4.0 * np.pi))
_C20 = np.sqrt(5.0 / (16.0 * np.pi))


def directional(direction: np.ndarray, strength: float, ambient: float) -> np.ndarray:
    """A directional light over an even ambient light: float32 [9] (Sloan, "Stupid Spherical Harmonics (SH) Tricks", 2008).

    Args:
        direction: from which the light comes, in the head's frame; any length but 0.
        strength: shading that the directional light adds to a white surface that faces it.
        ambient: shading that the ambient light gives every white surface.

    Raises:
        ValueError: the direction has no length.
    """
    d = np.asarray(direction, dtype=np.float64)
    length = np.linalg.norm(d)
    if not length > 0:
        raise ValueError(f"direction must be a finite vector other than 0, was {direction}")
    light = strength * (16.0 * np.pi / 17.0) * basis(d / length)
    light[0] += ambient * np.sqrt(4.0 * np.pi)
    return light.astype(np.float32)


def basis(d: np.ndarray) -> np.ndarray:
    """``galatea_packfile.conventions.harmonics`` of one unit vector [3], in float64 without torch: [9]."""
    x, y, z = d
    first = [_C0, _C1 * y, _C1 * z, _C1 * x]
    return np.array([*first, _C2 * x * y, _C2 * y * z, _C20 * (3 * z * z - 1), _C2 * x * z, 0.5 * _C2 * (x * x - y * y)])
