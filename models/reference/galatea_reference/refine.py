"""The refinement step over a pack, as docs/refinement.md states it. The module reads from top to bottom."""

import math
from dataclasses import dataclass, replace

import torch
from galatea_packfile.conventions import camera_from_angles, light_in_picture
from torch import Tensor

from .foreignness import distance
from .distillation import ConditionedPrior, direction
from .pack import Pack
from .settings import EffectiveSettings
from .targets import Intent, Targets, resolve_targets


@dataclass
class StepRandomness:
    """The random numbers of a step.

    Attributes:
        side: cameras `[B,25]` of the side view.
        timestep: of the prior; for a prompt.
        noise: `[B,c,h,w]`; for a prompt.
        start_picture: W_0 seen by the side cameras, `[B,3,S,S]`. Set by the first step that needs it, and shared by the
            steps with the same cameras.
        start_sample: the same picture in the prior's space, `[B,c,h,w]`.
    """

    side: Tensor
    timestep: int = 0
    noise: Tensor | None = None
    start_picture: Tensor | None = None
    start_sample: Tensor | None = None


@dataclass(frozen=True)
class Refined:
    """The result of a refinement: W+ `[B,L,D]`, and the last step's unweighted losses, each a mean over the rows."""

    latent: Tensor
    losses: dict[str, float]


def refine(pack: Pack, start: Tensor, intent: Intent, settings: EffectiveSettings, seed: int = 0) -> Refined:
    """Refines latents by all steps of the settings.

    Args:
        start: W_0 `[B,L,D]`. A prompt without an avatar starts at the mean latent or, in a pack with a mapping network,
            at the latent of a random person.
        seed: of all random numbers.
    """
    random = torch.Generator().manual_seed(seed)
    targets = resolve_targets(pack, start, intent, settings, random)
    latent = initial_latent(pack, start, targets, settings)
    layers = torch.tensor(settings.layers)[:, None]
    if settings.kind == "image" and settings.holding_back is not None and intent.photo is not None:
        foreign = settings.holding_back.foreignness(distance(pack, intent.photo, start, targets.source))
        layers = settings.holding_back.held_layers(layers[:, 0], foreign)
        targets.weights["pull"] = settings.holding_back.held_pull(settings.weight("pull"), foreign)
        settings = replace(settings, weights=settings.weights | {"pull": float(targets.weights["pull"].max())})
    mean, square = torch.zeros_like(start), torch.zeros_like(start)
    side_steps = settings.side_steps if compares_with_start(pack, targets, settings) else 1
    randomness, terms = None, {}
    for step in range(settings.steps):
        spent = (step + 0.5) / settings.steps
        last = randomness if step % side_steps else None
        randomness = draw(pack, targets, settings, len(start), spent, random, last)
        leaf = latent.detach().requires_grad_()
        terms = losses(pack, leaf, start, targets, settings, randomness)
        total = sum((targets.weights[name] * value).sum() for name, value in terms.items())
        (gradient,) = torch.autograd.grad(total, leaf)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient.square()
        count = step + 1
        move = mean / (1 - 0.9**count) / ((square / (1 - 0.999**count)).sqrt() + 1e-8)
        latent = latent - rate(settings, spent) * layers * move
    return Refined(latent, {name: float(value.detach().mean()) for name, value in terms.items()})


@torch.no_grad()
def initial_latent(pack: Pack, start: Tensor, targets: Targets, settings: EffectiveSettings) -> Tensor:
    """The latent of the first step: the latent mapper's answer for a prompt in a pack with a latent mapper, else W_0."""
    if settings.kind != "prompt" or targets.texts is None or not hasattr(pack, "latent_mapper"):
        return start.clone()
    return pack.latent_mapper(start, targets.texts.prompt.expand(len(start), -1, -1))


def compares_with_start(pack: Pack, targets: Targets, settings: EffectiveSettings) -> bool:
    """Whether a guidance compares with W_0 seen from the side: score distillation as `dds`, or a guidance of the pack."""
    if targets.texts is not None and settings.weight("score_distillation") > 0 and settings.distillation == "dds":
        return True
    on_side = [name for name, guidance in pack.guidances.items() if guidance.view == "side"]
    return targets.edits_avatar and any(settings.weight(name) > 0 for name in on_side)


def rate(settings: EffectiveSettings, spent: float) -> float:
    """Learning rate after a share of the budget, 0 to 1."""
    fall = 0.5 + 0.5 * math.cos(math.pi * max(0.0, spent - 1.0 + settings.cooldown) / settings.cooldown)
    return settings.learning_rate * min(1.0, spent / settings.warmup) * fall


