"""Directories in diffusers' layout with random weights, under the published names and shapes."""

import json
import re
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from tokenizers import pre_tokenizers
from torch import Tensor, nn

from ..clip_text import ClipText, ClipTextShape

#: What the published families differ in.
FAMILIES = {
    "2.1-base": {"heads": [5, 10, 20, 20], "linear": True, "sample": 64, "prediction": "epsilon"},
    "2.1": {"heads": [5, 10, 20, 20], "linear": True, "sample": 96, "prediction": "v_prediction"},
    "1.5": {"heads": 8, "linear": False, "sample": 64, "prediction": "epsilon"},
}
_TEXTS = {
    "2.1-base": ClipTextShape(),
    "2.1": ClipTextShape(),
    "1.5": ClipTextShape(width=768, heads=12, layers=12, hidden=3072, activation="quick_gelu"),
}
_CAPTIONS = (
    "a photo of a person with red hair and round glasses",
    "a portrait of an old man with a long grey beard, smiling",
    "a marble statue of a young woman, museum lighting",
    "an oil painting of a face, it's the king's",
)
_START, _END = "<|startoftext|>", "<|endoftext|>"
_TOKENS = 600
_OLD_ATTENTION = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


def random_checkpoint(folder: Path, seed: int, reduced: bool, family: str = "2.1-base") -> None:
    """Writes a directory in the layout of Stable Diffusion, with seeded random weights.

    Args:
        folder: made if it is not there.
        seed: of all weights.
        reduced: the same architecture with few channels, on pictures of 128 pixels instead of 512; 1 MB instead of 5 GB.
        family: one of `FAMILIES`.
    """
    torch.manual_seed(seed)
    facts = FAMILIES[family]
    shape = _TEXTS[family]
    if reduced:
        facts = {**facts, "heads": 2 if family == "1.5" else [1, 2, 2, 2], "sample": 16}
        shape = ClipTextShape(_TOKENS, 77, 32, 2, 2, 64, shape.activation)
    _write_model(folder / "unet", _shaken(UNet2DConditionModel(**_unet(facts, shape.width, reduced))))
    _write_model(folder / "vae", _shaken(AutoencoderKL(**_vae(facts, reduced))))
    _write_text(folder / "text_encoder", shape)
    _write_tokenizer(folder / "tokenizer", "!" if facts["linear"] else _END)
    _write_json(folder / "scheduler" / "scheduler_config.json", _scheduler(facts["prediction"]))


def _unet(facts: dict, width: int, reduced: bool) -> dict:
    return {
        "sample_size": facts["sample"],
        "block_out_channels": [4, 4, 8, 8] if reduced else [320, 640, 1280, 1280],
        "norm_num_groups": 2 if reduced else 32,
        "attention_head_dim": facts["heads"],
        "cross_attention_dim": width,
        "use_linear_projection": facts["linear"],
    }


def _vae(facts: dict, reduced: bool) -> dict:
    return {
        "sample_size": facts["sample"] * 8,
        "block_out_channels": [4, 4, 8, 8] if reduced else [128, 256, 512, 512],
        "norm_num_groups": 2 if reduced else 32,
        "layers_per_block": 2,
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
    }


def _scheduler(prediction: str) -> dict:
    return {
        "_class_name": "PNDMScheduler",
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "num_train_timesteps": 1000,
        "prediction_type": prediction,
        "set_alpha_to_one": False,
        "skip_prk_steps": True,
        "steps_offset": 1,
        "trained_betas": None,
    }


def _shaken(network: nn.Module) -> nn.Module:
    """Adds noise to the scales and offsets of a fresh network, which are all 1 or 0 at first."""
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.05 * torch.randn_like(parameter))
    return network


def _write_model(folder: Path, model: UNet2DConditionModel | AutoencoderKL) -> None:
    config = {"_class_name": type(model).__name__, **model.config}
    _write_json(folder / "config.json", {key: value for key, value in config.items() if key != "_use_default_values"})
    state = model.state_dict()
    if isinstance(model, AutoencoderKL):
        state = {_old_name(key): value for key, value in state.items()}
    save_file(state, folder / "diffusion_pytorch_model.safetensors")


def _old_name(key: str) -> str:
    for new, old in _OLD_ATTENTION.items():
        key = key.replace(f".{new}.", f".{old}.")
    return key


def _write_text(folder: Path, shape: ClipTextShape) -> None:
    config = {
        "architectures": ["CLIPTextModel"],
        "model_type": "clip_text_model",
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.tokens,
        "hidden_size": shape.width,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "intermediate_size": shape.hidden,
        "hidden_act": shape.activation,
        "layer_norm_eps": shape.epsilon,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "pad_token_id": 1,
    }
    _write_json(folder / "config.json", config)
    weights = _shaken(ClipText(shape)).state_dict()
    state: dict[str, Tensor] = {f"text_model.{key}": value for key, value in weights.items()}
    state["text_model.embeddings.position_ids"] = torch.arange(shape.tokens)[None]
    save_file(state, folder / "model.safetensors")


def _write_tokenizer(folder: Path, padding: str) -> None:
    """Writes CLIP's byte pairs: all bytes, all bytes at the end of a word, merges for a few captions, start and end."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet(), key=lambda character: (ord(character) > 0xFF, character))
    merges = _merges(_TOKENS - 2 - 2 * len(alphabet))
    words = [*alphabet, *(character + "</w>" for character in alphabet), *("".join(pair) for pair in merges)]
    vocabulary = {word: index for index, word in enumerate([*words, _START, _END])}
    _write_json(folder / "vocab.json", vocabulary)
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    tokens = {"bos_token": _START, "eos_token": _END, "unk_token": _END}
    _write_json(folder / "special_tokens_map.json", {**tokens, "pad_token": padding})
    facts = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "do_lower_case": True, "pad_token": _END}
    _write_json(folder / "tokenizer_config.json", {**tokens, **facts})


def _merges(count: int) -> list[tuple[str, str]]:
    """The first merges that build the captions' words, each from its first letter on."""
    merges: dict[tuple[str, str], None] = {}
    for word in re.findall("[a-z]+", " ".join(_CAPTIONS)):
        *letters, last = word
        built = ""
        for part in (*letters, f"{last}</w>"):
            if built:
                merges[built, part] = None
            built += part
    return list(merges)[:count]


def _write_json(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
