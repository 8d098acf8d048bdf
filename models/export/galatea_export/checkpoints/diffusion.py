"""Reads a local directory in diffusers' layout: configurations, weights, schedule and tokenizer."""

import inspect
import json
from pathlib import Path
from typing import TypeVar

import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from torch import nn
from transformers import CLIPTokenizer

from ..clip_text import ClipText, ClipTextShape
from .state import CheckpointError, fill, read_state

M = TypeVar("M", UNet2DConditionModel, AutoencoderKL)

#: Weights by the name that diffusers gives them in each folder.
STEMS = {"unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model", "text_encoder": "model"}
#: Suffixes of weights, the most exact first; `.bin` files of text encoders have a stem of their own.
_SUFFIXES = (".safetensors", ".bin", ".fp16.safetensors", ".fp16.bin")
#: The VAE's attention as the published files name it, and as it is named today.
_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
#: Published text encoders hold a table of the numbers 0 to 76.
_POSITIONS = r"text_model\.embeddings\.position_ids"


def read_json(path: Path) -> dict:
    """Reads a configuration.

    Raises:
        CheckpointError: the file is missing or is no JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read; a directory in diffusers' layout has it: {error}") from error
    except ValueError as error:
        raise CheckpointError(f"{path} is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} holds a {type(content).__name__}; it must be an object")
    return content


def weights_file(folder: Path) -> Path:
    """The file of weights in `unet`, `vae` or `text_encoder`. Full precision comes before half, safetensors before pickles.

    Raises:
        CheckpointError: there is none.
    """
    stem = STEMS[folder.name]
    names = [stem + suffix for suffix in _SUFFIXES]
    if folder.name == "text_encoder":
        names = [f"pytorch_{name}" if name.endswith(".bin") else name for name in names]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise CheckpointError(f"{folder} holds no weights; one of {', '.join(names)} must be there")


def empty_model(kind: type[M], folder: Path, dtype: torch.dtype) -> M:
    """An empty network of diffusers on the meta device, built from its configuration.

    Raises:
        CheckpointError: the configuration is of another class, or describes no network.
    """
    path = folder / "config.json"
    config = read_json(path)
    if config.get("_class_name") != kind.__name__:
        raise CheckpointError(f"{path} describes a {config.get('_class_name')}; it must be a {kind.__name__}")
    try:
        with torch.device("meta"):
            # The method of the base class: diffusers' own warns of modules to be kept in float32 though there are none.
            return nn.Module.to(kind.from_config(config), dtype)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise CheckpointError(f"{path} describes no {kind.__name__}: {error}") from error


def filled(model: M, folder: Path) -> M:
    """The model with the weights of its folder, in the model's precision, frozen and in eval mode.

    Raises:
        CheckpointError: a key is missing or unknown, or a shape differs.
    """
    path = weights_file(folder)
    return fill(model, {_todays_name(key): value for key, value in read_state(path).items()}, path)


def _todays_name(key: str) -> str:
    parts = key.split(".")
    if len(parts) > 2 and "attentions" in parts:
        parts[-2] = _ATTENTION.get(parts[-2], parts[-2])
    return ".".join(parts)


def text_shape(folder: Path) -> ClipTextShape:
    """Sizes of the text encoder in `folder`.

    Raises:
        CheckpointError: it is no CLIP, or its configuration lacks a size.
    """
    path = folder / "config.json"
    config = read_json(path)
    architecture = config.get("model_type")
    if architecture != "clip_text_model":
        raise CheckpointError(f"{path} describes a {architecture}; it must be a clip_text_model")
    try:
        shape = ClipTextShape(
            vocabulary=config["vocab_size"],
            tokens=config["max_position_embeddings"],
            width=config["hidden_size"],
            heads=config["num_attention_heads"],
            layers=config["num_hidden_layers"],
            hidden=config["intermediate_size"],
            activation=config["hidden_act"],
            epsilon=config["layer_norm_eps"],
        )
    except KeyError as error:
        raise CheckpointError(f"{path} lacks {error}") from error
    if shape.activation not in ("gelu", "quick_gelu"):
        raise CheckpointError(f"{path}: hidden_act is '{shape.activation}'; it must be gelu or quick_gelu")
    return shape


def text_encoder(folder: Path, shape: ClipTextShape, dtype: torch.dtype) -> ClipText:
    """The text encoder with its weights.

    Raises:
        CheckpointError: a key is missing or unknown, or a shape differs.
    """
    path = weights_file(folder)
    state = read_state(path)
    # Transformers has left the prefix out since its version 5.
    prefix = "" if any(key.startswith("text_model.") for key in state) else "text_model."
    with torch.device("meta"):
        network = nn.ModuleDict({"text_model": ClipText(shape).to(dtype)})
    named = {prefix + key: value for key, value in state.items()}
    return fill(network, named, path, unused=[_POSITIONS])["text_model"]


def schedule(folder: Path) -> DDPMScheduler:
    """The noise schedule of the prior's training, whatever sampler the directory names.

    Raises:
        CheckpointError: it is not the schedule of a network that predicts noise or velocity.
    """
    path = folder / "scheduler_config.json"
    known = inspect.signature(DDPMScheduler.__init__).parameters
    config = {key: value for key, value in read_json(path).items() if key in known}
    if config.setdefault("prediction_type", "epsilon") not in ("epsilon", "v_prediction"):
        raise CheckpointError(
            f"{path}: prediction_type is '{config['prediction_type']}'; it must be epsilon or v_prediction"
        )
    try:
        return DDPMScheduler(**config)
    except (NotImplementedError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} describes no schedule: {error}") from error


def tokenizer_json(folder: Path, shape: ClipTextShape) -> str:
    """The tokenizer as one `tokenizer.json` that truncates and pads every text to the encoder's length.

    Raises:
        CheckpointError: it cannot be read, or has tokens that the text encoder has not.
    """
    lacking = [name for name in ("vocab.json", "merges.txt") if not (folder / name).is_file()]
    if lacking:
        raise CheckpointError(f"{folder} lacks {lacking[0]}; CLIP's tokenizer is vocab.json and merges.txt")
    try:
        tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{folder} holds no CLIP tokenizer: {error}") from error
    if len(tokenizer) > shape.vocabulary:
        raise CheckpointError(
            f"{folder} has {len(tokenizer)} tokens; the text encoder has {shape.vocabulary} and must have as many"
        )
    backend = tokenizer.backend_tokenizer
    backend.enable_truncation(shape.tokens)
    backend.enable_padding(length=shape.tokens, pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token)
    return backend.to_str()
