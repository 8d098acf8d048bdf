"""The conventions of docs/pack.md as tensor code: cameras, viewing angles, and light in the head's and the picture's frame.

All functions are differentiable and can be compiled by TorchScript: training, export and the reference share them.
"""

import math

import torch
from torch import Tensor

#: Distance of the camera from the origin, world units.
RADIUS = 2.7
#: Focal length as a fraction of the picture's side.
FOCAL = 4.2647


def harmonics(directions: Tensor) -> Tensor:
    """Real orthonormal spherical harmonics of order 0 to 2, without the Condon-Shortley sign.

    Args:
        directions: unit vectors `[..., 3]`.

    Returns:
        `[..., 9]` in the order 1, y, z, x, xy, yz, 3z²-1, xz, x²-y².
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


def camera_from_angles(yaw: Tensor, pitch: Tensor, radius: float = RADIUS, focal: float = FOCAL) -> Tensor:
    """Cameras `[B,25]` on a sphere about the origin; they look at the origin, and up is y.

    Args:
        yaw: `[B]`, radians; positive moves the camera towards +x.
        pitch: `[B]`, radians, between -π/2 and π/2; positive moves the camera up.
        radius: distance from the origin, world units.
        focal: focal length as a fraction of the picture's side.
    """
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
    """Yaw and pitch `[B,2]` in radians of cameras `[B,25]` that look at the origin."""
    position = torch.nn.functional.normalize(camera[:, [3, 7, 11]], dim=-1)
    pitch = position[:, 1].clamp(-1.0, 1.0).asin()
    return torch.stack([torch.atan2(position[:, 0], position[:, 2]), pitch], -1)


def head_to_picture(camera: Tensor) -> Tensor:
    """Rotations `[B,3,3]` from the head's frame to the picture's frame (x right, y up, z to the camera) of cameras `[B,25]`."""
    axes = camera[:, :16].reshape(-1, 4, 4)[:, :3, :3].transpose(1, 2)
    flip = torch.tensor([1.0, -1.0, -1.0], dtype=camera.dtype, device=camera.device)
    return axes * flip[:, None]


def rotate_light(light: Tensor, rotation: Tensor) -> Tensor:
    """Rotates light: radiance from direction `d` afterwards comes from `rotation @ d`.

    Nine or more samples determine radiance of order 2. The function samples the light at rotated directions and
    projects the samples back, which is exact.

    Args:
        light: spherical harmonics `[B,9]`.
        rotation: `[B,3,3]`.

    Returns:
        `[B,9]`.
    """
    probes = even_directions(light)
    radiance = (harmonics(probes @ rotation) @ light[:, :, None]).squeeze(-1)
    return radiance @ torch.linalg.pinv(harmonics(probes)).T


def light_in_picture(light: Tensor, camera: Tensor) -> Tensor:
    """Rotates light `[B,9]` from the head's frame into the picture's frame of each camera `[B,25]`: `[B,9]`."""
    return rotate_light(light, head_to_picture(camera))


def even_directions(like: Tensor, count: int = 24) -> Tensor:
    """Unit vectors `[count,3]` spread evenly over the sphere (a Fibonacci lattice), in the type and on the device of `like`."""
    index = torch.arange(count, dtype=like.dtype, device=like.device) + 0.5
    z = 1.0 - 2.0 * index / count
    angle = index * (math.pi * (3.0 - math.sqrt(5.0)))
    radius = (1.0 - z * z).sqrt()
    return torch.stack([radius * angle.cos(), radius * angle.sin(), z], -1)
