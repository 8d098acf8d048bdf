"""The refinement step in Python over an exported pack, for tuning: docs/refinement.md line by line."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from .distillation import Prior, direction, region
from .frames import camera_from_angles, light_in_picture
from .manifest import MANIFEST


@dataclass
class Wish:
    """What the rows of a batch shall become; fields that are None have no guidance.

    photo `[B,3,S,S]`; source `[B,25]`, frontal if None; prompt and negative, one text for all rows; light `[B,9]` in the head's
    frame. avatar: whether the start is an avatar, which an edit preserves, and not the mean latent.
    """

    photo: Tensor | None = None
    source: Tensor | None = None
    prompt: str | None = None
    negative: str = ""
    light: Tensor | None = None
    avatar: bool = True


@dataclass
class Plan:
    """The numbers of a refinement of a kind of request; names as in the manifest's `defaults`."""

    kind: str
    steps: int
    weights: dict[str, float]
    learning_rate: float
    warmup: float
    cooldown: float
    timesteps: tuple[float, float]
    guidance_scale: float
    side_yaw: float
    side_pitch: float
    side_steps: int
    layers: list[float]
    distillation: str = "sds"
    mask: dict | None = None
    balance: dict | None = None
    losses: dict[str, float] = field(default_factory=dict)


@dataclass
class Draw:
    """What is random in a step: side cameras `[B,25]`, a timestep, and noise `[B,c,h,w]`; the last two for a prompt alone.

    at_start: W_0 in the prior's space as the side cameras see it, once it was needed.
    """

    side: Tensor
    timestep: int = 0
    noise: Tensor | None = None
    at_start: Tensor | None = None


class Pack:
    """A pack's networks by name, its manifest and tokenizer, on one CPU thread."""

    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name, file in self.manifest["networks"].items():
            network = torch.jit.load(folder / file).eval()
            for parameter in network.parameters():
                parameter.requires_grad_(False)
            setattr(self, name, network)
        self.tokenizer = Tokenizer.from_file(str(folder / self.manifest["text"]["tokenizer"]))
        alphas = np.fromfile(folder / self.manifest["prior"]["alphas_cumprod"], dtype="<f4")
        self.alphas = torch.from_numpy(alphas)
        latent = self.manifest["latent"]
        mean = np.fromfile(folder / latent["mean"], dtype="<f4")
        self.mean = torch.from_numpy(mean).view(1, latent["layers"], latent["width"])

    def plan(self, kind: str, **changes) -> Plan:
        """The manifest's plan for a kind of request, with changes."""
        defaults, camera = self.manifest["defaults"], self.manifest["camera"]
        rate = defaults["learning_rate"]
        plan = Plan(
            kind=kind,
            distillation=defaults.get("distillation", "sds"),
            mask=defaults.get("mask"),
            balance=defaults.get("balance"),
            steps=defaults["steps"][kind],
            weights=dict(defaults["weights"][kind]),
            learning_rate=rate[kind] if isinstance(rate, dict) else rate,
            layers=defaults.get("layers", {}).get(kind, [1.0] * self.manifest["latent"]["layers"]),
            side_yaw=camera["side_yaw"],
            side_pitch=camera["side_pitch"],
            side_steps=camera.get("side_steps", 1),
            **{
                name: defaults[name]
                for name in ("warmup", "cooldown", "timesteps", "guidance_scale")
            },
        )
        for name, value in changes.items():
            setattr(plan, name, plan.weights | value if name == "weights" else value)
        return plan

    def conditioning(self, text: str, rows: int) -> Tensor:
        ids = torch.tensor([self.tokenizer.encode(text).ids])
        return self.text(ids).expand(rows, -1, -1)

    def noise_shape(self, rows: int) -> tuple[int, ...]:
        prior = self.manifest["prior"]
        return rows, prior["channels"], prior["size"], prior["size"]

    @torch.no_grad()
    def show(self, latent: Tensor, camera: Tensor) -> Tensor:
        """Pictures `[B,3,S,S]` of latents by cameras `[B,25]`."""
        return self.render(self.planes(latent), latent, camera)


