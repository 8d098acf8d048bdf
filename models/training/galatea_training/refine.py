"""The refinement step in Python over an exported pack, for tuning: docs/refinement.md line by line."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d

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
    layers: list[float]
    mask: dict | None = None
    losses: dict[str, float] = field(default_factory=dict)


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

    def plan(self, kind: str, **changes) -> Plan:
        """The manifest's plan for a kind of request, with changes."""
        defaults, camera = self.manifest["defaults"], self.manifest["camera"]
        rate = defaults["learning_rate"]
        plan = Plan(
            kind=kind,
            mask=defaults.get("mask"),
            steps=defaults["steps"][kind],
            weights=dict(defaults["weights"][kind]),
            learning_rate=rate[kind] if isinstance(rate, dict) else rate,
            layers=defaults.get("layers", {}).get(kind, [1.0] * self.manifest["latent"]["layers"]),
            side_yaw=camera["side_yaw"],
            side_pitch=camera["side_pitch"],
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

    @torch.no_grad()
    def show(self, latent: Tensor, camera: Tensor) -> Tensor:
        """Pictures `[B,3,S,S]` of latents by cameras `[B,25]`."""
        return self.render(self.planes(latent), latent, camera)


def refine(pack: Pack, start: Tensor, wish: Wish, plan: Plan, seed: int = 0) -> Tensor:
    """Refines W+ `[B,L,D]` by `plan.steps` steps and returns it; `plan.losses` holds the last step's mean terms."""
    random = torch.Generator().manual_seed(seed)
    targets = prepare(pack, start, wish, plan, random)
    layers = torch.tensor(plan.layers)[:, None]
    latent, mean, square = start.clone(), torch.zeros_like(start), torch.zeros_like(start)
    for step in range(plan.steps):
        leaf = latent.detach().requires_grad_()
        terms = losses(pack, leaf, start, wish, targets, plan, (step + 0.5) / plan.steps, random)
        total = sum(plan.weights[name] * value.sum() for name, value in terms.items())
        (gradient,) = torch.autograd.grad(total, leaf)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient.square()
        count = step + 1
        move = mean / (1 - 0.9**count) / ((square / (1 - 0.999**count)).sqrt() + 1e-8)
        latent = latent - rate(plan, (step + 0.5) / plan.steps) * layers * move
        plan.losses = {name: float(value.detach().mean()) for name, value in terms.items()}
    return latent


def rate(plan: Plan, spent: float) -> float:
    """Learning rate after a share of the budget."""
    fall = 0.5 + 0.5 * math.cos(math.pi * max(0.0, spent - 1.0 + plan.cooldown) / plan.cooldown)
    return plan.learning_rate * min(1.0, spent / plan.warmup) * fall


@torch.no_grad()
def prepare(pack: Pack, start: Tensor, wish: Wish, plan: Plan, random: torch.Generator) -> dict[str, Tensor]:
    """Targets that stay the same over the steps."""
    frontal = camera_from_angles(torch.zeros(len(start)), torch.zeros(len(start)))
    targets = {"source": frontal if wish.source is None else wish.source}
    if wish.prompt is not None:
        targets["prompt"] = pack.conditioning(wish.prompt, 1)
        targets["negative"] = pack.conditioning(wish.negative, 1)
    reference = wish.photo
    if plan.kind != "image":
        reference = pack.show(start, targets["source"]) if wish.avatar else None
    if reference is not None:
        targets["reference"] = reference
        targets["features"] = pack.perceptual(reference)
        if plan.kind == "prompt" and plan.mask and wish.prompt is not None:
            targets["mask"] = region(pack, reference, targets, plan.mask, random)
    person = reference if wish.photo is None else wish.photo
    if person is not None:
        targets["identity"] = pack.identity(person)
    return targets


def region(pack: Pack, picture: Tensor, targets: dict, mask: dict, random: torch.Generator) -> Tensor:
    """The region `[B,1,S,S]` that the prompt will change: DiffEdit (Couairon et al. 2022), with a soft edge."""
    steps = len(pack.alphas)
    timestep = min(steps - 1, round(mask["timestep"] * steps))
    level = pack.alphas[timestep]
    sample = pack.prior_encode(picture)
    at = torch.full((len(sample),), timestep)
    difference = torch.zeros(len(sample), 1, *sample.shape[2:])
    for _ in range(mask["draws"]):
        noise = torch.randn(sample.shape, generator=random)
        noisy = level.sqrt() * sample + (1.0 - level).sqrt() * noise
        asked, other = (
            pack.prior(noisy, at, targets[name].expand(len(sample), -1, -1)) for name in ("prompt", "negative")
        )
        difference += (asked - other).abs().mean(1, keepdim=True)
    share = difference / difference.amax((1, 2, 3), keepdim=True).clamp(min=1e-30)
    inside = ((share - mask["low"]) / (mask["high"] - mask["low"])).clamp(0.0, 1.0)
    grown = max_pool2d(inside.square() * (3.0 - 2.0 * inside), 3, stride=1, padding=1)
    return interpolate(grown, size=picture.shape[2:], mode="bilinear", align_corners=False)


def losses(pack, latent, start, wish, targets, plan, spent: float, random) -> dict[str, Tensor]:
    """Every term with weight and wish, `[B]` each."""
    rows = len(latent)
    yaw, pitch = (2.0 * torch.rand(2, rows, generator=random) - 1.0) * torch.tensor([[plan.side_yaw], [plan.side_pitch]])
    side = camera_from_angles(yaw, pitch)

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
    image = pack.render(planes, latent, side) if any(wanted(*item) for item in on_side.items()) else None
    if wanted("identity", person):
        terms["identity"] = 1.0 - (pack.identity(image) * person).sum(1)
    if wanted("score_distillation", wish.prompt):
        terms["score_distillation"] = distillation(pack, pack.prior_encode(image), targets, plan, spent, random)
    if wanted("illumination", wish.light):
        terms["illumination"] = (pack.lighting(image) - light_in_picture(wish.light, side)).square().sum(1)
    if wanted("pull", start):
        terms["pull"] = (latent - start).square().mean((1, 2))
    return terms


def distillation(pack: Pack, x0: Tensor, targets: dict, plan: Plan, spent: float, random) -> Tensor:
    """Score distillation `[B]`: its gradient with respect to x_0 is w(t) (eps - noise) / elements."""
    low, high = plan.timesteps
    steps = len(pack.alphas)
    timestep = min(steps - 1, round(steps * (high - (high - low) * spent)))
    level = pack.alphas[timestep]
    with torch.no_grad():
        noise = torch.randn(x0.shape, generator=random)
        x_t = level.sqrt() * x0 + (1.0 - level).sqrt() * noise
        at = torch.full((len(x0),), timestep)
        asked = pack.prior(x_t, at, targets["prompt"].expand(len(x0), -1, -1))
        other = pack.prior(x_t, at, targets["negative"].expand(len(x0), -1, -1))
        gradient = (1.0 - level) * (other + plan.guidance_scale * (asked - other) - noise)
    target = (x0 - gradient).detach()
    return 0.5 * (x0 - target).square().flatten(1).mean(1)
