"""Writes checkpoints from the networks of a maquette pack, to train them further.

``RUNS`` gets ``generator.ckpt``, ``basis.ckpt``, ``encoder.ckpt`` and ``prior.ckpt``: weights without optimisers, in the pack's
precision. A pack's recognition networks have no batch normalisation any more and cannot be trained further. The judge is in no
pack.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor

from ..networks.planes import PLANE_SIZE
from ..optimise.checkpoint import state_of_part


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--pack", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--runs", type=Path, required=True, help="folder of checkpoints; existing files are kept")


def run(args: argparse.Namespace) -> int:
    """Writes the checkpoints that do not exist yet."""
    args.runs.mkdir(parents=True, exist_ok=True)
    for name, state in (("generator", generator), ("basis", basis), ("encoder", encoder), ("prior", prior)):
        path = args.runs / f"{name}.ckpt"
        if path.exists():
            print(f"{path} exists and is kept")
        else:
            torch.save(state(args.pack), path)
            print(f"{path}: written")
    return 0


def weights_of(pack: Path, name: str) -> dict[str, Tensor]:
    """A network's parameters and buffers in float32."""
    state = torch.jit.load(pack / f"{name}.pt", map_location="cpu").state_dict()
    return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}


def generator(pack: Path) -> dict[str, Tensor]:
    """The state of ``networks.generator.Generator``.

    Mapping and warp are converted back from the basis of W+. The standardisation of parameters is the latent mapper's.
    """
    planes, render, encoder = (weights_of(pack, name) for name in ("planes", "render", "encoder"))
    state = {f"planes.{name}": value for name, value in trained_planes(planes).items()}
    state |= {key: value for key, value in render.items() if key.startswith("render.")}
    axes, mean = planes["basis.axes"], planes["basis.mean"]
    read = torch.linalg.solve(axes, render["warp.read.weight"].T).T
    state |= {key: value for key, value in render.items() if key.startswith("warp.bend.")}
    state |= {"warp.read.weight": read, "warp.read.bias": render["warp.read.bias"] - read @ mean}
    state |= {f"mapping.net.{key}": value for key, value in state_of_part(encoder, "mapping").items()}
    state["mapping.out.weight"] = axes.T @ encoder["out.weight"]
    state["mapping.out.bias"] = encoder["out.bias"] @ axes + mean
    mapper = weights_of(pack, "latent_mapper")
    return state | {f"mapping.{name}": mapper[name] for name in ("mean", "scale")}


def trained_planes(ready: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state of ``networks.planes.Planes`` from the state of ``InferencePlanes``."""
    state = {}
    for name, value in ready.items():
        if name == "patterns.value":
            state["patterns"] = value.view(len(value), -1, PLANE_SIZE, PLANE_SIZE)
        elif name.endswith(".kernel.bias"):
            state[name.replace(".kernel", "")] = value[0].contiguous()
        elif name.endswith(".kernel.weight"):
            state[name.replace(".kernel", "")] = value.contiguous()
        elif not name.startswith(("basis.", "residual.")) and not name.endswith(".power"):
            state[name] = value
    return state


def basis(pack: Path) -> dict[str, Tensor]:
    """The coordinates of W+ as ``networks.trained.load_planes`` keeps them."""
    return {key: value for key, value in weights_of(pack, "planes").items() if key.startswith(("basis.", "residual."))}


def encoder(pack: Path) -> dict[str, Tensor]:
    """The state of ``encoder.Trunk``."""
    return state_of_part(weights_of(pack, "encoder"), "trunk")


def prior(pack: Path) -> dict[str, Tensor]:
    """The state of the text network and the prior. The reader of facts is new, because no pack holds it."""
    from ..networks.text_encoder import FactReader

    parts = {"text": weights_of(pack, "text"), "prior": weights_of(pack, "prior"), "facts": FactReader().state_dict()}
    return {f"{part}.{key}": value for part, state in parts.items() for key, value in state.items()}
