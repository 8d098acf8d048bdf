"""Saving TorchScript: without the machine it was made on, and in half the space."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_WRITTEN_BY_THE_WRITER = ("version", "byteorder", ".data/serialization_id")


def save_script(network: nn.Module, path: Path) -> None:
    """Scripts a network in eval mode and saves it.

    TorchScript's debug records hold the paths of the source files; they are left out.
    """
    raw = path.with_suffix(".raw")
    torch.jit.script(network.eval()).save(str(raw))
    reader = torch._C.PyTorchFileReader(str(raw))
    writer = torch._C.PyTorchFileWriter(str(path))
    for name in reader.get_all_records():
        if not name.endswith(".debug_pkl") and name not in _WRITTEN_BY_THE_WRITER:
            content = reader.get_record(name)
            writer.write_record(name, content, len(content))
    writer.write_end_of_file()
    raw.unlink()


class HalfConv(nn.Module):
    """A convolution whose weights rest in half precision; it computes in its input's."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.register_buffer("weight", conv.weight.detach().half().contiguous())
        self.register_buffer("bias", conv.bias.detach().half())
        self.stride, self.padding = conv.stride[0], conv.padding[0]

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight.to(x.dtype), self.bias.to(x.dtype), self.stride, self.padding)


class HalfLinear(nn.Module):
    """An affine map whose weights rest in half precision; it computes in its input's."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.register_buffer("weight", linear.weight.detach().half().contiguous())
        self.register_buffer("bias", linear.bias.detach().half())

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.to(x.dtype), self.bias.to(x.dtype))


def halved(network: nn.Module) -> nn.Module:
    """The network with its convolutions and affine maps stored in half precision: half the file, the same arithmetic."""
    for name, child in network.named_children():
        if isinstance(child, nn.Conv2d):
            setattr(network, name, HalfConv(child))
        elif isinstance(child, nn.Linear):
            setattr(network, name, HalfLinear(child))
        else:
            halved(child)
    return network
