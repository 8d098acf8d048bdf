"""FaceDNeRF's optimisation (Zhang et al., NeurIPS 2023, arXiv 2306.00783) over the networks of a pack.

The loop is the yardstick of benchmarks and evaluation. As FaceDNeRF's script does, it refines one identity from the mean
latent, with every loss in every step and uniform timesteps; it runs the backbone for each view and encodes the text twice
in every step. The caller gives the weights of the losses, because the script's weights belong to its own networks.
"""

import math
from collections.abc import Callable

import torch
from galatea_packfile.conventions import camera_from_angles
from torch import Tensor

from .distillation import ConditionedPrior, direction
from .pack import Pack
from .targets import Intent, text_conditioning

STEPS = 500
PEAK_RATE = 0.01
#: Shares of the steps in which the learning rate rises and falls.
RAMP, FALL = 0.05, 0.25
#: Spread of the noise on the latent at first, and the share of the steps after which there is none.
LATENT_NOISE, CALM = 0.05, 0.75
#: Greatest yaw and pitch of side views, radians.
SIDE = 0.2
#: Range of timesteps as shares of the prior's steps.
TIMESTEPS = (0.02, 0.98)

#: Called after each step with its number and its pictures `[1,3,S,S]` from the source camera and from the side.
Watch = Callable[[int, Tensor, Tensor], None]


def optimise(
    pack: Pack, intent: Intent, weights: dict[str, float], steps: int = STEPS, seed: int = 0, watch: Watch | None = None
) -> Tensor:
    """Optimises W+ from the mean latent; returns it, `[1,L,D]`.

    Args:
        intent: one row with a photo and a source camera. Prompt and light have a loss where they are given.
        weights: of the losses, by their names in the manifest.
    """
    random = torch.Generator().manual_seed(seed)
    latent = pack.mean.clone().requires_grad_()
    optimiser = torch.optim.Adam([latent], betas=(0.9, 0.999), lr=PEAK_RATE)
    with torch.no_grad():
        features, identity = pack.perceptual(intent.photo), pack.identity(intent.photo)
    for step in range(steps):
        done = step / steps
        for group in optimiser.param_groups:
            group["lr"] = rate(done)
        noisy = latent + torch.randn(latent.shape, generator=random) * LATENT_NOISE * max(0.0, 1.0 - done / CALM) ** 2
        front, side = draw(pack, noisy, intent.source), draw(pack, noisy, random_side(random))
        terms = {
            "reconstruction": (pack.perceptual(front) - features).square().sum(),
            "identity": 1.0 - (pack.identity(side) * identity).sum(),
        }
        if intent.prompt is not None:
            terms["score_distillation"] = score_distillation(pack, side, intent.prompt, random)
        if intent.light is not None:
            terms["illumination"] = (pack.lighting(side) - intent.light).square().sum()
        optimiser.zero_grad()
        sum(weights[name] * term for name, term in terms.items()).backward()
        optimiser.step()
        if watch:
            watch(step, front.detach(), side.detach())
    return latent.detach()


def rate(done: float) -> float:
    """Learning rate after a share of the steps, 0 to 1."""
    fall = min(1.0, (1.0 - done) / FALL)
    return PEAK_RATE * (0.5 - 0.5 * math.cos(fall * math.pi)) * min(1.0, done / RAMP)


def draw(pack: Pack, latent: Tensor, camera: Tensor) -> Tensor:
    """Picture `[1,3,S,S]` with gradient; every call runs the backbone."""
    return pack.render(pack.planes(latent), latent, camera)


def random_side(random: torch.Generator) -> Tensor:
    """A random camera `[1,25]` about the front, whatever the source camera is."""
    yaw, pitch = SIDE * (2.0 * torch.rand(2, 1, generator=random) - 1.0)
    return camera_from_angles(yaw, pitch)


def score_distillation(pack: Pack, picture: Tensor, prompt: str, random: torch.Generator) -> Tensor:
    """Score distillation (Poole et al. 2022) that encodes the prompt and the empty text anew in every step."""
    sample = pack.prior_encode(picture)
    low, high = (int(share * len(pack.alphas)) for share in TIMESTEPS)
    timestep = int(torch.randint(low, high, (), generator=random))
    prior = ConditionedPrior(pack, text_conditioning(pack, prompt, negative=""), timestep)
    noise = torch.randn(sample.shape, generator=random)
    g = direction("sds", prior, sample.detach(), None, noise, pack.manifest["defaults"]["guidance_scale"])
    return (g * sample).sum() / sample.numel()
