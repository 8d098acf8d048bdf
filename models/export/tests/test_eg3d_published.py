"""The exported EG3D against NVIDIA's own code, as a black box: the user's clone is imported, its source is not used.

Set GALATEA_EG3D_CODE to a clone of NVlabs/eg3d to run this; its licence forbids carrying it here. The backbone's
channels are few, but all resolutions and the whole super-resolution are the published ones; minutes and 5 GB on a CPU.
"""

import os
import pickle
import sys
from pathlib import Path

import pytest
import torch

from galatea_export import eg3d

CODE = os.environ.get("GALATEA_EG3D_CODE")
pytestmark = pytest.mark.skipif(not CODE, reason="GALATEA_EG3D_CODE does not name a clone of NVlabs/eg3d")
RENDERING = {
    "depth_resolution": 12, "depth_resolution_importance": 12, "ray_start": 2.25, "ray_end": 3.3, "box_warp": 1,
    "avg_camera_radius": 2.7, "disparity_space_sampling": False, "clamp_mode": "softplus",
    "c_gen_conditioning_zero": False,
    "c_scale": 1.0, "superresolution_noise_mode": "none", "decoder_lr_mul": 1, "sr_antialias": True,
}  # fmt: skip


#: Side of the picture and class of super-resolution of the FFHQ and AFHQ checkpoints, and of ShapeNet's.
FAMILIES = {"ffhq": (512, "SuperresolutionHybrid8XDC"), "shapenet": (128, "SuperresolutionHybrid2X")}


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Makes NVIDIA's generator of a family with random weights, and its pickle."""
    folder = Path(CODE) / "eg3d" if (Path(CODE) / "eg3d").is_dir() else Path(CODE)
    sys.path.insert(0, str(folder))
    yield lambda family: made(family, tmp_path_factory.mktemp(family) / "network.pkl")
    sys.path.remove(str(folder))


def made(family, path):
    from training.triplane import TriPlaneGenerator

    torch.manual_seed(3)
    side, upper = FAMILIES[family]
    rendering = {**RENDERING, "superresolution_module": f"training.superresolution.{upper}", "image_resolution": side}
    rendering["white_back"] = family == "shapenet"
    few = {"channel_base": 1024, "channel_max": 16, "fused_modconv_default": "inference_only"}
    generator = TriPlaneGenerator(
        z_dim=512, c_dim=25, w_dim=512, img_resolution=side, img_channels=3, mapping_kwargs={"num_layers": 2},
        rendering_kwargs=rendering, sr_num_fp16_res=4, sr_kwargs=few, num_fp16_res=0, conv_clamp=None, **few,
    ).eval().requires_grad_(False)  # fmt: skip
    for name, parameter in generator.named_parameters():
        if name.endswith(("noise_strength", ".bias")) and "affine" not in name:
            parameter.normal_(std=0.3)
    generator.neural_rendering_resolution = 16
    path.write_bytes(pickle.dumps({"G_ema": generator, "D": None}))
    return generator, path


@pytest.fixture
def without_jitter(monkeypatch):
    """Random numbers that are the midpoints of their strata."""
    monkeypatch.setattr(torch, "rand_like", lambda x, **_: torch.full_like(x, 0.5))
    monkeypatch.setattr(torch, "rand", lambda rows, n, **_: ((torch.arange(n) + 0.5) / n).expand(rows, -1))


def pictures(generator, part, rows, dtype):
    """NVIDIA's pictures of random latents and ours, each with its gradient to W+ of the same weighted sum."""
    planes, render = (part.networks[name].to(dtype) for name in ("planes", "render"))
    camera = eg3d.frontal(2.7, 4.2647).repeat(rows, 1).to(dtype)
    camera[:, 3] = torch.linspace(-0.1, 0.1, rows)
    results = []
    for draw in (
        lambda w: generator.to(dtype).synthesis(w, camera, noise_mode="const")["image"],
        lambda w: render(planes(w), w, camera),
    ):
        latent = torch.randn(rows, 14, 512, generator=torch.Generator().manual_seed(rows)).to(dtype).requires_grad_()
        picture = draw(latent)
        weight = torch.randn(picture.shape, generator=torch.Generator().manual_seed(8)).to(dtype)
        (picture * weight).sum().backward()
        results += [picture.detach(), latent.grad]
    return results


def apart(given, wanted, dims=None):
    return ((given - wanted).norm(dim=dims) / wanted.norm(dim=dims)).max().item()


@pytest.mark.parametrize("rows", [1, 3])
def test_pictures_and_gradients_are_nvidias_in_float64(published, without_jitter, in_float64, rows):
    generator, path = published("shapenet")
    part = eg3d.part(path, Path(CODE), eg3d.Options(mean_samples=2))
    wanted, wanted_gradient, given, gradient = pictures(generator, part, rows, torch.double)
    assert apart(given, wanted) < 1e-8
    assert apart(gradient, wanted_gradient, (0, 2)) < 1e-7


def test_pictures_of_full_size_are_nvidias(published, without_jitter):
    generator, path = published("ffhq")
    part = eg3d.part(path, Path(CODE), eg3d.Options(mean_samples=2))
    wanted, wanted_gradient, given, gradient = pictures(generator, part, 1, torch.float32)
    assert apart(given, wanted) < 1e-5
    assert apart(gradient, wanted_gradient, (0, 2)) < 1e-2  # roundings tip leaky units on either side


def test_the_mean_latent_is_that_of_nvidias_mapping(published):
    generator, path = published("shapenet")
    part = eg3d.part(path, Path(CODE), eg3d.Options(mean_samples=600, seed=2))
    z = torch.randn(600, 512, generator=torch.Generator().manual_seed(2))
    wanted = generator.mapping(z, eg3d.frontal(2.7, 4.2647).expand(600, -1)).mean(0)
    given = torch.frombuffer(bytearray(part.files["mean_latent.f32"]), dtype=torch.float32).view(14, 512)
    assert ((given - wanted).norm() / wanted.norm()).item() < 1e-5
