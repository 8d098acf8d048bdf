"""Holds a network against a reference: forward and gradient, on fresh random pictures, row by row."""

import copy

import torch
from torch import Tensor

#: Relative error where both sides compute in float64, but for the constants that float32 holds: 6e-8 was the most.
EXACT = 1e-6
#: Relative error of a row's gradient in float32 where rounding tips single rectifiers and maxima, and the gradients of their
#: pixels with them: no error of the network, and none in float64. Of 20 to 60 rows of each network 1.5e-2 was the most;
#: where nothing is tipped it is below 1e-6.
TIPPED = 3e-2
#: Rounding tips something in every other row of the worst network, DPR; so many pictures have a row in which it does not.
DRAWS = 16


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


def assert_agrees(network: torch.nn.Module, reference, batch: int, size: int, limit: float = 1e-4) -> None:
    """Asserts that a network and its float64 reference agree, scripted too; that rows know nothing of each other; and
    that no constant stays on the CPU.

    Args:
        network: not scripted, in float32.
        reference: a function of float64 pictures, with constants before rectifiers and maxima as float32 holds them.
        batch, size: of the random pictures that both are shown.
        limit: relative error in float32, of the forward pass and of the gradient of a row in which rounding tips nothing.
    """
    scripted = torch.jit.script(network)
    image, wanted, wanted_gradient, cotangent = _assert_agrees_in_float32(scripted, reference, batch, size, limit)
    exact, exact_gradient, _ = forward_and_gradient(in_double(network), image.double(), cotangent)
    assert relative_error(exact, wanted) <= EXACT
    assert relative_error(exact_gradient, wanted_gradient) <= EXACT
    elsewhere = copy.deepcopy(network).to("meta")(image.to("meta"))
    assert elsewhere.is_meta and elsewhere.shape == wanted.shape
    if batch > 1:
        assert relative_error(scripted(image[1:2]), scripted(image)[1:2]) <= limit


def _assert_agrees_in_float32(scripted, reference, batch: int, size: int, limit: float):
    """Shows both pictures until one has a row in which float32's rounding tips nothing.

    Returns:
        The last pictures, the reference's output and gradient there, and the cotangent.
    """
    for _ in range(DRAWS):
        image = pictures(batch, size)
        wanted, wanted_gradient, cotangent = forward_and_gradient(reference, image.double())
        given, gradient, _ = forward_and_gradient(scripted, image, cotangent)
        assert given.dtype == torch.float32 and given.shape == wanted.shape
        assert relative_error(given, wanted) <= limit
        errors = [distance(row, wanted_row) for row, wanted_row in zip(gradient, wanted_gradient, strict=True)]
        assert max(errors) <= TIPPED
        if min(errors) <= limit:
            return image, wanted, wanted_gradient, cotangent
    raise AssertionError(f"of {DRAWS * batch} rows the gradient of none is right to {limit}")


def errors_in_half(network, halved, image: Tensor) -> tuple[float, float]:
    """Relative errors of a network in half precision against the same in float32, in length: forward and gradient.

    A gradient errs more than a value: rounding moves it between the neighbours that a maximum chooses from.
    """
    wanted, wanted_gradient, cotangent = forward_and_gradient(network, image)
    given, gradient, _ = forward_and_gradient(halved, image, cotangent)
    assert given.dtype == torch.float32 and gradient.dtype == torch.float32
    return distance(given, wanted), distance(gradient, wanted_gradient)
