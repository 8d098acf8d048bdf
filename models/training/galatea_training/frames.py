"""Cameras, viewing angles, and light between the head's frame and the picture's frame (docs/pack.md, conventions).

Everything is plain differentiable tensor code that TorchScript can compile, so that the same lines serve training and export.
"""

import math

import torch
from torch import Tensor

RADIUS = 2.7
FOCAL = 4.2647
SH_BANDS = (0, 1, 1, 1, 2, 2, 2, 2, 2)


def harmonics(directions: Tensor) -> Tensor:
    """Real orthonormal spherical harmonics of order 0 to 2, without the Condon-Shortley sign.

    directions: unit vectors `[..., 3]`. Returns `[..., 9]` in the order 1, y, z, x, xy, yz, 3z^2-1, xz, x^2-y^2.
    """
    x, y, z = directions.unbind(-1)
    return torch.stack(
        [
            torch.full_like(x, 0.28209479177387814),
            0.4886025119029199 * y,
            0.4886025119029199 * z,
            0.4886025119029199 * x,
            1.0925484305920792 * x * y,
            1.0925484305920792 * y * z,
            0.31539156525252005 * (3.0 * z * z - 1.0),
            1.0925484305920792 * x * z,
            0.5462742152960396 * (x * x - y * y),
        ],
        -1,
    )


def camera_from_angles(yaw: Tensor, pitch: Tensor, radius: float = 2.7, focal: float = 4.2647) -> Tensor:
    """Cameras `[B,25]` that look at the origin from yaw and pitch `[B]` in radians (|pitch| < pi/2)."""
    zero = torch.zeros_like(yaw)
    one = torch.ones_like(yaw)
    back = torch.stack([yaw.sin() * pitch.cos(), pitch.sin(), yaw.cos() * pitch.cos()], -1)
    right = torch.stack([yaw.cos(), zero, -yaw.sin()], -1)
    down = torch.cross(right, back, dim=-1)
    columns = torch.stack([right, down, -back, radius * back], -1)
    last = torch.stack([zero, zero, zero, one], -1)[:, None]
    pose = torch.cat([columns, last], 1).flatten(1)
    f, c = one * focal, one * 0.5
    intrinsics = torch.stack([f, zero, c, zero, f, c, zero, zero, one], -1)
    return torch.cat([pose, intrinsics], 1)


def angles_from_camera(camera: Tensor) -> Tensor:
    """Yaw and pitch `[B,2]`, radians, of cameras `[B,25]`, from where they stand."""
    position = torch.nn.functional.normalize(camera[:, [3, 7, 11]], dim=-1)
    pitch = position[:, 1].clamp(-1.0, 1.0).asin()
    return torch.stack([torch.atan2(position[:, 0], position[:, 2]), pitch], -1)


def head_to_picture(camera: Tensor) -> Tensor:
    """Rotations `[B,3,3]` that take head-frame directions into the picture's frame (x right, y up, z to the camera)."""
    axes = camera[:, :16].reshape(-1, 4, 4)[:, :3, :3].transpose(1, 2)
    flip = torch.tensor([1.0, -1.0, -1.0], dtype=camera.dtype, device=camera.device)
    return axes * flip[:, None]


def rotate_light(light: Tensor, rotation: Tensor) -> Tensor:
    """Rotates light `[B,9]` by `rotation` `[B,3,3]`: what shone from `d` then shines from `rotation @ d`.

    Band-limited radiance is fixed by its values in nine or more directions: it is read at the turned-back directions
    and projected again, which is exact.
    """
    probes = _probe_directions(light)
    turned_back = probes @ rotation
    radiance = (harmonics(turned_back) @ light[:, :, None]).squeeze(-1)
    return radiance @ torch.linalg.pinv(harmonics(probes)).T


def light_in_picture(light: Tensor, camera: Tensor) -> Tensor:
    """Head-frame light `[B,9]` as cameras `[B,25]` see it: `[B,9]` in each picture's frame."""
    return rotate_light(light, head_to_picture(camera))


def _probe_directions(like: Tensor, count: int = 24) -> Tensor:
    """Directions spread evenly over the sphere (a Fibonacci lattice), `[count, 3]`."""
    index = torch.arange(count, dtype=like.dtype, device=like.device) + 0.5
    z = 1.0 - 2.0 * index / count
    angle = index * (math.pi * (3.0 - math.sqrt(5.0)))
    radius = (1.0 - z * z).sqrt()
    return torch.stack([radius * angle.cos(), radius * angle.sin(), z], -1)
