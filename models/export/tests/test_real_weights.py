"""What published weights say of real photographs and of renders under known lights.

Set GALATEA_WEIGHTS to a folder with `dpr_trained_model_03.t7` and `mobilefacenet.pt`, and GALATEA_PHOTOS to one with
`astronaut.png`, `biden.jpg`, `biden2.jpg`, `obama.jpg` and `obama2.jpg`; without them these tests are skipped.
"""

import json
import os
from pathlib import Path

import dpr_reference
import numpy as np
import pytest
import torch
from agreement import pictures, relative_error

from galatea_export import lighting
from galatea_export.__main__ import main
from galatea_export.checkpoints.state import read_state
from galatea_export.random_weights import eg3d as eg3d_random

MAQUETTE = Path(__file__).parents[2] / "maquette"
#: Centres of the eyes, left and right in the picture, in pixels.
EYES = {
    "astronaut.png": ((201, 102), (246, 103)),
    "biden.jpg": ((527, 324), (654, 347)),
    "biden2.jpg": ((557, 411), (749, 411)),
    "obama.jpg": ((441, 214), (546, 213)),
    "obama2.jpg": ((248, 370), (365, 378)),
}
#: Directions to the light in the picture's frame.
DIRECTIONS = {
    "front": (0.0, 0.0, 1.0),
    "right": (1.0, 0.0, 0.6),
    "left": (-1.0, 0.0, 0.6),
    "above": (0.0, 1.0, 0.6),
    "below": (0.0, -1.0, 0.6),
}
Y, Z, X = 1, 2, 3


def folder(variable, *names):
    path = Path(os.environ.get(variable, ""))
    if variable not in os.environ or not all((path / name).is_file() for name in names):
        pytest.skip(f"{variable} names no folder with {', '.join(names)}")
    return path


@pytest.fixture(scope="module")
def dpr():
    """The path of DPR's checkpoint, its state in float32, and the network."""
    path = folder("GALATEA_WEIGHTS", "dpr_trained_model_03.t7") / "dpr_trained_model_03.t7"
    return path, read_state(path), lighting.load(path)


def portrait(name, size):
    """A photograph `[1,3,size,size]` as EG3D's are: eyes level at 0.41 of the height, 0.26 of the width apart."""
    image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    left, right = (np.array(eye, dtype=float) for eye in EYES[name])
    (a, b), (x, y) = (right - left) / (0.26 * size), (left + right) / 2
    u, v = 0.5 * size, 0.41 * size
    affine = (a, -b, x - a * u + b * v, b, a, y - b * u - a * v)
    with image.open(folder("GALATEA_PHOTOS", *EYES) / name) as photo:
        turned = photo.convert("RGB").transform((size, size), image.Transform.AFFINE, affine, image.Resampling.BICUBIC)
    return torch.from_numpy(np.asarray(turned).copy()).permute(2, 0, 1)[None].float() / 127.5 - 1


def directional(direction, strength, ambient):
    """A light of docs/pack.md `[1,9]`: a direction, its strength, and an ambient light."""
    x, y, z = np.array(direction) / np.linalg.norm(direction)
    c1, c2 = np.sqrt(3 / (4 * np.pi)), np.sqrt(15 / (4 * np.pi))
    order2 = [c2 * x * y, c2 * y * z, np.sqrt(5 / (16 * np.pi)) * (3 * z * z - 1), c2 * x * z, c2 / 2 * (x * x - y * y)]
    light = strength * 16 * np.pi / 17 * np.array([np.sqrt(1 / (4 * np.pi)), c1 * y, c1 * z, c1 * x, *order2])
    light[0] += ambient * np.sqrt(4 * np.pi)
    return torch.from_numpy(light).float()[None]


def grey(lightness):
    """The grey sRGB picture in [-1, 1] that has a lightness L*/100."""
    y = torch.where(lightness > 0.08, ((lightness + 0.16) / 1.16) ** 3, lightness * 2700 / 24389)
    encoded = torch.where(y > 0.0031308, 1.055 * y ** (1 / 2.4) - 0.055, 12.92 * y)
    return (2 * encoded - 1).expand(-1, 3, -1, -1)


def test_dprs_own_weights_agree_with_the_restatement(dpr):
    _, state, network = dpr
    image = pictures(1, 512)
    dpr_light = dpr_reference.estimate(
        {key: value.double() for key, value in state.items()}, lighting.lightness(image.double())
    )
    wanted = np.pi * dpr_light @ lighting.dpr_to_picture().double().T
    assert relative_error(network(image).detach(), wanted) <= 1e-4


