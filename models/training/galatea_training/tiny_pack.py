"""Writes the tiny test packs: random weights under a fixed seed, in float32 (`tiny`) and float64 (`tiny64`); `broken`,
networks that break the contract; `greedy`, a prior that fills the device; `rounding`, one that rounds; and `leading`,
networks that say where prompts begin."""

import argparse
from pathlib import Path

import torch
from torch import nn

from . import tiny_networks as tiny
from .broken_networks import broken
from .frames import FOCAL, RADIUS
from .manifest import write_manifest
from .schedule import STEPS, cosine_alphas_cumprod
from .tokenizer import build_tokenizer
from .torchscript import save_script

SEED = 20230601
GAIN = 2.0
WORDS = "a the face person with wearing without red hair glasses beard smile , .".split()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    help_out = "folder to write tiny/, tiny64/, broken/, greedy/, rounding/ and leading/ into"
    parser.add_argument("--out", type=Path, required=True, help=help_out)


def run(args: argparse.Namespace) -> None:
    write_pack(args.out / "tiny", torch.float32)
    write_pack(args.out / "tiny64", torch.float64)
    write_scripts(args.out / "broken", broken())
    write_scripts(args.out / "greedy", {"prior": tiny.GreedyPrior()})
    write_scripts(args.out / "rounding", {"prior": tiny.RoundingPrior()})
    write_scripts(args.out / "leading", {"mapping": tiny.Mapping(), "latent_mapper": tiny.LatentMapper()})


def write_scripts(folder: Path, made: dict[str, nn.Module]) -> None:
    """Writes each network under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, network in made.items():
        save_script(network, folder / f"{name}.pt")


def write_pack(folder: Path, dtype: torch.dtype) -> None:
    """Writes a whole pack whose networks take and return `dtype`; its weights do not depend on it."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    tokenizer = build_tokenizer(WORDS, tiny.TOKENS)
    for name, network in networks(tokenizer.get_vocab_size()).items():
        save_script(network.to(dtype), folder / f"{name}.pt")
    mean = torch.randn(tiny.LAYERS, tiny.WIDTH)
    mean.numpy().astype("<f4").tofile(folder / "mean_latent.f32")
    cosine_alphas_cumprod().numpy().astype("<f4").tofile(folder / "alphas_cumprod.f32")
    tokenizer.save(str(folder / "tokenizer.json"))
    write_manifest(folder, facts(folder.name))


def networks(words: int) -> dict[str, nn.Module]:
    """Every network of the contract, freshly initialised with weights large enough for gradients to be seen."""
    made = {
        "planes": tiny.Planes(),
        "render": tiny.Render(),
        "perceptual": tiny.Perceptual(),
        "identity": tiny.Identity(),
        "lighting": tiny.Pooled(9),
        "text": tiny.Text(words),
        "prior_encode": tiny.PriorEncode(),
        "prior": tiny.Prior(),
        "encoder": tiny.Encoder(),
        "pose": tiny.Pose(),
    }
    with torch.no_grad():
        for network in made.values():
            for parameter in network.parameters():
                parameter.mul_(GAIN)
    return made


def facts(identifier: str) -> dict:
    """The manifest without its networks and files."""
    return {
        "format": 1,
        "id": identifier,
        "version": 1,
        "description": "Random weights in the shape of a pack, for tests",
        "licence": "Apache-2.0",
        "image_size": tiny.IMAGE,
        "latent": {"layers": tiny.LAYERS, "width": tiny.WIDTH, "mean": "mean_latent.f32"},
        "planes": {"channels": tiny.CHANNELS, "size": tiny.PLANE},
        "camera": {"radius": RADIUS, "focal": FOCAL, "side_yaw": 0.35, "side_pitch": 0.2},
        "text": {"tokenizer": "tokenizer.json", "tokens": tiny.TOKENS, "width": tiny.TEXT_WIDTH, "empty": ""},
        "prior": {
            "channels": 3,
            "size": tiny.PRIOR,
            "prediction": "epsilon",
            "steps": STEPS,
            "alphas_cumprod": "alphas_cumprod.f32",
        },
        "identity": {"width": tiny.IDENTITY},
        "defaults": {
            "steps": {"image": 20, "prompt": 16, "light": 12},
            "learning_rate": 0.05,
            "warmup": 0.05,
            "cooldown": 0.25,
            "timesteps": [0.02, 0.98],
            "guidance_scale": 7.5,
            "weights": {
                "image": weights(reconstruction=1.0, identity=0.2),
                "prompt": weights(reconstruction=0.1, identity=0.2, score_distillation=1.0, pull=0.01),
                "light": weights(identity=0.2, illumination=1.0, pull=0.01),
            },
        },
    }


def weights(**given: float) -> dict[str, float]:
    """A row of guidance weights; those not given are 0."""
    names = ("reconstruction", "identity", "score_distillation", "illumination", "pull")
    return {name: given.get(name, 0.0) for name in names}

