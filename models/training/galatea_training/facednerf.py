"""FaceDNeRF's optimisation (Zhang et al., NeurIPS 2023, arXiv 2306.00783) over the networks of a pack: the yardstick.

One identity from the mean latent, every loss at once, uniform timesteps, the backbone run for each view and the text
encoded twice in every step, as its script does. The weights of the losses are given: the script's belong to its
networks.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from .distillation import Prior, direction
from .frames import camera_from_angles
from .refine import Pack, Wish

STEPS = 500
PEAK_RATE = 0.01
RAMP, FALL = 0.05, 0.25
LATENT_NOISE, CALM = 0.05, 0.75
SIDE = 0.2
TIMESTEPS = (0.02, 0.98)

#: Told the step and its pictures `[1,3,S,S]`, from the source camera and from the side.
Watch = Callable[[int, Tensor, Tensor], None]


def optimise(
    pack: Pack, wish: Wish, weights: dict[str, float], steps: int = STEPS, seed: int = 0, watch: Watch | None = None
) -> Tensor:
    """W+ `[1,L,D]` after all steps.

    Args:
        wish: one row with a photo and its source camera; prompt and light have a loss where they are given.
        weights: of the losses, by their names in the manifest.
    """
    random = torch.Generator().manual_seed(seed)
    latent = pack.mean.clone().requires_grad_()
    optimiser = torch.optim.Adam([latent], betas=(0.9, 0.999), lr=PEAK_RATE)
    with torch.no_grad():
        features, person = pack.perceptual(wish.photo), pack.identity(wish.photo)
    for step in range(steps):
        done = step / steps
        for group in optimiser.param_groups:
            group["lr"] = rate(done)
        noisy = latent + torch.randn(latent.shape, generator=random) * LATENT_NOISE * max(0.0, 1.0 - done / CALM) ** 2
        front, side = draw(pack, noisy, wish.source), draw(pack, noisy, random_side(random))
        terms = {
            "reconstruction": (pack.perceptual(front) - features).square().sum(),
            "identity": 1.0 - (pack.identity(side) * person).sum(),
        }
        if wish.prompt is not None:
            terms["score_distillation"] = distillation(pack, side, wish.prompt, random)
        if wish.light is not None:
            terms["illumination"] = (pack.lighting(side) - wish.light).square().sum()
        optimiser.zero_grad()
        sum(weights[name] * term for name, term in terms.items()).backward()
        optimiser.step()
        if watch:
            watch(step, front.detach(), side.detach())
    return latent.detach()


def rate(done: float) -> float:
    """Learning rate after a share of the steps."""
    fall = min(1.0, (1.0 - done) / FALL)
    return PEAK_RATE * (0.5 - 0.5 * math.cos(fall * math.pi)) * min(1.0, done / RAMP)


def draw(pack: Pack, latent: Tensor, camera: Tensor) -> Tensor:
    """Picture `[1,3,S,S]`; the backbone runs for each."""
    return pack.render(pack.planes(latent), latent, camera)


def random_side(random: torch.Generator) -> Tensor:
    """A camera `[1,25]` about the front, whatever the source camera is."""
    yaw, pitch = SIDE * (2.0 * torch.rand(2, 1, generator=random) - 1.0)
    return camera_from_angles(yaw, pitch)


def distillation(pack: Pack, picture: Tensor, prompt: str, random: torch.Generator) -> Tensor:
    """Score distillation with the text encoded anew, for the wish and for the empty text."""
    sample = pack.prior_encode(picture)
    low, high = (int(share * len(pack.alphas)) for share in TIMESTEPS)
    timestep = int(torch.randint(low, high, (), generator=random))
    texts = {"prompt": pack.conditioning(prompt, 1), "empty": pack.conditioning(pack.manifest["text"]["empty"], 1)}
    noise = torch.randn(sample.shape, generator=random)
    scale = pack.manifest["defaults"]["guidance_scale"]
    moved = direction("sds", Prior(pack, texts, timestep), sample.detach(), None, noise, scale)
    return (moved * sample).sum() / sample.numel()
