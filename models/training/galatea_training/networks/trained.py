"""Loads trained networks from the checkpoints of a folder of runs."""

from pathlib import Path

import numpy as np
import torch

from ..optimise.checkpoint import averaged_weights, measured_once, state_of_part
from ..render import heads
from .encoder import Encoder
from .generator import Generator
from .judge import Judge
from .latent import Basis
from .latent_mapper import LatentMapper, ParameterMapping
from .planes import LatentPlanes
from .text_encoder import WIDTH, TextEncoder


def load_generator(checkpoint: Path) -> Generator:
    """The averaged generator of a checkpoint, frozen."""
    state = averaged_weights(checkpoint)
    generator = Generator(len(state["mapping.mean"]), (0.0, 0.0, 0.0))
    generator.load_state_dict(state)
    return generator.eval().requires_grad_(False)


def load_planes(generator: Generator, runs: Path, heads_drawn: int = 6000) -> LatentPlanes:
    """The generator's planes, with the coordinates that W+ is measured in.

    Random heads determine the coordinates once. ``RUNS/basis.ckpt`` keeps them, so that W+ means the same after the generator
    has been trained further.

    Args:
        heads_drawn: number of random heads.
    """
    planes = LatentPlanes(generator.planes)

    @torch.no_grad()
    def measured() -> dict[str, torch.Tensor]:
        rng = np.random.default_rng(99)
        params = torch.from_numpy(np.stack([heads.sample(rng).params for _ in range(heads_drawn)]))
        planes.fit(generator.mapping(params))
        return {name: value for name, value in planes.state_dict().items() if name.startswith(("basis.", "residual."))}

    planes.load_state_dict(measured_once(runs / "basis.ckpt", measured), strict=False)
    return planes.eval().requires_grad_(False)


def load_encoder(checkpoint: Path, generator: Generator, basis: Basis) -> Encoder:
    """The averaged encoder of a checkpoint, frozen."""
    encoder = Encoder(generator, basis)
    encoder.trunk.load_state_dict(averaged_weights(checkpoint))
    return encoder.eval().requires_grad_(False)


def load_text(checkpoint: Path, tokenizer) -> TextEncoder:
    """The averaged text network of the prior's checkpoint, frozen."""
    text = TextEncoder(tokenizer.get_vocab_size())
    text.load_state_dict(state_of_part(averaged_weights(checkpoint), "text"))
    return text.eval().requires_grad_(False)


def new_mapper(generator: Generator, runs: Path) -> LatentMapper:
    """An untrained latent mapper for the generator of ``RUNS``."""
    mapped = ParameterMapping(generator, load_planes(generator, runs).basis)
    return LatentMapper(mapped, generator.mapping.mean, generator.mapping.scale, WIDTH)


def load_judge(checkpoint: Path) -> Judge:
    """The averaged judge of a checkpoint, frozen; raises FileNotFoundError without one."""
    judge = Judge()
    judge.load_state_dict(averaged_weights(checkpoint))
    return judge.eval().requires_grad_(False)