def refine(pack: Pack, start: Tensor, wish: Wish, plan: Plan, seed: int = 0) -> Tensor:
    """Refines W+ `[B,L,D]` by `plan.steps` steps and returns it; `plan.losses` holds the last step's mean terms.

    start: W_0; that of a prompt without an avatar is the mean latent or, in a pack with a mapping network, that of somebody.
    """
    random = torch.Generator().manual_seed(seed)
    targets = prepare(pack, start, wish, plan, random)
    weights = balanced(plan, targets)
    layers = torch.tensor(plan.layers)[:, None]
    latent, mean, square = led(pack, start, wish, plan), torch.zeros_like(start), torch.zeros_like(start)
    drawn = None
    side_steps = plan.side_steps if compares_with_start(wish, plan) else 1
    for step in range(plan.steps):
        spent = (step + 0.5) / plan.steps
        drawn = draw(pack, wish, plan, len(start), spent, random, drawn if step % side_steps else None)
        leaf = latent.detach().requires_grad_()
        terms = losses(pack, leaf, start, wish, targets, plan, drawn)
        total = sum((weights[name] * value).sum() for name, value in terms.items())
        (gradient,) = torch.autograd.grad(total, leaf)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient.square()
        count = step + 1
        move = mean / (1 - 0.9**count) / ((square / (1 - 0.999**count)).sqrt() + 1e-8)
        latent = latent - rate(plan, spent) * layers * move
        plan.losses = {name: float(value.detach().mean()) for name, value in terms.items()}
    return latent


def compares_with_start(wish: Wish, plan: Plan) -> bool:
    """Whether score distillation runs, in its delta form."""
    return wish.prompt is not None and plan.weights["score_distillation"] > 0 and plan.distillation == "dds"


@torch.no_grad()
def led(pack: Pack, start: Tensor, wish: Wish, plan: Plan) -> Tensor:
    """Where a request begins: a prompt in a pack with a latent mapper at its answer, all else at W_0."""
    if plan.kind != "prompt" or wish.prompt is None or not hasattr(pack, "latent_mapper"):
        return start.clone()
    return pack.latent_mapper(start, pack.conditioning(wish.prompt, len(start)))


def rate(plan: Plan, spent: float) -> float:
    """Learning rate after a share of the budget."""
    fall = 0.5 + 0.5 * math.cos(math.pi * max(0.0, spent - 1.0 + plan.cooldown) / plan.cooldown)
    return plan.learning_rate * min(1.0, spent / plan.warmup) * fall


def draw(
    pack: Pack, wish: Wish, plan: Plan, rows: int, spent: float, random: torch.Generator, last: Draw | None = None
) -> Draw:
    """The step's random numbers after a share of the budget; it looks from where ``last`` did, if that is given."""
    if last is None:
        angles = 2.0 * torch.rand(2, rows, generator=random) - 1.0
        last = Draw(camera_from_angles(plan.side_yaw * angles[0], plan.side_pitch * angles[1]))
    if wish.prompt is None:
        return Draw(last.side)
    low, high = plan.timesteps
    steps = len(pack.alphas)
    timestep = min(steps - 1, round(steps * (high - (high - low) * spent)))
    return Draw(last.side, timestep, torch.randn(pack.noise_shape(rows), generator=random), last.at_start)


