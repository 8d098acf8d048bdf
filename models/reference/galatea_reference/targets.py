"""What a request asks for, and the target tensors that stay the same over its steps (docs/refinement.md, 2)."""

from dataclasses import dataclass

import torch
from galatea_packfile.conventions import camera_from_angles
from torch import Tensor

from .distillation import ConditionedPrior, TextConditioning, edited_region
from .pack import Pack
from .settings import EffectiveSettings


@dataclass
class Intent:
    """All wishes of an avatar. A field that is None has no guidance.

    Attributes:
        photo: pictures `[B,3,S,S]` in [-1, 1].
        source: cameras `[B,25]` of the photos; frontal if None.
        prompt: one text for all rows.
        negative: one text that score distillation leads away from; blank for none.
        light: spherical harmonics `[B,9]` in the head's frame.
        has_avatar: whether the start is an avatar, which an edit preserves. False for a start at the mean latent.
    """

    photo: Tensor | None = None
    source: Tensor | None = None
    prompt: str | None = None
    negative: str = ""
    light: Tensor | None = None
    has_avatar: bool = True


@dataclass
class Targets:
    """Target tensors and weights of the rows of a batch. A field that is None has no guidance.

    Attributes:
        source: cameras `[B,25]` of the source view.
        weights: of the guidances by name, each a number or `[B]`.
        edits_avatar: whether the request edits an avatar, which side views are then compared with.
        reference: pictures `[B,3,S,S]` that reconstruction keeps to.
        features: perceptual features `[B,F]` of the reference.
        identity: embeddings `[B,E]` of the person.
        texts: conditioning of the prompt.
        light: spherical harmonics `[B,9]` in the head's frame.
        mask: region `[B,1,S,S]` in [0, 1] that the prompt may change.
        answer: strength of the prior's answer to the prompt, `[B]`.
    """

    source: Tensor
    weights: dict[str, float | Tensor]
    edits_avatar: bool = False
    reference: Tensor | None = None
    features: Tensor | None = None
    identity: Tensor | None = None
    texts: TextConditioning | None = None
    light: Tensor | None = None
    mask: Tensor | None = None
    answer: Tensor | None = None


@torch.no_grad()
def resolve_targets(
    pack: Pack, start: Tensor, intent: Intent, settings: EffectiveSettings, random: torch.Generator
) -> Targets:
    """Resolves an intent into targets.

    Args:
        start: W_0 `[B,L,D]`.
        random: source of the mask's noise.
    """
    rows = len(start)
    frontal = camera_from_angles(torch.zeros(rows), torch.zeros(rows))
    targets = Targets(
        source=frontal if intent.source is None else intent.source,
        weights=dict(settings.weights),
        edits_avatar=settings.kind != "image" and intent.has_avatar,
        texts=None if intent.prompt is None else text_conditioning(pack, intent.prompt, intent.negative),
        light=intent.light,
    )
    targets.reference = _reference(pack, start, intent, settings, targets)
    if targets.reference is not None:
        targets.features = pack.perceptual(targets.reference)
        if settings.kind == "prompt" and settings.mask and targets.texts is not None:
            noise = torch.randn((settings.mask["draws"], *pack.noise_shape(rows)), generator=random)
            add_mask(pack, targets, settings, noise)
    person = targets.reference if intent.photo is None else intent.photo
    if person is not None:
        targets.identity = pack.identity(person)
    return targets


def text_conditioning(pack: Pack, prompt: str, negative: str) -> TextConditioning:
    """Conditioning of a prompt, of the empty text and, where it is not blank, of a negative text."""
    return TextConditioning(
        prompt=pack.conditioning(prompt),
        empty=pack.conditioning(pack.manifest["text"]["empty"]),
        negative=pack.conditioning(negative) if negative.strip() else None,
    )


def _reference(
    pack: Pack, start: Tensor, intent: Intent, settings: EffectiveSettings, targets: Targets
) -> Tensor | None:
    """The photo for a request with a photo; for an edit, the avatar as it was."""
    if settings.kind == "image":
        return intent.photo
    return pack.picture(start, targets.source) if targets.edits_avatar else None


@torch.no_grad()
def add_mask(pack: Pack, targets: Targets, settings: EffectiveSettings, noise: Tensor) -> None:
    """Sets the mask, the prior's answer and the weight that follows the answer.

    Args:
        noise: `[draws,B,c,h,w]`.
    """
    steps = len(pack.alphas)
    timestep = min(steps - 1, round(settings.mask["timestep"] * steps))
    prior = ConditionedPrior(pack, targets.texts, timestep)
    targets.mask, targets.answer = edited_region(prior, targets.reference, settings.mask, noise)
    if settings.balance is not None:
        most = settings.balance["most"]
        factor = (settings.balance["answer"] / targets.answer).pow(settings.balance["power"]).clamp(1 / most, most)
        targets.weights["score_distillation"] = settings.weight("score_distillation") * factor
