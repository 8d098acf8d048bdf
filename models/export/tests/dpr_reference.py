"""DPR restated as plain functions of its state dict: the light in a portrait, and a portrait under another light.

Zhou et al. 2019, "Deep Single-Image Portrait Relighting". Tensors of any float type; SH in DPR's axes and order.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

LIGHT = 27


def estimate(state: dict[str, Tensor], lightness: Tensor) -> Tensor:
    """Lightness `[B,1,512,512]` → light `[B,9]`."""
    x = _entrance(state, lightness)
    for level in (3, 2, 1, 0):
        x = _block(state, f"HG{level}.low1", F.max_pool2d(x, 2), _batch_norm)
    return _light(state, x)


def relit(state: dict[str, Tensor], lightness: Tensor, light: Tensor) -> Tensor:
    """Lightness `[B,1,512,512]` under a light `[B,9]` → lightness `[B,1,512,512]`."""
    x = _hourglass(state, 3, _entrance(state, lightness), light)
    for i, padding in ((1, 1), (2, 0), (3, 0)):
        x = F.conv2d(x, state[f"conv_{i}.weight"], state[f"conv_{i}.bias"], padding=padding)
        x = F.relu(_batch_norm(state, f"bn_{i}", x))
    return torch.sigmoid(F.conv2d(x, state["output.weight"], state["output.bias"]))


def basis(normals: np.ndarray) -> np.ndarray:
    """DPR's basis in its axes (X right, Y into the scene, Z up): 1, Y, Z, X, XY, YZ, 3Z²−1, XZ, X²−Y², orthonormal."""
    x, y, z = np.moveaxis(normals, -1, 0)
    return np.stack(
        [
            np.full_like(x, np.sqrt(1 / (4 * np.pi))),
            *(np.sqrt(3 / (4 * np.pi)) * a for a in (y, z, x)),
            *(np.sqrt(15 / (4 * np.pi)) * a for a in (x * y, y * z)),
            np.sqrt(5 / (16 * np.pi)) * (3 * z * z - 1),
            np.sqrt(15 / (4 * np.pi)) * x * z,
            np.sqrt(15 / (16 * np.pi)) * (x * x - y * y),
        ],
        axis=-1,
    )


def _entrance(state: dict[str, Tensor], x: Tensor) -> Tensor:
    return F.relu(
        _batch_norm(state, "pre_bn", F.conv2d(x, state["pre_conv.weight"], state["pre_conv.bias"], padding=2))
    )


def _hourglass(state: dict[str, Tensor], level: int, x: Tensor, light: Tensor) -> Tensor:
    name = f"HG{level}"
    low = _block(state, f"{name}.low1", F.max_pool2d(x, 2), _batch_norm)
    if level > 0:
        low = _hourglass(state, level - 1, low, light)
    else:
        up = F.conv2d(light[:, :, None, None], state["light.post_FC1.weight"])
        up = F.conv2d(F.prelu(up, state["light.post_relu1.weight"]), state["light.post_FC2.weight"]).relu()
        low = torch.cat([up.expand(-1, -1, *low.shape[2:]), low[:, LIGHT:]], 1)
    low = _block(state, f"{name}.low2", low, _instance_norm)
    return _block(state, f"{name}.upper", x, _instance_norm) + F.interpolate(low, scale_factor=2, mode="nearest")


def _light(state: dict[str, Tensor], bottom: Tensor) -> Tensor:
    hidden = bottom[:, :LIGHT].mean((2, 3)) @ state["light.predict_FC1.weight"][:, :, 0, 0].T
    hidden = torch.where(hidden > 0, hidden, state["light.predict_relu1.weight"] * hidden)
    return hidden @ state["light.predict_FC2.weight"][:, :, 0, 0].T


def _block(state: dict[str, Tensor], name: str, x: Tensor, norm) -> Tensor:
    y = F.relu(norm(state, f"{name}.bn1", F.conv2d(x, state[f"{name}.conv1.weight"], padding=1)))
    y = norm(state, f"{name}.bn2", F.conv2d(y, state[f"{name}.conv2.weight"], padding=1))
    shortcut = x if x.shape[1] == y.shape[1] else F.conv2d(x, state[f"{name}.shortcuts.weight"])
    return F.relu(y + shortcut)


def _batch_norm(state: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    mean, variance, weight, bias = (
        state[f"{name}.{part}"][:, None, None] for part in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / (variance + 1e-5).sqrt() * weight + bias


def _instance_norm(state: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    return F.instance_norm(x)
