"""Exports the networks around the generator and assembles the pack.

`PACK` already holds `planes.pt`, `render.pt` and `mean_latent.f32` (and `encoder.pt`) from the `export` command.
"""

import argparse
import copy
import json
import shutil
from pathlib import Path

import numpy as np
import torch
from torch import nn

from . import generator, heads
from .captions import neutral_words, requestable, vocabulary
from .check import check_pack
from .export import load_generator
from .frames import FOCAL, RADIUS
from .manifest import NETWORKS, write_manifest
from .mapper import NOISE, People
from .pictures import Lights, Pictures, lit
from .prior import SIZE, Prior, PriorEncode
from .recognition import IDENTITY, Glance, Identity, Perceptual, Pose, Trunk, folded
from .schedule import STEPS, cosine_alphas_cumprod
from .text_encoder import TOKENS, WIDTH, TextEncoder
from .tokenizer import build_tokenizer
from .torchscript import halved, save_script
from .train_mapper import new_mapper
from .training import part_of, weights

#: Of the parts of ``Perceptual``: two scales of features, pixels, means over 8x8 pixels. Features that weigh more cost the sides.
PERCEPTUAL_WEIGHTS = (0.01, 0.02, 0.8, 0.17)
MAX_BYTES = 25_000_000
DEFAULTS = Path(__file__).with_name("defaults.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="dataset folder")
    parser.add_argument("--runs", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--pack", type=Path, required=True, help="folder with the exported generator, to be completed")
    parser.add_argument("--out", type=Path, help="folder to copy the finished pack to")
    parser.add_argument("--version", type=int, default=1, help="version in the manifest")


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    export_prior(args.runs, args.pack)
    export_recognition(args.runs, args.data, args.pack)
    export_mapper(args.runs, args.pack)
    write_manifest(args.pack, facts(args.version))
    check_pack(args.pack)
    manifest = json.loads((args.pack / "pack.json").read_text())
    total = sum(entry["bytes"] for entry in manifest["files"].values())
    if total > MAX_BYTES:
        raise ValueError(f"the pack has {total} bytes; at most {MAX_BYTES} are allowed")
    if args.out:
        copy_pack(args.pack, manifest, args.out)
    print(f"{len(manifest['networks'])} of {len(NETWORKS)} networks, {total / 1e6:.1f} MB, the contract is kept")


def export_prior(runs: Path, pack: Path) -> None:
    """text.pt, tokenizer.json, prior_encode.pt, prior.pt and alphas_cumprod.f32 from the moving averages."""
    tokenizer = build_tokenizer(vocabulary(), TOKENS)
    networks = nn.ModuleDict({"text": TextEncoder(tokenizer.get_vocab_size()), "prior": Prior(WIDTH)})
    average = weights(runs / "prior.ckpt")
    networks.load_state_dict({name: value for name, value in average.items() if not name.startswith("facts.")})
    tokenizer.save(str(pack / "tokenizer.json"))
    save_script(halved(contiguous(networks["text"])), pack / "text.pt")
    save_script(halved(contiguous(networks["prior"])), pack / "prior.pt")
    save_script(PriorEncode(), pack / "prior_encode.pt")
    cosine_alphas_cumprod().numpy().astype("<f4").tofile(pack / "alphas_cumprod.f32")


def export_recognition(runs: Path, data: Path, pack: Path) -> None:
    """identity.pt, perceptual.pt, lighting.pt and pose.pt, batch normalisation folded in."""
    identity = Identity(Trunk())
    identity.load_state_dict(part_of(weights(runs / "identity.ckpt"), "identity"))
    perceptual = folded(Perceptual(identity.trunk))
    set_scales(perceptual, Pictures(data / "val"))
    networks = {"identity": folded(identity), "perceptual": perceptual}
    for name, network in (("lighting", Glance(9)), ("pose", Pose())):
        network.load_state_dict(weights(runs / f"{name}.ckpt"))
        networks[name] = folded(network)
    for name, network in networks.items():
        at_every_step, whole = name == "perceptual", contiguous(network)
        save_script(whole if at_every_step else halved(whole), pack / f"{name}.pt")


def export_mapper(runs: Path, pack: Path) -> None:
    """latent_mapper.pt and mapping.pt."""
    made = load_generator(runs / "generator.ckpt")
    mapper = new_mapper(made, runs)
    mapper.load_state_dict(weights(runs / "mapper.ckpt"))
    bank = (plain_people() - mapper.mean) * mapper.scale
    people = People(copy.deepcopy(mapper.mapped), bank)
    for name, network in (("mapping", people), ("latent_mapper", mapper)):
        save_script(halved(network.requires_grad_(False)), pack / f"{name}.pt")


def plain_people(count: int = 512) -> torch.Tensor:
    """Parameters [N,P] of random heads with nothing about them that would be asked for."""
    rng = np.random.default_rng(23)
    return torch.from_numpy(np.stack([heads.plain(heads.sample(rng)).params for _ in range(count)]))


@torch.no_grad()
def set_scales(perceptual: Perceptual, pictures: Pictures, pairs: int = 48) -> None:
    """Scales the parts such that two heads, each seen frontally, are 1 apart in the mean, in the shares wanted."""
    heads = np.arange(min(pairs, len(pictures)))
    images = lit(pictures.surfaces(heads, 0 * heads), Lights(1).draw(len(heads)))
    for index, part in enumerate(perceptual.parts(images)):
        distance = (part - part.roll(1, 0)).square().sum(1).mean()
        perceptual.scales[index] = (PERCEPTUAL_WEIGHTS[index] / distance).sqrt()


def contiguous(network: nn.Module) -> nn.Module:
    """The network with every weight in the plain memory order."""
    for value in [*network.parameters(), *network.buffers()]:
        value.data = value.data.contiguous()
    return network.requires_grad_(False)


def facts(version: int) -> dict:
    """The manifest without its networks and files."""
    return {
        "format": 1,
        "id": "maquette",
        "version": version,
        "description": "A small head model trained on renders of MakeHuman heads; runs on a CPU",
        "licence": "Apache-2.0",
        "image_size": generator.IMAGE_SIZE,
        "latent": {"layers": generator.LAYERS, "width": generator.WIDTH, "mean": "mean_latent.f32"},
        "planes": {"channels": generator.PLANE_CHANNELS, "size": generator.PLANE_SIZE},
        "camera": {"radius": RADIUS, "focal": FOCAL, "side_yaw": 0.35, "side_pitch": 0.2, "side_steps": 3},
        "text": {
            "tokenizer": "tokenizer.json",
            "tokens": TOKENS,
            "width": WIDTH,
            "empty": "",
            "neutral": neutral_words(),
            "understands": requestable(),
        },
        "prior": {
            "channels": 3,
            "size": SIZE,
            "prediction": "epsilon",
            "steps": STEPS,
            "alphas_cumprod": "alphas_cumprod.f32",
            "range": [-1.0, 1.0],
        },
        "identity": {"width": IDENTITY},
        "mapping": {"width": NOISE},
        "defaults": defaults(),
    }


def defaults() -> dict:
    """The manifest's defaults: those of the file, with a factor for each row of W+ instead of one for each kind of row."""
    numbers = json.loads(DEFAULTS.read_text())
    rows = {"styles": generator.STYLES, "residual": generator.RESIDUAL, "light": 1}
    for kind, factors in numbers["layers"].items():
        numbers["layers"][kind] = [factors[row] for row, count in rows.items() for _ in range(count)]
    return numbers


def copy_pack(pack: Path, manifest: dict, out: Path) -> None:
    """Copies the manifest and the files that it names, nothing else."""
    out.mkdir(parents=True, exist_ok=True)
    for name in ("pack.json", *manifest["files"]):
        shutil.copyfile(pack / name, out / name)
