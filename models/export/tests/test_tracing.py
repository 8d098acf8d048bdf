import pytest
import torch
from diffusers.models.embeddings import Timesteps
from torch import Tensor, nn

from galatea_export.tracing import TraceError, trace


class Scaled(nn.Module):
    """Keeps a table outside its parameters and buffers."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.table = torch.rand(4)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x) * self.table


class Flattened(nn.Module):
    """Takes its batch size as a Python number."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x).reshape(int(x.shape[0]), -1)


class Folded(nn.Module):
    """Takes the size of a row as a Python number too."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x).reshape(int(x.shape[0]), 4)


class Swayed(nn.Module):
    """Behaves otherwise for large batches."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x) if x.shape[0] < 3 else self.linear(2 * x)


class Timed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.timesteps = Timesteps(4, True, 0)
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.timesteps(x[:, 0]))


EXAMPLE, OTHER = (torch.rand(2, 4),), (torch.rand(3, 4),)


def test_plain_network_is_traced() -> None:
    network = nn.Linear(4, 4)
    torch.testing.assert_close(trace(network, EXAMPLE, OTHER)(*OTHER), network(*OTHER))


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (Scaled(), "must be a buffer"),
        (Timed(), "aten::arange makes a tensor on a fixed device"),
        (Flattened(), r"makes \[2, 6\] at other sizes, the network \[3, 4\]"),
        (Folded(), "holds at its example's sizes alone"),
        (Swayed(), "is not the network at other sizes"),
    ],
)
def test_what_would_stay_in_a_trace_is_refused(network: nn.Module, message: str) -> None:
    with pytest.raises(TraceError, match=message):
        trace(network, EXAMPLE, OTHER)
