"""EG3D once more, in float64, row by row, as the papers put it: what the exported networks are held against.

StyleGAN2's convolutions modulate and demodulate the weights of each row, and grow by inserting zeros; a ray's samples
are drawn and composited with their transmittances multiplied one by one.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from galatea_export.checkpoints.eg3d import Constants

State = dict[str, Tensor]


def planes(state: State, latent: Tensor, constants: Constants) -> Tensor:
    """W+ [B,L,D] → planes [B,3·C,P,P]."""
    return torch.cat([_planes_of_row(state, w, constants) for w in latent])


def _planes_of_row(state: State, w: Tensor, constants: Constants) -> Tensor:
    x, picture, row, side = state["backbone.synthesis.b4.const"][None], None, 0, 4
    while f"backbone.synthesis.b{side}.torgb.weight" in state:
        name = f"backbone.synthesis.b{side}"
        for conv in ("conv0", "conv1") if side > 4 else ("conv1",):
            x = conv_layer(state, f"{name}.{conv}", x, w[row], conv == "conv0", True, constants.clamp)
            row += 1
        colour = to_rgb(state, f"{name}.torgb", x, w[row], constants.clamp)
        picture = colour if picture is None else upsampled(picture) + colour
        side *= 2
    return picture


def super_resolution(state: State, features: Tensor, w: Tensor, constants: Constants) -> Tensor:
    """Features [1,F,R,R] and the last layer of W+ [D] → picture [1,3,S,S]."""
    x, side = features, constants.input_resolution
    if x.shape[-1] != side:
        x = F.interpolate(x, (side, side), mode="bilinear", antialias=constants.antialias)
    picture = x[:, :3]
    for block in ("block0", "block1"):
        name, target = f"superresolution.{block}", state[f"superresolution.{block}.conv1.noise_const"].shape[0]
        grows = target > x.shape[-1]
        x = conv_layer(state, f"{name}.conv0", x, w, grows, False, constants.upper_clamp)
        x = conv_layer(state, f"{name}.conv1", x, w, False, False, constants.upper_clamp)
        colour = to_rgb(state, f"{name}.torgb", x, w, constants.upper_clamp)
        picture = (upsampled(picture) if grows else picture) + colour
    return picture


def dense(state: State, name: str, x: Tensor, rate: float = 1.0) -> Tensor:
    weight = state[f"{name}.weight"] * rate / state[f"{name}.weight"].shape[1] ** 0.5
    return x @ weight.T + state[f"{name}.bias"] * rate


def conv_layer(state: State, name: str, x: Tensor, w: Tensor, grows: bool, noise: bool, clamp: float) -> Tensor:
    weight = state[f"{name}.weight"] * dense(state, f"{name}.affine", w)[None, :, None, None]
    weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
    if grows:
        zeros = torch.zeros(1, x.shape[1], 2 * x.shape[2] - 1, 2 * x.shape[3] - 1, dtype=x.dtype)
        zeros[:, :, ::2, ::2] = x
        x = binomial(F.conv2d(zeros, weight.flip(2, 3), padding=2), (1, 1))
    else:
        x = F.conv2d(x, weight, padding=1)
    if noise:
        x = x + state[f"{name}.noise_const"] * state[f"{name}.noise_strength"]
    return bounded(F.leaky_relu(x + state[f"{name}.bias"][:, None, None], 0.2) * 2**0.5, clamp)


def to_rgb(state: State, name: str, x: Tensor, w: Tensor, clamp: float) -> Tensor:
    style = dense(state, f"{name}.affine", w) / state[f"{name}.weight"].shape[1] ** 0.5
    weight = state[f"{name}.weight"] * style[None, :, None, None]
    return bounded(F.conv2d(x, weight) + state[f"{name}.bias"][:, None, None], clamp)


def bounded(x: Tensor, clamp: float) -> Tensor:
    return x.clamp(-clamp, clamp) if clamp else x


def binomial(x: Tensor, pad: tuple[int, int]) -> Tensor:
    """The filter 1-3-3-1 of sum 4, after `pad` zeros before and behind along both axes."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype) / 4
    x = F.pad(x, (*pad, *pad)).transpose(0, 1)
    return F.conv2d(x, torch.outer(taps, taps)[None, None]).transpose(0, 1)


