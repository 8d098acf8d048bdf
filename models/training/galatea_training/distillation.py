"""What refinement asks the diffusion prior: docs/refinement.md, 2 (mask) and 3 (score distillation)."""

import torch
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d

FORMS = ("sds", "csd", "nfsd", "dds")
NOISE_FREE = 0.2


class Prior:
    """The prior of a pack under the texts of one wish, at one timestep.

    texts: conditioning `[1,T,E]` of "prompt" and "empty", and of "negative" where there is one.
    """

    def __init__(self, pack, texts: dict[str, Tensor], timestep: int) -> None:
        self.pack, self.texts, self.timestep = pack, texts, timestep
        self.level = pack.alphas[timestep]
        self.opposite = "negative" if "negative" in texts else "empty"

    def noise(self, sample: Tensor, eta: Tensor, text: str) -> Tensor:
        """The noise that the prior sees in samples `[B,c,h,w]` noised by eta, `[B,c,h,w]`."""
        noisy = self.level.sqrt() * sample + (1.0 - self.level).sqrt() * eta
        at = torch.full((len(noisy),), self.timestep)
        predicted = self.pack.prior(noisy, at, self.texts[text].expand(len(noisy), -1, -1))
        if self.pack.manifest["prior"]["prediction"] == "v":
            predicted = self.level.sqrt() * predicted + (1.0 - self.level).sqrt() * noisy
        return predicted

    def thresholded(self, sample: Tensor, eta: Tensor, noise: Tensor) -> Tensor:
        """The noise whose clean sample lies in the prior's range: static thresholding (Saharia et al. 2022)."""
        bounds = self.pack.manifest["prior"].get("range")
        if bounds is None:
            return noise
        ratio = ((1.0 - self.level) / self.level).sqrt()
        clean = (sample + ratio * (eta - noise)).clamp(*bounds)
        return eta + (sample - clean) / ratio


@torch.no_grad()
def direction(form: str, prior: Prior, sample: Tensor, start: Tensor | None, eta: Tensor, scale: float) -> Tensor:
    """g `[B,c,h,w]` of a published form. start: the samples of W_0 from the same cameras, for "dds" alone."""
    asked = prior.noise(sample, eta, "prompt")
    if form in ("sds", "csd"):
        opposite = prior.noise(sample, eta, prior.opposite)
        residual = scale * (asked - opposite)
        if form == "sds":
            residual = prior.thresholded(sample, eta, opposite + residual) - eta
        return (1.0 - prior.level) * residual
    empty = prior.noise(sample, eta, "empty")
    residual = scale * (asked - empty)
    if form == "nfsd":
        if prior.timestep < NOISE_FREE * len(prior.pack.alphas):
            residual = residual + empty
        elif "negative" in prior.texts:
            residual = residual + empty - prior.noise(sample, eta, "negative")
    elif form == "dds":
        at_start = prior.noise(start, eta, "empty")
        residual = residual + empty - at_start - scale * (prior.noise(start, eta, prior.opposite) - at_start)
    else:
        raise ValueError(f"'{form}' is no form of score distillation; there are {', '.join(FORMS)}")
    return (1.0 - prior.level) * residual


@torch.no_grad()
def region(prior: Prior, picture: Tensor, mask: dict, etas: Tensor) -> tuple[Tensor, Tensor]:
    """What the prompt will change of pictures: DiffEdit (Couairon et al. 2022), with a soft edge.

    mask: the manifest's `defaults.mask`. etas: noise `[draws,B,c,h,w]`.

    Returns:
        The region `[B,1,S,S]`, and how strongly the prior answers to the prompt `[B]`.
    """
    sample = prior.pack.prior_encode(picture)
    differences = [prior.noise(sample, eta, "prompt") - prior.noise(sample, eta, prior.opposite) for eta in etas]
    difference = torch.stack(differences).abs().mean((0, 2))[:, None]
    share = difference / difference.amax((1, 2, 3), keepdim=True).clamp(min=1e-30)
    inside = ((share - mask["low"]) / (mask["high"] - mask["low"])).clamp(0.0, 1.0)
    grown = max_pool2d(inside.square() * (3.0 - 2.0 * inside), 3, stride=1, padding=1)
    answer = difference.square().mean((1, 2, 3)).sqrt()
    return interpolate(grown, size=picture.shape[2:], mode="bilinear", align_corners=False), answer
