"""The exported EG3D against NVIDIA's own code, as a black box: the user's clone is imported, its source is not used.

Set GALATEA_EG3D_CODE to a clone of NVlabs/eg3d to run this; its licence forbids carrying it here. Channels are few but all
resolutions are the published ones, so that it runs in minutes on a CPU.
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
    "avg_camera_radius": 2.7, "image_resolution": 512, "disparity_space_sampling": False, "clamp_mode": "softplus",
    "superresolution_module": "training.superresolution.SuperresolutionHybrid8XDC", "c_gen_conditioning_zero": False,
    "c_scale": 1.0, "superresolution_noise_mode": "none", "decoder_lr_mul": 1, "sr_antialias": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """NVIDIA's generator with random weights, and the path of its pickle."""
    folder = Path(CODE) / "eg3d" if (Path(CODE) / "eg3d").is_dir() else Path(CODE)
    sys.path.insert(0, str(folder))
    from training.triplane import TriPlaneGenerator

    torch.manual_seed(3)
    few = {"channel_base": 1024, "channel_max": 16, "fused_modconv_default": "inference_only"}
    generator = TriPlaneGenerator(
        z_dim=512, c_dim=25, w_dim=512, img_resolution=512, img_channels=3, mapping_kwargs={"num_layers": 2},
        rendering_kwargs=RENDERING, sr_num_fp16_res=4, sr_kwargs=few, num_fp16_res=0, conv_clamp=None, **few,
    ).eval().requires_grad_(False)  # fmt: skip
    for name, parameter in generator.named_parameters():
        if name.endswith(("noise_strength", ".bias")) and "affine" not in name:
            parameter.normal_(std=0.3)
    generator.neural_rendering_resolution = 16
    path = tmp_path_factory.mktemp("eg3d") / "network.pkl"
    path.write_bytes(pickle.dumps({"G_ema": generator, "D": None}))
    yield generator, path
    sys.path.remove(str(folder))


@pytest.fixture
def without_jitter(monkeypatch):
    """Random numbers that are the midpoints of their strata."""
    monkeypatch.setattr(torch, "rand_like", lambda x, **_: torch.full_like(x, 0.5))
    monkeypatch.setattr(torch, "rand", lambda rows, n, **_: ((torch.arange(n) + 0.5) / n).expand(rows, -1))


@pytest.mark.parametrize("rows", [1, 3])
def test_pictures_and_gradients_are_nvidias(published, without_jitter, rows):
    generator, path = published
    part = eg3d.part(path, Path(CODE), eg3d.Options(mean_samples=2))
    planes, render = (torch.jit.script(part.networks[name]) for name in ("planes", "render"))
    latents = [torch.randn(rows, 14, 512, generator=torch.Generator().manual_seed(rows)) for _ in range(2)]
    ours, theirs = (latent.requires_grad_() for latent in latents)
    camera = eg3d.frontal(2.7, 4.2647).repeat(rows, 1)
    camera[:, 3] = torch.linspace(-0.1, 0.1, rows)

    wanted = generator.synthesis(theirs, camera, noise_mode="const")["image"]
    given = render(planes(ours), ours, camera)
    weight = torch.randn(given.shape, generator=torch.Generator().manual_seed(8))
    (wanted * weight).sum().backward()
    (given * weight).sum().backward()
    assert ((given - wanted).norm() / wanted.norm()).item() < 1e-4
    for row in range(14):
        apart = (ours.grad[:, row] - theirs.grad[:, row]).norm() / theirs.grad[:, row].norm()
        assert apart.item() < 3e-4, f"gradient of row {row} of W+; both sides are float32"


def test_the_mean_latent_is_that_of_nvidias_mapping(published):
    generator, path = published
    part = eg3d.part(path, Path(CODE), eg3d.Options(mean_samples=600, seed=2))
    z = torch.randn(600, 512, generator=torch.Generator().manual_seed(2))
    wanted = generator.mapping(z, eg3d.frontal(2.7, 4.2647).expand(600, -1)).mean(0)
    given = torch.frombuffer(bytearray(part.files["mean_latent.f32"]), dtype=torch.float32).view(14, 512)
    assert ((given - wanted).norm() / wanted.norm()).item() < 1e-5
