"""Light as 9 real spherical-harmonic coefficients, by the pack contract.

Basis: orthonormal, without the Condon–Shortley sign, order (0,0) (1,−1) (1,0) (1,1) (2,−2) (2,−1) (2,0) (2,1) (2,2).
Shading of a white surface: Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment Maps",
2001. Directional light: Sloan, "Stupid Spherical Harmonics (SH) Tricks", 2008.
"""

import numpy as np

_C0 = 0.5 / np.sqrt(np.pi)
_C1 = np.sqrt(3.0 / (4.0 * np.pi))
_C2 = np.sqrt(15.0 / (4.0 * np.pi))
_C20 = np.sqrt(5.0 / (16.0 * np.pi))

#: A_l / π of each coefficient: what the cosine lobe keeps of each order.
COSINE_LOBE = np.array([1.0] + [2.0 / 3.0] * 3 + [0.25] * 5)


def basis(directions: np.ndarray) -> np.ndarray:
    """Y_lm of unit vectors: [..., 3] → float64 [..., 9]."""
    x, y, z = np.moveaxis(np.asarray(directions, dtype=np.float64), -1, 0)
    return np.stack(
        [
            np.full_like(x, _C0),
            _C1 * y,
            _C1 * z,
            _C1 * x,
            _C2 * x * y,
            _C2 * y * z,
            _C20 * (3.0 * z * z - 1.0),
            _C2 * x * z,
            0.5 * _C2 * (x * x - y * y),
        ],
        axis=-1,
    )


def directional(direction: np.ndarray, strength: float, ambient: float) -> np.ndarray:
    """A light from ``direction`` (any length but 0) over an even ambient: float32 [9].

    The shading is ``strength + ambient`` where a white surface faces the direction.
    """
    d = np.asarray(direction, dtype=np.float64)
    length = np.linalg.norm(d)
    if not length > 0:
        raise ValueError(f"direction must be a finite vector other than 0, was {direction}")
    light = strength * (16.0 * np.pi / 17.0) * basis(d / length)
    light[0] += ambient * np.sqrt(4.0 * np.pi)
    return light.astype(np.float32)


def shading(light: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Shading of a white surface: light [9], unit normals [..., 3] → [...]."""
    return basis(normals) @ (COSINE_LOBE * np.asarray(light, dtype=np.float64))


def rotation_matrix(rotation: np.ndarray) -> np.ndarray:
    """The 9×9 matrix that turns coefficients as ``rotation`` [3,3] turns vectors: ``L' = M @ L``.

    Exact for order 2: the rotated light has, in direction R·d, the radiance that the light had in direction d.
    """
    directions = _fibonacci_sphere(64)
    return np.linalg.pinv(basis(directions)) @ basis(directions @ np.asarray(rotation, dtype=np.float64))


def _fibonacci_sphere(count: int) -> np.ndarray:
    i = np.arange(count) + 0.5
    z = 1.0 - 2.0 * i / count
    angle = np.pi * (1.0 + np.sqrt(5.0)) * i
    r = np.sqrt(1.0 - z * z)
    return np.stack([r * np.cos(angle), r * np.sin(angle), z], axis=1)
