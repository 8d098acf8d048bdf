"""Shades G-buffers: albedo, normal and coverage of each pixel → picture under any light.

Deferred shading of diffuse surfaces by second-order spherical harmonics (Ramamoorthi and Hanrahan, "An Efficient
Representation for Irradiance Environment Maps", 2001). The renderer, the training data and
the generator share the shading, so that the generator learns the surface and not the light.
"""

import numpy as np
import torch
from torch import Tensor

#: RGB of the backdrop of all pictures, 0-255, and the same in [-1, 1].
BACKGROUND = (198, 192, 184)
BACKDROP = tuple(level / 127.5 - 1.0 for level in BACKGROUND)
#: Channels of a G-buffer: encoded albedo (3), coverage (1), normal (3), importance (1).
CHANNELS = 8


def brightness(normals: Tensor, light: Tensor, gamma: float = 2.2, soft: float = 0.02) -> Tensor:
    """Encoded shading of a white surface.

    Args:
        normals: [B,3,H,W] in the head's frame; need not be unit vectors.
        light: [B,9], SH radiance in the head's frame.
        gamma: of the encoding.
        soft: softness of the bound that keeps the shading above 0 on surfaces that face away from all light.

    Returns:
        [B,1,H,W], above 0: shading to the power 1/gamma, a factor on the encoded albedo.
    """
    x, y, z = normals.unbind(1)
    shrink = torch.rsqrt(x * x + y * y + z * z + 1e-6)
    x, y, z = x * shrink, y * shrink, z * shrink
    c = light[:, :, None, None]
    shading = (
        0.28209479 * c[:, 0]
        + 0.32573501 * (c[:, 1] * y + c[:, 2] * z + c[:, 3] * x)
        + 0.27313711 * (c[:, 4] * x * y + c[:, 5] * y * z + c[:, 7] * x * z + 0.5 * c[:, 8] * (x * x - y * y))
        + 0.07884789 * c[:, 6] * (3.0 * z * z - 1.0)
    )
    positive = 0.5 * (shading + torch.sqrt(shading * shading + soft * soft))
    return positive.pow(1.0 / gamma)[:, None]


def surface_of(buffers: Tensor) -> Tensor:
    """G-buffers [B,8,H,W] in [0, 1] → surfaces [B,7,H,W]: coverage, then albedo and normals times coverage."""
    albedo, coverage, normals, _ = buffers.split([3, 1, 3, 1], dim=1)
    return torch.cat([coverage, albedo * coverage, (2.0 * normals - 1.0) * coverage], dim=1)


def shade(surface: Tensor, light: Tensor, background: Tensor) -> Tensor:
    """Surfaces [B,7,H,W] under lights [B,9] over a background [3,1,1] → pictures [B,3,H,W] in [-1, 1]."""
    coverage, albedo, normals = surface.split([1, 3, 3], dim=1)
    lit = (albedo * brightness(normals, light)).clamp(0.0, 1.0)
    return 2.0 * lit - coverage + (1.0 - coverage) * background


def shrunk(buffer: np.ndarray, factor: int) -> np.ndarray:
    """Reduces a G-buffer with ``factor``² sub-pixels a pixel to uint8 [size,size,8].

    A pixel is the mean over its covered sub-pixels; its coverage is the mean over all sub-pixels.
    """
    side = buffer.shape[0] // factor
    cells = buffer.reshape(side, factor, side, factor, -1).astype(np.float32)
    cover = cells[..., 3:4] / 255
    mean = (cells * cover).sum(axis=(1, 3)) / np.maximum(cover.sum(axis=(1, 3)), 1)
    mean[..., 3] = cells[..., 3].mean(axis=(1, 3))
    return (mean + 0.5).astype(np.uint8)


def picture(buffer: np.ndarray, factor: int, light: np.ndarray) -> np.ndarray:
    """Shades a G-buffer with ``factor``² sub-pixels a pixel: uint8 [size,size,3] over ``BACKGROUND``.

    Sub-pixels are shaded before their mean is taken.
    """
    planes = torch.from_numpy(np.ascontiguousarray(buffer)).permute(2, 0, 1)[None].float() / 255
    lit = shade(surface_of(planes), torch.from_numpy(light)[None].float(), torch.tensor(BACKDROP)[:, None, None])
    image = torch.nn.functional.avg_pool2d(lit, factor)
    return ((image[0].permute(1, 2, 0) + 1) * 127.5).round().byte().numpy()