def upsampled(picture: Tensor) -> Tensor:
    zeros = torch.zeros(*picture.shape[:2], 2 * picture.shape[2], 2 * picture.shape[3], dtype=picture.dtype)
    zeros[:, :, ::2, ::2] = picture
    return binomial(zeros, (2, 1))


def features(state: State, planes: Tensor, camera: Tensor, constants: Constants, rays: int, samples: int) -> Tensor:
    """Planes [1,3·C,P,P], one camera [25] → features [1,F,R,R]."""
    pose, stratum = camera[:16].reshape(4, 4), (constants.ray_end - constants.ray_start) / (samples - 1)
    coarse = torch.tensor([constants.ray_start + (i + 0.5) * stratum for i in range(samples)], dtype=planes.dtype)
    seen = []
    for row in range(rays):
        for column in range(rays):
            local = torch.stack([
                ((column + 0.5) / rays - camera[18]) / camera[16],
                ((row + 0.5) / rays - camera[21]) / camera[20],
                torch.ones((), dtype=planes.dtype),
            ])  # fmt: skip
            way = pose[:3, :3] @ local
            seen.append(_ray(state, planes, pose[:3, 3], way / way.norm(), coarse, constants))
    return torch.stack(seen, 1).reshape(1, -1, rays, rays)


def _ray(state: State, planes: Tensor, origin: Tensor, way: Tensor, coarse: Tensor, constants: Constants) -> Tensor:
    density, colour = points(state, planes, origin + coarse[:, None] * way, constants)
    fine = torch.from_numpy(drawn(coarse.numpy(), shares(coarse, density)[0].detach().numpy()))
    fine_density, fine_colour = points(state, planes, origin + fine[:, None] * way, constants)
    depth, order = torch.cat([coarse, fine]).sort()
    density, colour = torch.cat([density, fine_density])[order], torch.cat([colour, fine_colour])[order]
    share, _ = shares(depth, density)
    total = (share[:, None] * (colour[1:] + colour[:-1]) / 2).sum(0)
    return 2 * (total + (1 - share.sum() if constants.white_back else 0)) - 1


def points(state: State, planes: Tensor, where: Tensor, constants: Constants) -> tuple[Tensor, Tensor]:
    """Density [N] and colour [N,F] at points [N,3]."""
    found = []
    for plane, (u, v) in zip(planes[0].chunk(3), constants.plane_axes):
        grid = where[:, [u, v]][None, None] * 2 / constants.box_warp
        found.append(F.grid_sample(plane[None], grid, align_corners=False)[0, :, 0].T)
    x = F.softplus(dense(state, "decoder.net.0", sum(found) / 3, constants.decoder_rate))
    x = dense(state, "decoder.net.2", x, constants.decoder_rate)
    return x[:, 0], torch.sigmoid(x[:, 1:]) * 1.002 - 0.001


def shares(depth: Tensor, density: Tensor) -> tuple[Tensor, Tensor]:
    """What each interval between samples gives to the colour, and the light that passes all."""
    alpha = 1 - torch.exp(-F.softplus((density[1:] + density[:-1]) / 2 - 1) * (depth[1:] - depth[:-1]))
    clear, given = torch.ones((), dtype=depth.dtype), []
    for a in alpha:
        given.append(a * clear)
        clear = clear * (1 - a + 1e-10)
    return torch.stack(given), clear


def drawn(depth: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """As many depths as there were, at even quantiles of the smoothed weights."""
    greatest = np.maximum(np.r_[-np.inf, weight], np.r_[weight, -np.inf])
    smooth = ((greatest[1:] + greatest[:-1]) / 2 + 0.01)[1:-1] + 1e-5
    reached = np.r_[0, np.cumsum(smooth / smooth.sum())]
    middles = (depth[1:] + depth[:-1]) / 2
    quantiles = (np.arange(len(depth)) + 0.5) / len(depth)
    return np.interp(quantiles, reached, middles[: len(reached)])
