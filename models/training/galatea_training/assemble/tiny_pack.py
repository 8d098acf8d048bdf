"""Writes the tiny test packs of random weights.

=============== ====================================================================
folder          holds
=============== ====================================================================
``tiny``        a whole pack in float32, under a fixed seed
``tiny64``      the same pack in float64
``broken``      networks that break the contract, each in one way
``greedy``      a prior that runs out of memory on more than four rows
``rounding``    a prior whose rounding in a batch depends on the text
``leading``     a mapping network and a latent mapper: where prompts start
``colour``      the network of a guidance that a pack brings, and three that break its contract
=============== ====================================================================
"""

import argparse
from pathlib import Path

import torch
from galatea_packfile.conventions import FOCAL, RADIUS
from galatea_packfile.files import float_bytes
from galatea_packfile.manifest import GUIDANCES, write_manifest
from galatea_packfile.torchscript import save_script
from torch import nn

from ..networks.noise_schedule import STEPS, cosine_alphas_cumprod
from ..networks.tokenizer import build_tokenizer
from . import guidance
from . import tiny_networks as tiny
from .broken_networks import broken, broken_guidances

SEED = 20230601
#: Factor on all weights, so that tests can see every gradient.
GAIN = 2.0
WORDS = "a the face person with wearing without red hair glasses beard smile , .".split()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--out", type=Path, required=True, help="folder to write the packs' folders into")


def run(args: argparse.Namespace) -> None:
    """Writes all folders."""
    write_pack(args.out / "tiny", torch.float32)
    write_pack(args.out / "tiny64", torch.float64)
    write_scripts(args.out / "broken", broken())
    write_scripts(args.out / "greedy", {"prior": tiny.GreedyPrior()})
    write_scripts(args.out / "rounding", {"prior": tiny.RoundingPrior()})
    write_scripts(args.out / "leading", {"mapping": tiny.Mapping(), "latent_mapper": tiny.LatentMapper()})
    write_scripts(args.out / guidance.NAME, {guidance.NAME: guidance.ColourDistance(), **broken_guidances()})


def write_scripts(folder: Path, made: dict[str, nn.Module]) -> None:
    """Writes each network under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, network in made.items():
        save_script(network, folder / f"{name}.pt")


def write_pack(folder: Path, dtype: torch.dtype) -> None:
    """Writes a whole pack whose networks take and return `dtype`. The weights are the same for every type."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    tokenizer = build_tokenizer(WORDS, tiny.TOKENS)
    for name, network in networks(tokenizer.get_vocab_size()).items():
        save_script(network.to(dtype), folder / f"{name}.pt")
    mean = torch.randn(tiny.LAYERS, tiny.WIDTH)
    (folder / "mean_latent.f32").write_bytes(float_bytes(mean))
    (folder / "alphas_cumprod.f32").write_bytes(float_bytes(cosine_alphas_cumprod()))
    tokenizer.save(str(folder / "tokenizer.json"))
    write_manifest(folder, facts(folder.name))


def networks(words: int) -> dict[str, nn.Module]:
    """Freshly initialised networks of the contract."""
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
    """The sections of the manifest except its networks and files."""
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
                "image": guidance_weights(reconstruction=1.0, identity=0.2),
                "prompt": guidance_weights(reconstruction=0.1, identity=0.2, score_distillation=1.0, pull=0.01),
                "light": guidance_weights(identity=0.2, illumination=1.0, pull=0.01),
            },
        },
    }


def guidance_weights(**given: float) -> dict[str, float]:
    """The weights of all built-in guidances; a weight that is not given is 0."""
    return {name: given.get(name, 0.0) for name in GUIDANCES}
