"""Networks that break the contract of `lighting` or of a guidance, each in one way, for tests of verification."""

from torch import Tensor, nn


def broken() -> dict[str, nn.Module]:
    """Networks from pictures `[B,3,S,S]` to lights `[B,9]`, by the name of their defect."""
    return {
        "nan": NotANumber(),
        "nan-gradient": GradientNotANumber(),
        "no-gradient": NoGradient(),
        "flat": Flat(),
        "mixing": Mixing(),
        "one-row": OneRow(),
    }


def broken_guidances() -> dict[str, nn.Module]:
    """Guidances from pictures and references `[B,3,S,S]` to losses `[B]`, by the name of their defect."""
    return {"flat": FlatLoss(), "mixing": MixingLoss(), "per-channel": LossPerChannel()}


def nine(x: Tensor) -> Tensor:
    """A light that is differentiable and different for each picture."""
    return x.mean((2, 3)).tanh().repeat(1, 3)


class NotANumber(nn.Module):
    """The logarithm of numbers below 0."""

    def forward(self, x: Tensor) -> Tensor:
        return nine(x.log())


class GradientNotANumber(nn.Module):
    """A cube root of linear light, as of Lab, whose slope at black is infinite."""

    def forward(self, x: Tensor) -> Tensor:
        return nine(((x + 1) / 2).clamp(0, 1).pow(1 / 3))


class NoGradient(nn.Module):
    """Cut off from its input."""

    def forward(self, x: Tensor) -> Tensor:
        return nine(x.detach())


class Flat(nn.Module):
    """Rounded, so that its slope is 0 wherever it has one."""

    def forward(self, x: Tensor) -> Tensor:
        return nine((255 * x).round())


class Mixing(nn.Module):
    """Normalised by the statistics of the batch, like batch norm in training mode."""

    def forward(self, x: Tensor) -> Tensor:
        return nine(x - x.mean((0, 2, 3), keepdim=True))


class OneRow(nn.Module):
    """A network that was traced with one row and keeps that batch size."""

    def forward(self, x: Tensor) -> Tensor:
        return nine(x.reshape(1, 3, x.shape[2], x.shape[3]))


class FlatLoss(nn.Module):
    """Multiplies the picture by 0, so that no gradient reaches it."""

    def forward(self, picture: Tensor, reference: Tensor) -> Tensor:
        return (0 * picture - reference).square().mean((1, 2, 3))


class MixingLoss(nn.Module):
    """Compares every picture with the mean of the batch's references."""

    def forward(self, picture: Tensor, reference: Tensor) -> Tensor:
        return (picture - reference.mean(0, keepdim=True)).square().mean((1, 2, 3))


class LossPerChannel(nn.Module):
    """Returns `[B,3]` where a loss is `[B]`."""

    def forward(self, picture: Tensor, reference: Tensor) -> Tensor:
        return (picture - reference).square().mean((2, 3))
