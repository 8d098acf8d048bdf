"""Saving TorchScript without the paths of the machine, and storing weights in half precision."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_RECORDS_OF_THE_WRITER = ("version", "byteorder", ".data/serialization_id")


def save_script(network: nn.Module, path: Path) -> None:
    """Saves a network as TorchScript. A network that is not yet scripted or traced is scripted in eval mode.

    TorchScript's debug records hold the paths of source files; the saved file has no debug records.
    """
    scripted = network if isinstance(network, torch.jit.ScriptModule) else torch.jit.script(network.eval())
    raw = path.with_suffix(".raw")
    scripted.save(str(raw))
    reader = torch._C.PyTorchFileReader(str(raw))
    writer = torch._C.PyTorchFileWriter(str(path))
    for name in reader.get_all_records():
        if not name.endswith(".debug_pkl") and name not in _RECORDS_OF_THE_WRITER:
            content = reader.get_record(name)
            writer.write_record(name, content, len(content))
    writer.write_end_of_file()
    raw.unlink()


def stored_in_half(network: nn.Module) -> nn.Module:
    """Replaces the convolutions and linear layers of a network by layers that store float16 weights.

    The file takes half the space. The layers still compute in the precision of their input. Returns the same network.
    """
    for name, child in network.named_children():
        if isinstance(child, nn.Conv2d):
            setattr(network, name, HalfConv(child))
        elif isinstance(child, nn.Linear):
            setattr(network, name, HalfLinear(child))
        else:
            stored_in_half(child)
    return network


class HalfConv(nn.Module):
    """A convolution that stores float16 weights and computes in the precision of its input."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.register_buffer("weight", conv.weight.detach().half().contiguous())
        self.register_buffer("bias", conv.bias.detach().half())
        self.stride, self.padding = conv.stride[0], conv.padding[0]

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight.to(x.dtype), self.bias.to(x.dtype), self.stride, self.padding)


class HalfLinear(nn.Module):
    """A linear layer that stores float16 weights and computes in the precision of its input."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.register_buffer("weight", linear.weight.detach().half().contiguous())
        self.register_buffer("bias", linear.bias.detach().half())

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.to(x.dtype), self.bias.to(x.dtype))
