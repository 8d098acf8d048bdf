"""Cameras for rendering, as numpy arrays in the pack's convention."""

import numpy as np
import torch
from galatea_packfile.conventions import camera_from_angles


def camera(yaw: float, pitch: float) -> np.ndarray:
    """A camera that looks at the origin: float32 [25] (docs/pack.md).

    Args:
        yaw: radians; positive moves the camera towards +x.
        pitch: radians, between -π/2 and π/2; positive moves the camera up.
    """
    angles = torch.tensor([[yaw], [pitch]], dtype=torch.float64)
    return camera_from_angles(*angles)[0].numpy().astype(np.float32)
