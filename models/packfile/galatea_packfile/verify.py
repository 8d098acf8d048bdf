"""Verifies a pack against docs/pack.md: file hashes, shapes, finite numbers, independent rows and gradients."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from .conventions import camera_from_angles
from .files import describe_file, read_floats
from .manifest import read_manifest

#: Every network is run with these numbers of rows.
BATCHES = (1, 3, 8)
#: Networks that refinement never differentiates.
_NOT_DIFFERENTIATED = ("text", "mapping", "align", "matte", "density")

#: Makes a network's random inputs for a number of rows.
MakeInputs = Callable[[int], list[Tensor]]


class PackError(Exception):
    """A pack breaks its contract; the message names the network or the file and what is wrong with it."""


def verify_pack(folder: Path, dtype: torch.dtype = torch.float32) -> None:
    """Verifies a whole pack.

    Args:
        folder: of the pack.
        dtype: floating-point type of the networks' inputs; float64 for a test pack in double precision.

    Raises:
        PackError: at the first breach of the contract.
    """
    manifest = read_manifest(folder)
    for name, expected in manifest["files"].items():
        _require(describe_file(folder / name) == expected, f"{name}: size or hash differs from the manifest")
    latent = manifest["latent"]
    _verify_floats(folder / latent["mean"], latent["layers"] * latent["width"])
    if "prior" in manifest:
        _verify_floats(folder / manifest["prior"]["alphas_cumprod"], manifest["prior"]["steps"])
    if "text" in manifest:
        _verify_tokenizer(folder, manifest["text"])
    networks = {name: _load(folder / file) for name, file in manifest["networks"].items()}
    cases = _cases(manifest, networks["planes"], dtype)
    for name, network in networks.items():
        verify_network(name, network, *cases[name], differentiable=name not in _NOT_DIFFERENTIATED)
    for name, guidance in manifest.get("guidances", {}).items():
        verify_network(name, _load(folder / guidance["network"]), *cases["guidance"], differentiable=True)


def verify_network(
    name: str, network: Callable[..., Tensor], make: MakeInputs, shape: tuple, differentiable: bool
) -> None:
    """Runs a network with 1, 3 and 8 rows: shape, finite values, rows independent of each other, and gradients.

    Args:
        name: named in messages.
        network: the network to run.
        make: makes the inputs for a number of rows.
        shape: promised shape of the output without the batch; -1 for any length.
        differentiable: whether a gradient must reach the first input.

    Raises:
        PackError: at the first breach of the contract.
    """
    for batch in BATCHES:
        inputs = make(batch)
        first = inputs[0].requires_grad_(differentiable)
        out = network(*inputs)
        expected = tuple(have if want == -1 else want for have, want in zip(out.shape[1:], shape, strict=True))
        _require(out.shape == (batch, *expected), f"{name}: shape {tuple(out.shape)}; {(batch, *shape)} is promised")
        _require(bool(out.isfinite().all()), f"{name}: values are not finite")
        alone = torch.cat([network(*(value[row : row + 1] for value in inputs)) for row in range(batch)])
        error = float((alone - out).detach().abs().max())
        tolerance = 1e-4 * max(1.0, float(out.detach().abs().max()))
        _require(error <= tolerance, f"{name}: rows depend on other rows by {error:.2e}")
        if differentiable:
            _verify_gradient(name, out, first)


def _load(file: Path) -> torch.jit.ScriptModule:
    return torch.jit.load(file).eval()


def _verify_gradient(name: str, out: Tensor, first: Tensor) -> None:
    """The first row of the output depends on the first row of the input alone."""
    weights = torch.linspace(0.5, 1.5, out[0].numel(), dtype=out.dtype).reshape(out[0].shape)
    (gradient,) = torch.autograd.grad((out[0] * weights).sum(), first)
    _require(bool(gradient.isfinite().all()), f"{name}: the gradient is not finite")
    _require(float(gradient[0].abs().max()) > 0, f"{name}: no gradient reaches the input")
    _require(float(gradient[1:].abs().sum()) == 0, f"{name}: the gradient of one row reaches other rows")


def _verify_floats(path: Path, count: int) -> None:
    values = read_floats(path)
    _require(values.size == count, f"{path.name}: {values.size} values; the manifest promises {count}")
    _require(bool(np.isfinite(values).all()), f"{path.name}: values are not finite")


def _verify_tokenizer(folder: Path, text: dict) -> None:
    tokenizer = Tokenizer.from_file(str(folder / text["tokenizer"]))
    for sample in (text["empty"], "red hair", "word " * 100):
        ids = tokenizer.encode(sample).ids
        _require(len(ids) == text["tokens"], f"tokenizer: {len(ids)} ids; the manifest promises {text['tokens']}")
    neutral = {token for word in text.get("neutral", ()) for token in tokenizer.encode(word).tokens} | {"[UNK]"}
    for phrase in text.get("understands", ()):
        known = not neutral.issuperset(tokenizer.encode(phrase).tokens)
        _require(known, f"text: the tokenizer knows no word of '{phrase}', which the manifest lists as understood")


def _cases(
    manifest: dict, planes_of: Callable[[Tensor], Tensor], dtype: torch.dtype
) -> dict[str, tuple[MakeInputs, tuple]]:
    """Inputs and promised output shape of every network, and of a guidance that the pack brings.

    Tri-planes come from the pack's own network: in a fog of random planes every sample of a ray matters alike, and a
    renderer that leaves samples out may leave out others for rounding alone.
    """
    random = torch.Generator().manual_seed(1)
    size, latent, planes = manifest["image_size"], manifest["latent"], manifest["planes"]
    text, prior = manifest.get("text", {}), manifest.get("prior", {})
    w_plus = (latent["layers"], latent["width"])
    plane_shape = (3, planes["channels"], planes["size"], planes["size"])
    sample_shape = (prior.get("channels"), prior.get("size"), prior.get("size"))

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float32).to(dtype)

    def image(rows: int) -> list[Tensor]:
        return [normal(rows, 3, size, size).mul(0.4).clamp(-1, 1)]

    def window(rows: int) -> list[Tensor]:
        side = manifest["photograph"]["window"]
        return [normal(rows, 3, side, side).mul(0.4).clamp(-1, 1)]

    def latents(rows: int) -> Tensor:
        return 0.5 * normal(rows, *w_plus)

    def scene(rows: int) -> list[Tensor]:
        camera, w = camera_from_angles(0.3 * normal(rows), 0.2 * normal(rows)), latents(rows)
        return [planes_of(w).detach(), w, camera]

    def points(rows: int) -> list[Tensor]:
        w, extent = latents(rows), manifest["density"]["extent"]
        return [planes_of(w).detach(), w, extent * (2 * torch.rand(rows, 64, 3, generator=random).to(dtype) - 1)]

    def token_ids(rows: int) -> list[Tensor]:
        return [torch.randint(0, 6, (rows, text["tokens"]), generator=random)]

    def conditioning(rows: int) -> Tensor:
        return normal(rows, text["tokens"], text["width"])

    def noisy_sample(rows: int) -> list[Tensor]:
        timestep = torch.randint(0, prior["steps"], (rows,), generator=random)
        return [normal(rows, *sample_shape), timestep, conditioning(rows)]

    return {
        "planes": (lambda rows: [latents(rows)], plane_shape),
        "render": (scene, (3, size, size)),
        "perceptual": (image, (-1,)),
        "identity": (image, (manifest.get("identity", {}).get("width"),)),
        "lighting": (image, (9,)),
        "text": (token_ids, (text.get("tokens"), text.get("width"))),
        "prior_encode": (image, sample_shape),
        "prior": (noisy_sample, sample_shape),
        "encoder": (image, w_plus),
        "mapping": (lambda rows: [normal(rows, manifest["mapping"]["width"])], w_plus),
        "latent_mapper": (lambda rows: [latents(rows), conditioning(rows)], w_plus),
        "pose": (image, (25,)),
        "align": (window, (19,)),
        "matte": (image, (1, size, size)),
        "density": (points, (64, 4)),
        "guidance": (lambda rows: image(rows) + image(rows), ()),
    }


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise PackError(message)
