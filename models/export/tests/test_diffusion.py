"""Stable Diffusion's networks as exported, against diffusers' and transformers' own on the same random weights."""

import json
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, PNDMScheduler, UNet2DConditionModel
from galatea_packfile.torchscript import save_script
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F
from transformers import CLIPTextModel

from galatea_export.checkpoints import diffusion as files
from galatea_export.checkpoints.state import CheckpointError, read_state
from galatea_export.diffusion import load
from galatea_export.packing.part import Part
from galatea_export.random_weights.diffusion import random_checkpoint
from galatea_export.tracing import check_device_free

EXACT = 1e-4


@pytest.fixture(scope="module", params=["2.1-base", "1.5"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(request.param)
    random_checkpoint(made, seed=4, reduced=True, family=request.param)
    return made


@pytest.fixture(scope="module")
def part(folder: Path) -> Part:
    return load(folder)


@pytest.fixture(scope="module")
def networks(part: Part, tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.jit.ScriptModule]:
    """As a pack holds them: saved, and loaded again."""
    return saved(part, tmp_path_factory.mktemp("pack"))


def saved(part: Part, folder: Path) -> dict[str, torch.jit.ScriptModule]:
    for name, network in part.networks.items():
        save_script(network, folder / f"{name}.pt")
    return {name: torch.jit.load(folder / f"{name}.pt") for name in part.networks}


def error(given: Tensor, wanted: Tensor) -> float:
    """Relative to the largest of each row, the worst row's."""
    assert given.shape == wanted.shape
    rows = (given - wanted).flatten(1).norm(dim=1) / wanted.flatten(1).norm(dim=1)
    return float(rows.max())


@pytest.fixture(scope="module")
def unet(folder: Path) -> UNet2DConditionModel:
    return UNet2DConditionModel.from_pretrained(folder / "unet").eval()


@pytest.fixture(scope="module")
def vae(folder: Path) -> AutoencoderKL:
    return AutoencoderKL.from_pretrained(folder / "vae").eval()


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_prior_is_the_unet(networks: dict, unet: UNet2DConditionModel, batch: int) -> None:
    x, times, conditioning = torch.randn(batch, 4, 16, 16), torch.randint(0, 1000, (batch,)), torch.randn(batch, 77, 32)
    with torch.no_grad():
        wanted = unet(x, times, conditioning).sample
        assert error(networks["prior"](x, times, conditioning), wanted) < EXACT


def test_prior_differentiates_as_the_unet(networks: dict, unet: UNet2DConditionModel) -> None:
    times, conditioning, weight = torch.tensor([20, 980]), torch.randn(2, 77, 32), torch.randn(2, 4, 16, 16)
    x = torch.randn(2, 4, 16, 16, requires_grad=True)
    (wanted,) = torch.autograd.grad((unet(x, times, conditioning).sample * weight).sum(), x)
    (given,) = torch.autograd.grad((networks["prior"](x, times, conditioning) * weight).sum(), x)
    assert error(given, wanted) < EXACT


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("size", [128, 96, 200])
def test_prior_encode_samples_the_vae(networks: dict, vae: AutoencoderKL, batch: int, size: int) -> None:
    image = (2 * torch.rand(batch, 3, size, size) - 1).requires_grad_()
    noise, weight = torch.randn(batch, 4, 16, 16), torch.randn(batch, 4, 16, 16)
    resized = F.interpolate(image, (128, 128), mode="bilinear", antialias=size > 128)
    posterior = vae.encode(resized).latent_dist
    wanted = 0.18215 * (posterior.mean + posterior.std * noise)
    given = networks["prior_encode"](image, noise)
    assert error(given, wanted) < EXACT
    gradients = [torch.autograd.grad((latent * weight).sum(), image)[0] for latent in (given, wanted)]
    assert error(*gradients) < EXACT


def test_prior_encode_without_noise_is_the_mean(networks: dict, vae: AutoencoderKL) -> None:
    image = 2 * torch.rand(2, 3, 128, 128) - 1
    with torch.no_grad():
        assert error(networks["prior_encode"](image), 0.18215 * vae.encode(image).latent_dist.mean) < EXACT


@pytest.mark.parametrize("batch", [1, 3])
def test_text_is_clip(networks: dict, folder: Path, batch: int) -> None:
    clip, told = CLIPTextModel.from_pretrained(folder / "text_encoder", output_loading_info=True)
    assert not told["missing_keys"]
    ids = torch.randint(0, 600, (batch, 77))
    with torch.no_grad():
        assert error(networks["text"](ids), clip.eval()(ids).last_hidden_state) < EXACT


def test_rows_are_independent(networks: dict) -> None:
    inputs = {
        "text": (torch.randint(0, 600, (3, 77)),),
        "prior_encode": (2 * torch.rand(3, 3, 128, 128) - 1, torch.randn(3, 4, 16, 16)),
        "prior": (torch.randn(3, 4, 16, 16), torch.tensor([5, 500, 995]), torch.randn(3, 77, 32)),
    }
    with torch.no_grad():
        for name, rows in inputs.items():
            alone = torch.cat([networks[name](*(row[i : i + 1] for row in rows)) for i in range(3)])
            assert error(networks[name](*rows), alone) < 1e-5, name


@pytest.mark.parametrize("name", ["text", "prior_encode", "prior"])
def test_networks_follow_their_device(networks: dict, name: str) -> None:
    check_device_free(networks[name])


def test_manifest_tells_the_prior(part: Part, folder: Path) -> None:
    prior = {"channels": 4, "size": 16, "prediction": "epsilon", "steps": 1000, "alphas_cumprod": "alphas_cumprod.f32"}
    assert part.sections["prior"] == prior
    assert part.sections["text"] == {"tokenizer": "tokenizer.json", "tokens": 77, "width": 32, "empty": ""}
    written = torch.frombuffer(bytearray(part.files["alphas_cumprod.f32"]), dtype=torch.float32)
    torch.testing.assert_close(written, PNDMScheduler.from_pretrained(folder / "scheduler").alphas_cumprod)


@pytest.mark.parametrize(("precision", "tolerance"), [("fp16", 1e-2), ("bf16", 6e-2)])
def test_half_precision_stays_close(tmp_path: Path, precision: str, tolerance: float) -> None:
    """In what it makes, and in its gradient whatever the weight of score distillation."""
    random_checkpoint(tmp_path, seed=5, reduced=True)
    exact, half = load(tmp_path).networks, load(tmp_path, *[precision] * 3).networks
    image, noise = (2 * torch.rand(2, 3, 128, 128) - 1).requires_grad_(), torch.randn(2, 4, 16, 16)
    ids, times = torch.randint(0, 600, (2, 77)), torch.tensor([20, 980])
    for name, inputs in (
        ("text", (ids,)),
        ("prior_encode", (image, noise)),
        ("prior", (noise, times, exact["text"](ids))),
    ):
        made = half[name](*inputs)
        assert made.dtype == torch.float32
        assert error(made, exact[name](*inputs)) < tolerance, name
    for weight in (1e-2, 1.0, 1e2):
        upstream = weight / 1024 * torch.randn(2, 4, 16, 16)
        gradients = [torch.autograd.grad(each["prior_encode"](image), image, upstream)[0] for each in (half, exact)]
        assert error(*gradients) < 5 * tolerance, weight


def test_velocity_is_told(tmp_path: Path) -> None:
    random_checkpoint(tmp_path, seed=1, reduced=True, family="2.1")
    assert load(tmp_path).sections["prior"]["prediction"] == "v"


def test_todays_names_are_read_too(tmp_path: Path) -> None:
    """As diffusers and transformers save them now."""
    random_checkpoint(tmp_path, seed=2, reduced=True)
    wanted = {name: read_state(files.weights_file(tmp_path / name)) for name in ("vae", "text_encoder")}
    AutoencoderKL.from_pretrained(tmp_path / "vae").save_pretrained(tmp_path / "vae")
    CLIPTextModel.from_pretrained(tmp_path / "text_encoder").save_pretrained(tmp_path / "text_encoder")
    vae = files.filled(files.empty_model(AutoencoderKL, tmp_path / "vae", torch.float32), tmp_path / "vae")
    key = wanted["vae"]["encoder.mid_block.attentions.0.key.weight"]
    assert torch.equal(vae.encoder.mid_block.attentions[0].to_k.weight, key)
    shape = files.text_shape(tmp_path / "text_encoder")
    text = files.text_encoder(tmp_path / "text_encoder", shape, torch.float32)
    assert torch.equal(text.final_layer_norm.bias, wanted["text_encoder"]["text_model.final_layer_norm.bias"])


def test_pickled_tensors_are_read_too(tmp_path: Path) -> None:
    random_checkpoint(tmp_path, seed=2, reduced=True)
    written = files.weights_file(tmp_path / "vae")
    torch.save(load_file(written), written.with_suffix(".bin"))
    written.unlink()
    assert files.weights_file(tmp_path / "vae").suffix == ".bin"
    files.filled(files.empty_model(AutoencoderKL, tmp_path / "vae", torch.float32), tmp_path / "vae")


def change(path: Path, **facts: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **facts}))


