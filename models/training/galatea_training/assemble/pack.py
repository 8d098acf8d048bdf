"""Writes the other networks of a pack and its manifest, and verifies the whole pack.

``PACK`` already holds planes.pt, render.pt, mean_latent.f32 and encoder.pt of the command ``assemble.generator``,
and align.pt and matte.pt of ``assemble.photo_networks``, if it shall take photographs in.
"""

import argparse
import copy
import json
import shutil
from pathlib import Path

import numpy as np
import torch
from galatea_packfile.conventions import FOCAL, RADIUS
from galatea_packfile.files import float_bytes
from galatea_packfile.manifest import MANIFEST, NETWORKS, read_manifest, write_manifest
from galatea_packfile.torchscript import save_script, stored_in_half
from galatea_packfile.verify import verify_pack
from torch import nn

from ..data.captions import neutral_words, requestable, vocabulary
from ..data.pictures import Lights, Pictures, lit
from ..evaluate.photographs import FIRST_WINDOW, LEAST_CONFIDENCE, MOST_APART, NEXT_WINDOWS
from ..networks.alignment import ALIGN_SIZE
from ..networks.density import EXTENT
from ..networks.generator import IMAGE_SIZE
from ..networks.latent import LAYERS, RESIDUAL, STYLES
from ..networks.latent import WIDTH as LATENT_WIDTH
from ..networks.low_resolution import LowResolutionRegressor, Pose
from ..networks.mapping import NOISE, RandomPerson
from ..networks.noise_schedule import STEPS, cosine_alphas_cumprod
from ..networks.planes import PLANE_CHANNELS, PLANE_SIZE
from ..networks.prior import SIZE, Prior, PriorEncode
from ..networks.recognition import IDENTITY, Identity, Perceptual, Trunk, folded
from ..networks.text_encoder import TOKENS, WIDTH, TextEncoder
from ..networks.tokenizer import build_tokenizer
from ..networks.trained import load_generator, new_mapper
from ..optimise.checkpoint import averaged_weights, state_of_part
from ..render import heads
from ..render.shading import BACKDROP

