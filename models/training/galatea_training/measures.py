"""How near pictures come to true renders. Pictures are in [-1, 1], by head and view `[N,V,3,S,S]`."""

import torch
from torch import Tensor

#: Where an edit changes the true picture by more, in any channel, is its region.
CHANGED = 0.12


def psnr(image: Tensor, truth: Tensor) -> Tensor:
    """PSNR in dB of each picture: `[N,V]`, or `[N]` of pictures `[N,3,S,S]`; the peak is 2."""
    return -10 * torch.log10((image - truth).square().mean((-3, -2, -1)).clamp(min=1e-9) / 4)


def changed_region(truth: Tensor, edited: Tensor) -> Tensor:
    """The region `[N,V,1,S,S]`, 0 or 1, that an edit changes."""
    return ((edited - truth).abs().amax(2, keepdim=True) > CHANGED).float()


def distance(image: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """Root mean square difference by head `[N]` over a region `[N,V,1,S,S]` of all views."""
    weight = region.expand_as(truth).flatten(1)
    error = ((image - truth).square().flatten(1) * weight).sum(1)
    return (error / weight.sum(1).clamp(min=1.0)).sqrt()


def removed(before: Tensor, after: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """The share by head `[N]` of the distance to the true edited render that the edit took away."""
    return 1.0 - distance(after, truth, region) / distance(before, truth, region).clamp(min=1e-6)


@torch.no_grad()
def cosine(network, one: Tensor, other: Tensor) -> Tensor:
    """Cosine of two pictures' embeddings by row."""
    return torch.nn.functional.cosine_similarity(network(one), network(other))


@torch.no_grad()
def recognised(network, made: Tensor, photos: Tensor) -> float:
    """Of all pairs of a picture `[N,3,S,S]` and the photo of another head, how often its own photo is nearer by the embedding's cosine."""
    made, photos = (torch.nn.functional.normalize(network(images), dim=1) for images in (made, photos))
    cosines = made @ photos.T
    others = ~torch.eye(len(cosines), dtype=torch.bool)
    return (cosines.diagonal()[:, None] > cosines)[others].float().mean().item()


@torch.no_grad()
def followed(network, before: Tensor, after: Tensor, truth: Tensor) -> Tensor:
    """The share by row `[N]` of the distance between what a network says of pictures and of the true renders that was taken away."""
    wanted = network(truth)
    far = [(network(images) - wanted).norm(dim=1) for images in (before, after)]
    return 1.0 - far[1] / far[0].clamp(min=1e-6)


def median(values: Tensor) -> str:
    """The median of all values as text, "-" where there are none."""
    return f"{values.flatten().median():.2f}" if values.numel() else "-"
