"""Muon: gradient descent that orthogonalises the momentum of every matrix.

Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024. All directions of a matrix learn at the same
speed; Adam follows the few directions with the largest gradients. On the generator, a step of Muon brings as much as one and a
half to two steps of Adam.
"""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from .precision import quickest

#: Coefficients of the quintic iteration that drives all singular values towards 1.
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5
#: Learning rate of Muon in units of AdamW's.
SPEED = 5.0


def split_for_muon(model: nn.Module, hidden: Iterable[nn.Module]) -> tuple[list[dict], list[dict]]:
    """Splits the parameters of a model into groups for AdamW and groups for Muon.

    Args:
        hidden: parts of the model. Muon trains the weights of their linear layers and convolutions.
    """
    layers = {layer for part in hidden for layer in part.modules() if isinstance(layer, (nn.Linear, nn.Conv2d))}
    matrices = [layer.weight for layer in model.modules() if layer in layers]
    taken = {id(matrix) for matrix in matrices}
    rest = [p for p in model.parameters() if id(p) not in taken]
    return [{"params": rest, "speed": 1.0}], [{"params": matrices, "speed": SPEED}]


def orthogonalised(matrices: Tensor) -> Tensor:
    """Matrices `[N,R,C]` with singular values near 1 (0.7 to 1.2), computed in the quickest type."""
    a, b, c = COEFFICIENTS
    tall = matrices.shape[1] > matrices.shape[2]
    x = (matrices.mT if tall else matrices).to(quickest(matrices.device))
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if tall else x).to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """Muon over weights of linear layers [R,C] and convolutions [R,C,k,k], with Nesterov's momentum.

    Args:
        params: the weights, or groups of them.
        lr: length of a step, times an orthogonal matrix.
        momentum: share of itself that the running mean of gradients keeps in a step.
        block: rows that are orthogonalised together. A matrix whose rows are a multiple of this is orthogonalised in blocks,
            which is cheaper, and right for several matrices side by side.
    """

    def __init__(self, params, lr: float = 0.005, momentum: float = 0.95, block: int = 128):
        super().__init__(params, {"lr": lr, "momentum": momentum, "block": block})

    @torch.no_grad()
    def step(self) -> None:
        """Takes one step. Matrices of the same shape are orthogonalised together."""
        for group in self.param_groups:
            alike: dict[torch.Size, list[tuple[Tensor, Tensor]]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    update = self._momentum(weight, group["momentum"])
                    rows, block = len(update), group["block"]
                    update = update.view(-1, block if rows % block == 0 else rows, update.shape[1])
                    alike[update.shape[1:]].append((weight, update))
            for pairs in alike.values():
                self._follow(pairs, group["lr"])

    def _momentum(self, weight: nn.Parameter, keep: float) -> Tensor:
        mean = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
        mean.lerp_(weight.grad, 1 - keep)
        return weight.grad.lerp(mean, keep).flatten(1)

    @staticmethod
    def _follow(pairs: list[tuple[Tensor, Tensor]], rate: float) -> None:
        updates = orthogonalised(torch.cat([update for _, update in pairs]))
        scale = rate * max(1.0, updates.shape[1] / updates.shape[2]) ** 0.5
        for (weight, blocks), update in zip(pairs, updates.split([len(blocks) for _, blocks in pairs]), strict=True):
            weight.sub_(scale * update.reshape(weight.shape))