def draw(
    pack: Pack,
    targets: Targets,
    settings: EffectiveSettings,
    rows: int,
    spent: float,
    random: torch.Generator,
    last: StepRandomness | None = None,
) -> StepRandomness:
    """Draws the random numbers of a step.

    Args:
        spent: share of the budget, 0 to 1.
        last: randomness of the step before, whose side cameras are kept; None draws new cameras.
    """
    if last is None:
        angles = 2.0 * torch.rand(2, rows, generator=random) - 1.0
        last = StepRandomness(camera_from_angles(settings.side_yaw * angles[0], settings.side_pitch * angles[1]))
    if targets.texts is None:
        return last
    low, high = settings.timesteps
    steps = len(pack.alphas)
    timestep = min(steps - 1, round(steps * (high - (high - low) * spent)))
    noise = torch.randn(pack.noise_shape(rows), generator=random)
    return replace(last, timestep=timestep, noise=noise)


def losses(
    pack: Pack,
    latent: Tensor,
    start: Tensor,
    targets: Targets,
    settings: EffectiveSettings,
    randomness: StepRandomness,
) -> dict[str, Tensor]:
    """The unweighted losses `[B]`, by guidance: each guidance with a weight and a target."""

    def wanted(name: str, target: object) -> bool:
        return settings.weight(name) > 0 and target is not None

    terms = {}
    planes = pack.planes(latent)
    brought = {
        name: guidance
        for name, guidance in pack.guidances.items()
        if settings.weight(name) > 0 and (targets.edits_avatar if guidance.view == "side" else targets.reference is not None)
    }
    views = {guidance.view for guidance in brought.values()}
    source = side = None
    if "source" in views or wanted("reconstruction", targets.reference):
        source = pack.render(planes, latent, targets.source)
    on_side = {"identity": targets.identity, "score_distillation": targets.texts, "illumination": targets.light}
    if "side" in views or any(wanted(*item) for item in on_side.items()):
        side = pack.render(planes, latent, randomness.side)
    if wanted("reconstruction", targets.reference):
        seen = source if targets.mask is None else torch.lerp(source, targets.reference, targets.mask)
        terms["reconstruction"] = (pack.perceptual(seen) - targets.features).square().sum(1)
    if wanted("identity", targets.identity):
        terms["identity"] = 1.0 - (pack.identity(side) * targets.identity).sum(1)
    if wanted("score_distillation", targets.texts):
        terms["score_distillation"] = score_distillation(pack, side, start, targets, settings, randomness)
    if wanted("illumination", targets.light):
        light = light_in_picture(targets.light, randomness.side)
        terms["illumination"] = (pack.lighting(side) - light).square().sum(1)
    if wanted("pull", start):
        terms["pull"] = latent_anchor(latent, start)
    for name, guidance in brought.items():
        if guidance.view == "source":
            terms[name] = guidance.network(source, targets.reference)
        else:
            terms[name] = guidance.network(side, start_picture(pack, start, randomness))
    return terms


def start_picture(pack: Pack, start: Tensor, randomness: StepRandomness) -> Tensor:
    """W_0 `[B,L,D]` seen by the step's side cameras: `[B,3,S,S]`, rendered once for the same cameras."""
    if randomness.start_picture is None:
        randomness.start_picture = pack.picture(start, randomness.side)
    return randomness.start_picture


def latent_anchor(latent: Tensor, start: Tensor) -> Tensor:
    """Mean squared distance `[B]` of W+ from W_0; the manifest's `pull`."""
    return (latent - start).square().mean((1, 2))


def score_distillation(
    pack: Pack,
    picture: Tensor,
    start: Tensor,
    targets: Targets,
    settings: EffectiveSettings,
    randomness: StepRandomness,
) -> Tensor:
    """Score distillation `[B]` of side views `[B,3,S,S]`. Its gradient at the sample is g divided by the sample's length."""
    sample = pack.prior_encode(picture)
    form = settings.distillation
    if form == "dds" and randomness.start_sample is None:
        randomness.start_sample = pack.prior_encode(start_picture(pack, start, randomness))
    prior = ConditionedPrior(pack, targets.texts, randomness.timestep)
    g = direction(form, prior, sample.detach(), randomness.start_sample, randomness.noise, settings.guidance_scale)
    return 0.5 * (sample - (sample - g).detach()).square().flatten(1).mean(1)