@pytest.mark.parametrize("name", ["astronaut.png", "biden2.jpg"])
def test_a_photo_relit_by_dpr_shows_the_light_that_it_was_given(dpr, name):
    _, state, network = dpr
    lights = torch.cat([directional(direction, 1.2, 0.4) for direction in DIRECTIONS.values()])
    in_dpr = lights @ lighting.dpr_to_picture() / np.pi
    lightness = lighting.lightness(portrait(name, 512))
    with torch.no_grad():
        relit = torch.cat([dpr_reference.relit(state, lightness, light) for light in in_dpr.split(1)])
        estimates = torch.cat([network(grey(picture)) for picture in relit.split(1)])
    assert_sides_are_lit(*relit)
    alike = torch.nn.functional.cosine_similarity(estimates[:, None, 1:], lights[None, :, 1:], dim=2)
    assert alike.argmax(1).tolist() == list(range(len(lights)))
    assert alike.diagonal().min() > 0.7
    _, right, left, above, below = estimates
    assert right[X] > 0.5 and left[X] < -0.5
    assert above[Y] > 0.5 and below[Y] < -0.2
    assert (estimates[:, Z] > 0.2).all() and (estimates[:, 0] / lights[:, 0]).sub(1).abs().max() < 0.25


def assert_sides_are_lit(front, right, left, above, below):
    """Asserts by the pixels of the face alone that each light shines from where it should."""

    def mean(picture, top, bottom, start, end):
        return picture[0, int(512 * top) : int(512 * bottom), int(512 * start) : int(512 * end)].mean()

    def towards_right(picture):
        return mean(picture, 0.4, 0.7, 0.55, 0.75) - mean(picture, 0.4, 0.7, 0.25, 0.45)

    def upwards(picture):
        return mean(picture, 0.2, 0.35, 0.35, 0.65) - mean(picture, 0.7, 0.85, 0.35, 0.65)

    assert towards_right(right) > towards_right(front) + 0.05 > towards_right(left) + 0.1
    assert upwards(above) > upwards(front) > upwards(below) and upwards(above) > upwards(below) + 0.1


def test_renders_of_the_maquette_rank_as_their_known_lights(dpr):
    """Drawn heads are strange to DPR: what is asked is that its estimate moves as the light moves."""
    planes, render = (torch.jit.load(MAQUETTE / f"{name}.pt") for name in ("planes", "render"))
    width = json.loads((MAQUETTE / "pack.json").read_text())["latent"]["width"]
    w = torch.from_numpy(np.fromfile(MAQUETTE / "mean_latent.f32", "<f4")).view(1, -1, width)
    scales, estimates = render.state_dict(), {}
    with torch.no_grad():
        tri_planes = planes(w)
        for name, direction in DIRECTIONS.items():
            w[:, -1, :9] = (directional(direction, 1.0, 0.3) - scales["render.light_mean"]) / scales["render.light_scale"]
            estimates[name] = dpr[2](render(tri_planes, w, frontal()))[0]
    front = estimates["front"]
    assert estimates["right"][X] > max(0.0, front[X] + 0.2) and estimates["left"][X] < min(0.0, front[X] - 0.2)
    assert estimates["above"][Y] > estimates["below"][Y] + 0.3
    assert front[Z] > max(estimates["right"][Z], estimates["left"][Z])


def frontal():
    """The frontal camera of docs/pack.md `[1,25]`."""
    pose = np.diag([1.0, -1.0, -1.0, 1.0])
    pose[2, 3] = 2.7
    return torch.tensor([*pose.ravel(), 4.2647, 0, 0.5, 0, 4.2647, 0.5, 0, 0, 1], dtype=torch.float32)[None]


def test_mobilefacenet_in_a_pack_knows_the_same_person_from_others(tmp_path):
    weights = folder("GALATEA_WEIGHTS", "mobilefacenet.pt") / "mobilefacenet.pt"
    eg3d_random.random_checkpoint(tmp_path / "eg3d.safetensors", 1, reduced=True)
    command = ["--eg3d", str(tmp_path / "eg3d.safetensors"), "--arcface", str(weights), "--mean-samples", "600"]
    assert main([*command, "--out", str(tmp_path / "pack")]) == 0
    with torch.no_grad():
        vectors = torch.jit.load(tmp_path / "pack" / "identity.pt")(torch.cat([portrait(name, 512) for name in EYES]))
    cosines = vectors @ vectors.T
    same = torch.tensor([cosines[1, 2], cosines[3, 4]])
    cosines[1, 2] = cosines[3, 4] = -1
    assert same.min() > 0.5 and cosines.triu(1).max() < 0.4
