"""Holds a network against a reference: forward and gradient, on fresh random pictures, row by row."""

import copy

import torch
from torch import Tensor


def pictures(batch: int, size: int) -> Tensor:
    """Random pictures in [-1, 1] with large and small structure, other ones at each call."""
    coarse = torch.rand(batch, 3, 8, 8) * 2 - 1
    smooth = torch.nn.functional.interpolate(coarse, size=[size, size], mode="bilinear", align_corners=False)
    return (0.8 * smooth + 0.2 * (torch.rand(batch, 3, size, size) * 2 - 1)).contiguous()


def relative_error(given: Tensor, wanted: Tensor) -> float:
    """The largest difference, as a share of the largest value."""
    return ((given.double() - wanted.double()).abs().max() / wanted.double().abs().max()).item()


def distance(given: Tensor, wanted: Tensor) -> float:
    """The length of the difference, as a share of the length."""
    return ((given - wanted).norm() / wanted.norm()).item()


def forward_and_gradient(network, image: Tensor, cotangent: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """The output, the gradient of its product with a cotangent, and the cotangent, random where it is not given."""
    image = image.detach().clone().requires_grad_()
    output = network(image)
    cotangent = torch.randn_like(output) if cotangent is None else cotangent.to(output.dtype)
    (output * cotangent).sum().backward()
    return output.detach(), image.grad, cotangent


def in_double(network: torch.nn.Module) -> torch.nn.Module:
    """A copy that computes in float64."""
    network = copy.deepcopy(network).double()
    network.dtype = torch.float64
    return network


def assert_agrees(network: torch.nn.Module, reference, image: Tensor, limit: float = 1e-4, kinks: float = 5e-2) -> None:
    """Asserts that a network and its float64 reference agree, scripted too; that rows know nothing of each other; and
    that no constant stays on the CPU.

    Args:
        network: not scripted, in float32.
        reference: a function of float64 pictures, with constants before rectifiers and maxima as float32 holds them.
        limit: relative error of the forward pass, and of the gradient where both compute in float64.
        kinks: relative error of the gradient in float32: rounding turns single rectifiers and maxima the other way, and
            their pixels' gradients with them.
    """
    wanted, wanted_gradient, cotangent = forward_and_gradient(reference, image.double())
    exact, exact_gradient, _ = forward_and_gradient(in_double(network), image.double(), cotangent)
    assert relative_error(exact, wanted) <= limit
    assert relative_error(exact_gradient, wanted_gradient) <= limit
    scripted = torch.jit.script(network)
    given, gradient, _ = forward_and_gradient(scripted, image, cotangent)
    assert given.dtype == torch.float32 and given.shape == wanted.shape
    assert relative_error(given, wanted) <= limit
    assert distance(gradient, wanted_gradient) <= kinks
    elsewhere = copy.deepcopy(network).to("meta")(image.to("meta"))
    assert elsewhere.is_meta and elsewhere.shape == wanted.shape
    if len(image) > 1:
        assert relative_error(scripted(image[1:2]).detach(), given[1:2]) <= limit


def errors_in_half(network, halved, image: Tensor) -> tuple[float, float]:
    """Relative errors of a network in half precision against the same in float32, in length: forward and gradient.

    A gradient errs more than a value: rounding moves it between the neighbours that a maximum chooses from.
    """
    wanted, wanted_gradient, cotangent = forward_and_gradient(network, image)
    given, gradient, _ = forward_and_gradient(halved, image, cotangent)
    assert given.dtype == torch.float32 and gradient.dtype == torch.float32
    return distance(given, wanted), distance(gradient, wanted_gradient)
