"""What refinement asks the diffusion prior: the edited region and score distillation (docs/refinement.md, 2 and 3)."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d

from .pack import Pack

#: The published forms of score distillation.
FORMS = ("sds", "csd", "nfsd", "dds")
#: Share of the timesteps below which noise-free score distillation takes the whole prediction as the domain's direction.
NOISE_FREE = 0.2


@dataclass(frozen=True)
class TextConditioning:
    """Conditioning `[1,T,E]` of a prompt, of the empty text and, if there is one, of a negative text."""

    prompt: Tensor
    empty: Tensor
    negative: Tensor | None = None

    @property
    def opposite(self) -> Tensor:
        """The text that guidance leads away from: the negative text or, without one, the empty text."""
        return self.empty if self.negative is None else self.negative


class ConditionedPrior:
    """The prior of a pack under the texts of one request, at one timestep."""

    def __init__(self, pack: Pack, texts: TextConditioning, timestep: int) -> None:
        self.pack, self.texts, self.timestep = pack, texts, timestep
        self.level = pack.alphas[timestep]

    def noise(self, sample: Tensor, eta: Tensor, text: Tensor) -> Tensor:
        """Predicts the noise in noised samples.

        Args:
            sample: clean samples `[B,c,h,w]`.
            eta: the noise that is added to them, `[B,c,h,w]`.
            text: conditioning `[1,T,E]`.

        Returns:
            `[B,c,h,w]`.
        """
        noisy = self.level.sqrt() * sample + (1.0 - self.level).sqrt() * eta
        at = torch.full((len(noisy),), self.timestep)
        predicted = self.pack.prior(noisy, at, text.expand(len(noisy), -1, -1))
        if self.pack.manifest["prior"]["prediction"] == "v":
            predicted = self.level.sqrt() * predicted + (1.0 - self.level).sqrt() * noisy
        return predicted

    def thresholded(self, sample: Tensor, eta: Tensor, noise: Tensor) -> Tensor:
        """Changes predicted noise so that its clean sample lies in the prior's range.

        Static thresholding (Saharia et al. 2022, section 2.3). Without a `range` in the manifest, the noise stays.
        """
        bounds = self.pack.manifest["prior"].get("range")
        if bounds is None:
            return noise
        ratio = ((1.0 - self.level) / self.level).sqrt()
        clean = (sample + ratio * (eta - noise)).clamp(*bounds)
        return eta + (sample - clean) / ratio


@torch.no_grad()
def direction(
    form: str, prior: ConditionedPrior, sample: Tensor, start: Tensor | None, eta: Tensor, scale: float
) -> Tensor:
    """The direction g `[B,c,h,w]` of a published form of score distillation.

    Args:
        form: one of `FORMS`: DreamFusion (Poole et al. 2022), classifier score distillation (Yu et al. 2023),
            noise-free score distillation (Katzir et al. 2023) or delta denoising score (Hertz et al. 2023).
        sample: clean samples `[B,c,h,w]`.
        start: samples of W_0 from the same cameras; needed by "dds" alone.
        eta: noise `[B,c,h,w]`.
        scale: guidance scale.

    Raises:
        ValueError: the form is unknown.
    """
    texts = prior.texts
    asked = prior.noise(sample, eta, texts.prompt)
    if form in ("sds", "csd"):
        opposite = prior.noise(sample, eta, texts.opposite)
        residual = scale * (asked - opposite)
        if form == "sds":
            residual = prior.thresholded(sample, eta, opposite + residual) - eta
        return (1.0 - prior.level) * residual
    empty = prior.noise(sample, eta, texts.empty)
    residual = scale * (asked - empty)
    if form == "nfsd":
        if prior.timestep < NOISE_FREE * len(prior.pack.alphas):
            residual = residual + empty
        elif texts.negative is not None:
            residual = residual + empty - prior.noise(sample, eta, texts.negative)
    elif form == "dds":
        at_start = prior.noise(start, eta, texts.empty)
        residual = residual + empty - at_start - scale * (prior.noise(start, eta, texts.opposite) - at_start)
    else:
        raise ValueError(f"'{form}' is no form of score distillation; the forms are {', '.join(FORMS)}")
    return (1.0 - prior.level) * residual


@torch.no_grad()
def edited_region(prior: ConditionedPrior, picture: Tensor, mask: dict, etas: Tensor) -> tuple[Tensor, Tensor]:
    """The region that a prompt will change: DiffEdit (Couairon et al. 2022, section 3.2) with a soft edge.

    Args:
        picture: `[B,3,S,S]`.
        mask: the manifest's `defaults.mask`.
        etas: noise `[draws,B,c,h,w]`.

    Returns:
        The region `[B,1,S,S]` in [0, 1], and the strength `[B]` of the prior's answer to the prompt.
    """
    sample, texts = prior.pack.prior_encode(picture), prior.texts
    differences = [prior.noise(sample, eta, texts.prompt) - prior.noise(sample, eta, texts.opposite) for eta in etas]
    difference = torch.stack(differences).abs().mean((0, 2))[:, None]
    share = difference / difference.amax((1, 2, 3), keepdim=True).clamp(min=1e-30)
    inside = ((share - mask["low"]) / (mask["high"] - mask["low"])).clamp(0.0, 1.0)
    grown = max_pool2d(inside.square() * (3.0 - 2.0 * inside), 3, stride=1, padding=1)
    answer = difference.square().mean((1, 2, 3)).sqrt()
    return interpolate(grown, size=picture.shape[2:], mode="bilinear", align_corners=False), answer