def refused(folder: Path, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        load(folder)


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A directory for a test to break."""
    random_checkpoint(tmp_path, seed=3, reduced=True)
    return tmp_path


def test_missing_key_is_refused(spoilt: Path) -> None:
    weights = spoilt / "unet" / "diffusion_pytorch_model.safetensors"
    state = load_file(weights)
    del state["mid_block.attentions.0.proj_in.weight"]
    save_file(state, weights)
    refused(spoilt, r"lacks 'mid_block\.attentions\.0\.proj_in\.weight'")


def test_wrong_shape_is_refused(spoilt: Path) -> None:
    weights = spoilt / "text_encoder" / "model.safetensors"
    state = load_file(weights)
    state["text_model.final_layer_norm.bias"] = torch.zeros(31)
    save_file(state, weights)
    refused(spoilt, r"'text_model\.final_layer_norm\.bias' has the shape \[31\]; it must be \[32\]")


def test_unknown_key_is_refused(spoilt: Path) -> None:
    weights = spoilt / "text_encoder" / "model.safetensors"
    save_file({**load_file(weights), "vision_model.post_layernorm.bias": torch.zeros(4)}, weights)
    refused(spoilt, "has 'vision_model.post_layernorm.bias', which this architecture does not")


def test_missing_weights_are_refused(spoilt: Path) -> None:
    (spoilt / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    refused(spoilt, r"vae holds no weights; one of diffusion_pytorch_model\.safetensors")


def test_in_painting_is_refused(spoilt: Path) -> None:
    change(spoilt / "unet" / "config.json", in_channels=9)
    refused(spoilt, "unet takes in_channels 9; the networks beside it make 4")


def test_other_family_is_refused(spoilt: Path) -> None:
    facts = {"addition_time_embed_dim": 8, "projection_class_embeddings_input_dim": 80}
    change(spoilt / "unet" / "config.json", addition_embed_type="text_time", **facts)
    refused(spoilt, "unet has addition_embed_type")


def test_prediction_of_samples_is_refused(spoilt: Path) -> None:
    change(spoilt / "scheduler" / "scheduler_config.json", prediction_type="sample")
    refused(spoilt, "prediction_type is 'sample'; it must be epsilon or v_prediction")


def test_tokens_beyond_the_encoder_are_refused(spoilt: Path) -> None:
    vocabulary = spoilt / "tokenizer" / "vocab.json"
    change(vocabulary, **{f"more{i}": 600 + i for i in range(10)})
    refused(spoilt, "has 610 tokens; the text encoder has 600")


def test_missing_tokenizer_is_refused(spoilt: Path) -> None:
    (spoilt / "tokenizer" / "merges.txt").unlink()
    refused(spoilt, r"tokenizer lacks merges\.txt")
