"""Traces networks of other libraries, and checks that a trace does not depend on its example."""

import warnings

import torch
from torch import Tensor, nn

#: Relative difference that rounding explains, by the precision of a network's arithmetic.
TOLERANCE = {torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}


class TraceError(RuntimeError):
    """A trace differs from its network on another batch, picture size or device."""


def trace(network: nn.Module, example: tuple[Tensor, ...], other: tuple[Tensor, ...]) -> torch.jit.ScriptModule:
    """Traces a network with one example and compares trace and network with another example.

    Args:
        network: frozen, in eval mode, on the CPU.
        example: inputs to trace with; the smaller, the faster.
        other: inputs of other batch and picture sizes.

    Raises:
        TraceError: the trace makes tensors on a fixed device, or differs from the network at `other`.
    """
    with warnings.catch_warnings(), torch.no_grad():
        # Each warning is of a Python number in the trace, which the second example would show to be one too many.
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        traced = torch.jit.trace(network, example, check_trace=False)
    check_device_free(traced)
    _check_size_free(network, traced, other)
    return traced


def check_device_free(script: torch.jit.ScriptModule) -> None:
    """Checks that a script makes no tensor on a fixed device.

    Raises:
        TraceError: it keeps a tensor outside its parameters and buffers, or makes one on a named or the default device.
    """
    graph = script.inlined_graph
    for node in graph.findAllNodes("prim::Constant", True):
        kept = node.output().toIValue()
        if isinstance(kept, Tensor) and kept.dim() > 0:
            raise TraceError(f"a tensor is a constant; it must be a buffer: {node}".strip())
    for node in _operations(graph):
        for argument, value in zip(_arguments(node), node.inputs(), strict=False):
            if argument == "device" and value.node().kind() == "prim::Constant":
                raise TraceError(f"{node.kind()} makes a tensor on a fixed device at {node.sourceRange()}")


def _operations(block: "torch._C.Graph | torch._C.Block") -> list["torch._C.Node"]:
    found = []
    for node in block.nodes():
        found.append(node)
        for inner in node.blocks():
            found.extend(_operations(inner))
    return found


def _arguments(node: "torch._C.Node") -> list[str]:
    if not node.kind().startswith("aten::") or node.schema() == "(no schema)":
        return []
    return [argument.name for argument in torch._C.parse_schema(node.schema()).arguments]


def _check_size_free(network: nn.Module, traced: torch.jit.ScriptModule, inputs: tuple[Tensor, ...]) -> None:
    dtype = next(network.parameters()).dtype
    with torch.no_grad():
        wanted = network(*inputs)
        try:
            given = traced(*inputs)
        except RuntimeError as error:
            raise TraceError(f"the trace holds at its example's sizes alone: {error}") from error
    if given.shape != wanted.shape:
        raise TraceError(f"the trace makes {list(given.shape)} at other sizes, the network {list(wanted.shape)}")
    error = float((given - wanted).norm() / wanted.norm())
    if not error <= TOLERANCE[dtype]:
        raise TraceError(f"the trace is not the network at other sizes: relative difference {error:.1e}")
