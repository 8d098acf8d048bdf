"""Stable Diffusion and its family from a local directory, as a pack's `text`, `prior_encode` and `prior`.

The directory has diffusers' layout, as Stable Diffusion 2.1-base, 2.1 and 1.5 are published: `unet`, `vae`, `text_encoder`,
`tokenizer` and `scheduler`.
"""

from pathlib import Path

from diffusers import AutoencoderKL, UNet2DConditionModel

from .checkpoints import diffusion as files
from .checkpoints.state import CheckpointError
from .clip_text import ClipTextShape
from .diffusion_networks import PriorEncode, denoise
from .packing import licences
from .packing.part import Part
from .precision import DTYPES

#: What a prior predicts, as the schedule says it and as the manifest does.
PREDICTIONS = {"epsilon": "epsilon", "v_prediction": "v"}
#: What a U-Net of another family needs beside text, by the key of its configuration.
_FOREIGN = ("addition_embed_type", "class_embed_type", "num_class_embeds", "encoder_hid_dim", "time_cond_proj_dim")
#: What Stable Diffusion 2's text encoder, which was trained anew, is told from that of 1 by.
_WIDTH_OF_2 = 1024


def load(folder: Path, text: str = "fp32", prior_encode: str = "fp32", prior: str = "fp32") -> Part:
    """Reads Stable Diffusion as a part of a pack.

    Args:
        folder: in diffusers' layout.
        text, prior_encode, prior: arithmetic inside each network, one of `part.PRECISIONS`.

    Raises:
        CheckpointError: something is missing, broken, or of another family.
    """
    shape = files.text_shape(folder / "text_encoder")
    unet = files.empty_model(UNet2DConditionModel, folder / "unet", DTYPES[prior])
    vae = files.empty_model(AutoencoderKL, folder / "vae", DTYPES[prior_encode])
    check_family(folder, shape, unet, vae)
    sections, others = _sections(folder, shape, unet), _files(folder, shape)
    clip = files.text_encoder(folder / "text_encoder", shape, DTYPES[text])
    vae, unet = files.filled(vae, folder / "vae"), files.filled(unet, folder / "unet")
    size = unet.config.sample_size * 2 ** (len(vae.config.block_out_channels) - 1)
    return Part(
        networks={"text": clip, "prior_encode": PriorEncode(vae, size).eval(), "prior": denoise(unet)},
        licence=licences.STABLE_DIFFUSION_2 if shape.width == _WIDTH_OF_2 else licences.STABLE_DIFFUSION_1,
        source=[files.weights_file(folder / name) for name in files.STEMS],
        sections=sections,
        files=others,
    )


def check_family(folder: Path, shape: ClipTextShape, unet: UNet2DConditionModel, vae: AutoencoderKL) -> None:
    """Holds that the three networks belong together and need nothing but a text.

    Raises:
        CheckpointError: they do not, as in an in-painting or a refiner model.
    """
    config = unet.config
    foreign = [key for key in _FOREIGN if config.get(key) is not None]
    if foreign:
        raise CheckpointError(f"{folder}/unet has {foreign[0]}; only those conditioned by text and time can be exported")
    if vae.config.shift_factor is not None or vae.config.latents_mean is not None:
        raise CheckpointError(f"{folder}/vae shifts its latents; Stable Diffusion 1 and 2 do not")
    if not isinstance(config.sample_size, int):
        raise CheckpointError(f"{folder}/unet has sample_size {config.sample_size}; it must be a whole number, as 64 is")
    for what, given, wanted in (
        ("unet takes in_channels", config.in_channels, vae.config.latent_channels),
        ("unet makes out_channels", config.out_channels, vae.config.latent_channels),
        ("unet expects cross_attention_dim", config.cross_attention_dim, shape.width),
    ):
        if given != wanted:
            raise CheckpointError(f"{folder}/{what} {given}; the networks beside it make {wanted}")


def _sections(folder: Path, shape: ClipTextShape, unet: UNet2DConditionModel) -> dict:
    schedule = files.schedule(folder / "scheduler").config
    return {
        "text": {"tokenizer": "tokenizer.json", "tokens": shape.tokens, "width": shape.width, "empty": ""},
        "prior": {
            "channels": unet.config.in_channels,
            "size": unet.config.sample_size,
            "prediction": PREDICTIONS[schedule.prediction_type],
            "steps": schedule.num_train_timesteps,
            "alphas_cumprod": "alphas_cumprod.f32",
        },
    }


def _files(folder: Path, shape: ClipTextShape) -> dict[str, bytes]:
    alphas = files.schedule(folder / "scheduler").alphas_cumprod
    return {
        "tokenizer.json": files.tokenizer_json(folder / "tokenizer", shape).encode(),
        "alphas_cumprod.f32": alphas.numpy().astype("<f4").tobytes(),
    }