@torch.no_grad()
def prepare(pack: Pack, start: Tensor, wish: Wish, plan: Plan, random: torch.Generator) -> dict:
    """Targets that stay the same over the steps."""
    frontal = camera_from_angles(torch.zeros(len(start)), torch.zeros(len(start)))
    targets = {"source": frontal if wish.source is None else wish.source}
    if wish.prompt is not None:
        texts = {"prompt": wish.prompt, "empty": pack.manifest["text"]["empty"]}
        if wish.negative.strip():
            texts["negative"] = wish.negative
        targets["texts"] = {name: pack.conditioning(text, 1) for name, text in texts.items()}
    reference = wish.photo
    if plan.kind != "image":
        reference = pack.show(start, targets["source"]) if wish.avatar else None
    if reference is not None:
        targets["reference"] = reference
        targets["features"] = pack.perceptual(reference)
        if plan.kind == "prompt" and plan.mask and wish.prompt is not None:
            noise = torch.randn((plan.mask["draws"], *pack.noise_shape(len(start))), generator=random)
            targets["mask"], targets["answer"] = edited_region(pack, targets, plan, noise)
    person = reference if wish.photo is None else wish.photo
    if person is not None:
        targets["identity"] = pack.identity(person)
    return targets


def balanced(plan: Plan, targets: dict) -> dict[str, float | Tensor]:
    """The weights, score distillation's `[B]` where it follows the prior's answer."""
    if plan.balance is None or "answer" not in targets:
        return plan.weights
    most = plan.balance["most"]
    factor = (plan.balance["answer"] / targets["answer"]).pow(plan.balance["power"]).clamp(1 / most, most)
    return plan.weights | {"score_distillation": plan.weights["score_distillation"] * factor}


def edited_region(pack: Pack, targets: dict, plan: Plan, noise: Tensor) -> tuple[Tensor, Tensor]:
    """What the prompt will change of the reference (see ``distillation.region``); noise `[draws,B,c,h,w]`."""
    steps = len(pack.alphas)
    prior = Prior(pack, targets["texts"], min(steps - 1, round(plan.mask["timestep"] * steps)))
    return region(prior, targets["reference"], plan.mask, noise)


def losses(
    pack: Pack, latent: Tensor, start: Tensor, wish: Wish, targets: dict, plan: Plan, drawn: Draw
) -> dict[str, Tensor]:
    """Every term with weight and wish, `[B]` each."""

    def wanted(name: str, has: object) -> bool:
        return plan.weights[name] > 0 and has is not None

    terms = {}
    planes = pack.planes(latent)
    reference, person = targets.get("reference"), targets.get("identity")
    if wanted("reconstruction", reference):
        seen = pack.render(planes, latent, targets["source"])
        if "mask" in targets:
            seen = torch.lerp(seen, reference, targets["mask"])
        terms["reconstruction"] = (pack.perceptual(seen) - targets["features"]).square().sum(1)
    on_side = {"identity": person, "score_distillation": wish.prompt, "illumination": wish.light}
    image = pack.render(planes, latent, drawn.side) if any(wanted(*item) for item in on_side.items()) else None
    if wanted("identity", person):
        terms["identity"] = 1.0 - (pack.identity(image) * person).sum(1)
    if wanted("score_distillation", wish.prompt):
        terms["score_distillation"] = distillation(pack, image, start, targets["texts"], plan, drawn)
    if wanted("illumination", wish.light):
        terms["illumination"] = (pack.lighting(image) - light_in_picture(wish.light, drawn.side)).square().sum(1)
    if wanted("pull", start):
        terms["pull"] = (latent - start).square().mean((1, 2))
    return terms


def distillation(pack: Pack, image: Tensor, start: Tensor, texts: dict, plan: Plan, drawn: Draw) -> Tensor:
    """Score distillation `[B]`: its gradient with respect to x_0 is g / elements."""
    sample = pack.prior_encode(image)
    if plan.distillation == "dds" and drawn.at_start is None:
        drawn.at_start = pack.prior_encode(pack.show(start, drawn.side))
    prior = Prior(pack, texts, drawn.timestep)
    moved = direction(plan.distillation, prior, sample.detach(), drawn.at_start, drawn.noise, plan.guidance_scale)
    return 0.5 * (sample - (sample - moved).detach()).square().flatten(1).mean(1)
