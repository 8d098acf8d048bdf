"""Cameras as the pack contract writes them: 25 floats, camera-to-world then intrinsics."""

import numpy as np

RADIUS = 2.7
FOCAL = 4.2647


def camera(yaw: float, pitch: float, radius: float = RADIUS, focal: float = FOCAL) -> np.ndarray:
    """Camera on a sphere about the origin, looking at it, world y up.

    Args:
        yaw: radians; positive moves the camera towards +x.
        pitch: radians, within ±π/2 exclusive; positive moves the camera up.
        radius: distance from the origin, world units.
        focal: focal length as a fraction of the image size.

    Returns:
        float32 [25]: row-major 4×4 camera-to-world (camera axes x right, y down, z forward), then row-major 3×3
        intrinsics normalised by the image size.
    """
    position = radius * np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    forward = -position / radius
    right = np.cross(forward, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    pose[:3, 3] = position
    intrinsics = np.array([[focal, 0.0, 0.5], [0.0, focal, 0.5], [0.0, 0.0, 1.0]])
    return np.concatenate([pose.ravel(), intrinsics.ravel()]).astype(np.float32)


def picture_frame(camera25: np.ndarray) -> np.ndarray:
    """Rotation [3,3] that takes a head-frame vector into the picture's frame (x right, y up, z towards the camera)."""
    rotation = np.asarray(camera25[:16], dtype=np.float64).reshape(4, 4)[:3, :3]
    return (rotation * np.array([1.0, -1.0, -1.0])).T


def yaw_pitch(camera25: np.ndarray) -> tuple[float, float]:
    """Yaw and pitch in radians of a camera that looks at the origin."""
    x, y, z = np.asarray(camera25[:16], dtype=np.float64).reshape(4, 4)[:3, 3]
    return float(np.arctan2(x, z)), float(np.arctan2(y, np.hypot(x, z)))
