"""Checks a pack against its contract: hashes, shapes, independent rows, gradients."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from .frames import camera_from_angles
from .manifest import MANIFEST, describe

BATCHES = (1, 3, 8)


class PackError(Exception):
    """A pack that does not keep its contract."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pack", type=Path, help="folder of the pack")
    parser.add_argument("--float64", action="store_true", help="the networks take float64 (a reference pack)")


def run(args: argparse.Namespace) -> None:
    check_pack(args.pack, torch.float64 if args.float64 else torch.float32)
    print(f"{args.pack}: the contract is kept")


def check_pack(folder: Path, dtype: torch.dtype = torch.float32) -> None:
    """Raises PackError at the first thing that breaks the contract."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for name, expected in manifest["files"].items():
        _require(describe(folder / name) == expected, f"{name}: its size or hash differs from the manifest's")
    latent = manifest["latent"]
    _check_floats(folder / latent["mean"], latent["layers"] * latent["width"])
    if "prior" in manifest:
        _check_floats(folder / manifest["prior"]["alphas_cumprod"], manifest["prior"]["steps"])
    if "text" in manifest:
        _check_tokenizer(folder, manifest["text"])
    for name, file in manifest["networks"].items():
        network = torch.jit.load(folder / file).eval()
        make, shape = _cases(manifest, dtype)[name]
        check_network(name, network, make, shape, differentiable=name not in ("text", "mapping"))


def check_network(
    name: str, network: Callable[..., Tensor], make: Callable[[int], list[Tensor]], shape: tuple, differentiable: bool
) -> None:
    """Runs the network at several batch sizes: shape (-1 = any), finite values, each row as if alone, gradients.

    make: number of rows to the network's inputs.
    """
    for batch in BATCHES:
        inputs = make(batch)
        first = inputs[0].requires_grad_(differentiable)
        out = network(*inputs)
        expected = tuple(have if want == -1 else want for have, want in zip(out.shape[1:], shape, strict=True))
        _require(out.shape == (batch, *expected), f"{name}: {tuple(out.shape)} where {(batch, *shape)} is promised")
        _require(bool(out.isfinite().all()), f"{name}: values that are not finite")
        alone = torch.cat([network(*(value[row : row + 1] for value in inputs)) for row in range(batch)])
        error = float((alone - out).detach().abs().max())
        _require(error <= 1e-4 * max(1.0, float(out.detach().abs().max())), f"{name}: rows depend on others by {error:.2e}")
        if differentiable:
            _check_gradient(name, out, first)


def _check_gradient(name: str, out: Tensor, first: Tensor) -> None:
    """The first row's output moves with the first row of the input alone."""
    weights = torch.linspace(0.5, 1.5, out[0].numel(), dtype=out.dtype).reshape(out[0].shape)
    (gradient,) = torch.autograd.grad((out[0] * weights).sum(), first)
    _require(bool(gradient.isfinite().all()), f"{name}: its gradient is not finite")
    _require(float(gradient[0].abs().max()) > 0, f"{name}: no gradient flows to its input")
    _require(float(gradient[1:].abs().sum()) == 0, f"{name}: a row's gradient reaches other rows")


def _check_floats(path: Path, count: int) -> None:
    values = np.fromfile(path, dtype="<f4")
    _require(values.size == count, f"{path.name}: {values.size} values where the manifest promises {count}")
    _require(bool(np.isfinite(values).all()), f"{path.name}: values that are not finite")


def _check_tokenizer(folder: Path, text: dict) -> None:
    tokenizer = Tokenizer.from_file(str(folder / text["tokenizer"]))
    for sample in (text["empty"], "red hair", "word " * 100):
        ids = tokenizer.encode(sample).ids
        _require(len(ids) == text["tokens"], f"tokenizer: {len(ids)} ids where {text['tokens']} are promised")
    neutral = {token for word in text.get("neutral", ()) for token in tokenizer.encode(word).tokens} | {"[UNK]"}
    for phrase in text.get("understands", ()):
        _require(not neutral.issuperset(tokenizer.encode(phrase).tokens), f"text: nothing of '{phrase}' is understood")


def _cases(manifest: dict, dtype: torch.dtype) -> dict[str, tuple[Callable[[int], list[Tensor]], tuple]]:
    """Random inputs for a number of rows, and the promised shape without the batch, by network."""
    random = torch.Generator().manual_seed(1)
    size, latent, planes = manifest["image_size"], manifest["latent"], manifest["planes"]
    text, prior = manifest.get("text", {}), manifest.get("prior", {})

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float32).to(dtype)

    def images(rows: int) -> list[Tensor]:
        return [normal(rows, 3, size, size).mul(0.4).clamp(-1, 1)]

    def latents(rows: int) -> Tensor:
        return 0.5 * normal(rows, latent["layers"], latent["width"])

    def scene(rows: int) -> list[Tensor]:
        camera = camera_from_angles(0.3 * normal(rows), 0.2 * normal(rows))
        return [normal(rows, *plane_shape), latents(rows), camera]

    def ids(rows: int) -> list[Tensor]:
        return [torch.randint(0, 6, (rows, text["tokens"]), generator=random)]

    def noisy(rows: int) -> list[Tensor]:
        steps = torch.randint(0, prior["steps"], (rows,), generator=random)
        return [normal(rows, *space), steps, normal(rows, text["tokens"], text["width"])]

    def wish(rows: int) -> list[Tensor]:
        return [latents(rows), normal(rows, text["tokens"], text["width"])]

    w_plus = (latent["layers"], latent["width"])
    plane_shape = (3, planes["channels"], planes["size"], planes["size"])
    space = (prior.get("channels"), prior.get("size"), prior.get("size"))
    return {
        "planes": (lambda rows: [latents(rows)], plane_shape),
        "render": (scene, (3, size, size)),
        "perceptual": (images, (-1,)),
        "identity": (images, (manifest.get("identity", {}).get("width"),)),
        "lighting": (images, (9,)),
        "text": (ids, (text.get("tokens"), text.get("width"))),
        "prior_encode": (images, space),
        "prior": (noisy, space),
        "encoder": (images, w_plus),
        "mapping": (lambda rows: [normal(rows, manifest["mapping"]["width"])], w_plus),
        "latent_mapper": (wish, w_plus),
        "pose": (images, (25,)),
    }


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise PackError(message)

