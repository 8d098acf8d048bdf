"""Distances between pictures and true renders. Pictures are `[N,V,3,S,S]`, by head and view, in [-1, 1]."""

import torch
from torch import Tensor

#: An edit's region: the pixels that it changes by more than this, in any channel.
CHANGED = 0.12


def psnr(image: Tensor, truth: Tensor) -> Tensor:
    """PSNR in dB of each picture, with a peak of 2: `[N,V]`, or `[N]` for pictures `[N,3,S,S]`."""
    return -10 * torch.log10((image - truth).square().mean((-3, -2, -1)).clamp(min=1e-9) / 4)


def changed_region(truth: Tensor, edited: Tensor) -> Tensor:
    """The region `[N,V,1,S,S]` that an edit changes, as 0 and 1."""
    return ((edited - truth).abs().amax(2, keepdim=True) > CHANGED).float()


def distance(image: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """Root mean square difference `[N]` of each head, over a region `[N,V,1,S,S]` of all views."""
    weight = region.expand_as(truth).flatten(1)
    error = ((image - truth).square().flatten(1) * weight).sum(1)
    return (error / weight.sum(1).clamp(min=1.0)).sqrt()


def share_removed(before: Tensor, after: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """The share `[N]` of each head's distance to the true edited render that the edit removed."""
    return 1.0 - distance(after, truth, region) / distance(before, truth, region).clamp(min=1e-6)


@torch.no_grad()
def cosine(network, one: Tensor, other: Tensor) -> Tensor:
    """Cosine `[N]` between the embeddings of pictures `[N,3,S,S]`."""
    return torch.nn.functional.cosine_similarity(network(one), network(other))


@torch.no_grad()
def recognition_rate(network, made: Tensor, photos: Tensor) -> float:
    """How often a picture is nearer to its own photo than to another head's photo, by the cosine of embeddings.

    Args:
        made: pictures `[N,3,S,S]`.
        photos: of the same heads, `[N,3,S,S]`.
    """
    made, photos = (torch.nn.functional.normalize(network(images), dim=1) for images in (made, photos))
    cosines = made @ photos.T
    others = ~torch.eye(len(cosines), dtype=torch.bool)
    return (cosines.diagonal()[:, None] > cosines)[others].float().mean().item()


@torch.no_grad()
def share_of_estimate_removed(network, before: Tensor, after: Tensor, truth: Tensor) -> Tensor:
    """The share `[N]` of the distance between a network's estimates for pictures and for true renders that an edit removed."""
    wanted = network(truth)
    far = [(network(images) - wanted).norm(dim=1) for images in (before, after)]
    return 1.0 - far[1] / far[0].clamp(min=1e-6)


def median(values: Tensor) -> str:
    """The median of all values as text; "-" without values."""
    return f"{values.flatten().median():.2f}" if values.numel() else "-"