#: Weights of the parts of ``Perceptual``: two scales of features, pixels, means over 8x8 pixels. Greater weights of the
#: features make the sides of a head worse, which a photo does not show (benchmarks/ablations.md).
PERCEPTUAL_WEIGHTS = (0.01, 0.02, 0.8, 0.17)
#: Greatest size of a pack in bytes.
MAX_BYTES = 27_000_000
DEFAULTS = Path(__file__).with_name("defaults.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--runs", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--pack", type=Path, required=True, help="folder with the generator's files, which becomes the pack")
    parser.add_argument("--out", type=Path, help="folder to copy the finished pack to")
    parser.add_argument("--version", type=int, default=1, help="the pack's version in its manifest")


def run(args: argparse.Namespace) -> None:
    """Completes the pack; raises ValueError for a pack of more than ``MAX_BYTES``."""
    torch.set_num_threads(1)
    export_prior(args.runs, args.pack)
    export_recognition(args.runs, args.data, args.pack)
    export_mapper(args.runs, args.pack)
    write_manifest(args.pack, facts(args.version))
    verify_pack(args.pack)
    manifest = read_manifest(args.pack)
    total = sum(entry["bytes"] for entry in manifest["files"].values())
    if total > MAX_BYTES:
        raise ValueError(f"{args.pack}: the pack has {total} bytes; at most {MAX_BYTES} are allowed")
    if args.out:
        copy_pack(args.pack, manifest, args.out)
    print(f"{len(manifest['networks'])} of {len(NETWORKS)} networks, {total / 1e6:.1f} MB, the pack keeps its contract")


def export_prior(runs: Path, pack: Path) -> None:
    """Writes text.pt, tokenizer.json, prior_encode.pt, prior.pt and alphas_cumprod.f32."""
    tokenizer = build_tokenizer(vocabulary(), TOKENS)
    networks = nn.ModuleDict({"text": TextEncoder(tokenizer.get_vocab_size()), "prior": Prior(WIDTH)})
    average = averaged_weights(runs / "prior.ckpt")
    networks.load_state_dict({name: value for name, value in average.items() if not name.startswith("facts.")})
    tokenizer.save(str(pack / "tokenizer.json"))
    save_script(stored_in_half(contiguous(networks["text"])), pack / "text.pt")
    save_script(stored_in_half(contiguous(networks["prior"])), pack / "prior.pt")
    save_script(PriorEncode(), pack / "prior_encode.pt")
    (pack / "alphas_cumprod.f32").write_bytes(float_bytes(cosine_alphas_cumprod()))


def export_recognition(runs: Path, data: Path, pack: Path) -> None:
    """Writes identity.pt, perceptual.pt, lighting.pt and pose.pt, with batch normalisation folded into convolutions."""
    identity = Identity(Trunk())
    identity.load_state_dict(state_of_part(averaged_weights(runs / "identity.ckpt"), "identity"))
    perceptual = folded(Perceptual(identity.trunk))
    set_scales(perceptual, Pictures(data / "val"))
    networks = {"identity": folded(identity), "perceptual": perceptual}
    for name, network in (("lighting", LowResolutionRegressor(9)), ("pose", Pose())):
        network.load_state_dict(averaged_weights(runs / f"{name}.ckpt"))
        networks[name] = folded(network)
    for name, network in networks.items():
        network = contiguous(network)
        # Every step runs `perceptual`, so that its weights stay in float32.
        save_script(network if name == "perceptual" else stored_in_half(network), pack / f"{name}.pt")


def export_mapper(runs: Path, pack: Path) -> None:
    """Writes latent_mapper.pt and mapping.pt."""
    made = load_generator(runs / "generator.ckpt")
    mapper = new_mapper(made, runs)
    mapper.load_state_dict(averaged_weights(runs / "latent_mapper.ckpt"))
    bank = (neutral_heads() - mapper.mean) * mapper.scale
    people = RandomPerson(copy.deepcopy(mapper.mapped), bank)
    for name, network in (("mapping", people), ("latent_mapper", mapper)):
        save_script(stored_in_half(network.requires_grad_(False)), pack / f"{name}.pt")


def neutral_heads(count: int = 512) -> torch.Tensor:
    """Parameters [N,P] of random heads at rest, without glasses and beards."""
    rng = np.random.default_rng(23)
    return torch.from_numpy(np.stack([heads.neutral(heads.sample(rng)).params for _ in range(count)]))


@torch.no_grad()
def set_scales(perceptual: Perceptual, pictures: Pictures, pairs: int = 48) -> None:
    """Scales the parts of the perceptual features by ``PERCEPTUAL_WEIGHTS``.

    Afterwards the mean squared distance of two frontal heads is 1.
    """
    heads = np.arange(min(pairs, len(pictures)))
    images = lit(pictures.surfaces(heads, 0 * heads), Lights(1).draw(len(heads)))
    for index, part in enumerate(perceptual.parts(images)):
        distance = (part - part.roll(1, 0)).square().sum(1).mean()
        perceptual.scales[index] = (PERCEPTUAL_WEIGHTS[index] / distance).sqrt()


def contiguous(network: nn.Module) -> nn.Module:
    """Makes every weight of a network contiguous and freezes it; returns the same network."""
    for value in [*network.parameters(), *network.buffers()]:
        value.data = value.data.contiguous()
    return network.requires_grad_(False)


def facts(version: int) -> dict:
    """The sections of the manifest except its networks and files."""
    return {
        "format": 1,
        "id": "maquette",
        "version": version,
        "description": "A small head model trained on renders of MakeHuman heads; runs on a CPU",
        "licence": "Apache-2.0",
        "image_size": IMAGE_SIZE,
        "latent": {"layers": LAYERS, "width": LATENT_WIDTH, "mean": "mean_latent.f32"},
        "planes": {"channels": PLANE_CHANNELS, "size": PLANE_SIZE},
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
        "density": {"extent": EXTENT},
        "mapping": {"width": NOISE},
        "photograph": {
            "window": ALIGN_SIZE,
            "first_look": FIRST_WINDOW,
            "further_looks": list(NEXT_WINDOWS),
            "least_confidence": LEAST_CONFIDENCE,
            "most_spread": MOST_APART,
            "backdrop": [round(127.5 * (value + 1)) for value in BACKDROP],
        },
        "defaults": defaults(),
    }


def defaults() -> dict:
    """The manifest's defaults.

    The file gives one learning-rate factor for each part of W+; the manifest needs one for each layer.
    """
    numbers = json.loads(DEFAULTS.read_text())
    parts = {"styles": STYLES, "residual": RESIDUAL, "light": 1}
    for kind, factors in numbers["layers"].items():
        numbers["layers"][kind] = [factors[part] for part, count in parts.items() for _ in range(count)]
    return numbers


def copy_pack(pack: Path, manifest: dict, out: Path) -> None:
    """Copies the manifest and the files that it names."""
    out.mkdir(parents=True, exist_ok=True)
    for name in (MANIFEST, *manifest["files"]):
        shutil.copyfile(pack / name, out / name)
