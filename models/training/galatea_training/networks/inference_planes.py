"""``generator.LatentPlanes`` as a pack runs it: the same planes, computed quicker from the same float16 weights.

Loading converts weights to float32 with channels last, and computes everything that depends on the weights alone. A style
scales channels before features are doubled, which gives the same result with a quarter of the work.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .planes import LatentPlanes, ModulatedConv, doubled


class HalfTensor(nn.Module):
    """A tensor that is stored in float16 and loaded as float32."""

    def __init__(self, value: Tensor):
        super().__init__()
        self.register_buffer("value", value.detach().half().float())

    @torch.jit.export
    def __getstate__(self) -> tuple[Tensor, bool]:
        return self.value.half(), self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[Tensor, bool]):
        self.value = state[0].float()
        self.training = state[1]


class InferenceKernel(nn.Module):
    """Weights and biases of a modulated convolution, stored in float16 and loaded as float32, and the weights' power."""

    def __init__(self, conv: ModulatedConv):
        super().__init__()
        self.register_buffer("weight", _last(conv.weight.detach().half().float()))
        self.register_buffer("bias", _last(conv.bias.detach().half().float()[None]))
        self.register_buffer("power", _power(self.weight))

    @torch.jit.export
    def __getstate__(self) -> tuple[Tensor, Tensor, bool]:
        return self.weight.half(), self.bias.half(), self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[Tensor, Tensor, bool]):
        self.weight, self.bias = _last(state[0].float()), _last(state[1].float())
        self.power = _power(self.weight)
        self.training = state[2]


class InferenceConv(nn.Module):
    """A modulated convolution with the weights of an ``InferenceKernel``."""

    def __init__(self, conv: ModulatedConv):
        super().__init__()
        self.style, self.kernel = conv.style, InferenceKernel(conv)
        self.padding, self.demodulate = conv.padding, conv.demodulate

    def forward(self, x: Tensor, w: Tensor, doubles: bool) -> Tensor:
        """x `[B,I,H,W]` and w `[B,D]` → `[B,O,H,W]`; with ``doubles``, at twice the size."""
        style = self.style(w)
        x = x * style[:, :, None, None]
        if doubles:
            x = doubled(x)
        x = F.conv2d(x, self.kernel.weight, padding=self.padding)
        if not self.demodulate:
            return x + self.kernel.bias
        power = style.square() @ self.kernel.power
        return torch.addcmul(self.kernel.bias, x, torch.rsqrt(power + 1e-8)[:, :, None, None])


class InferencePlanes(nn.Module):
    """W+ → tri-planes: the pack's network `planes`.

    Args:
        network: trained, in float32.
    """

    scale_up: list[bool]

    def __init__(self, network: LatentPlanes):
        super().__init__()
        planes = network.planes
        self.basis, self.residual = network.basis, network.residual
        self.start = nn.Parameter(_last(planes.start.detach().clone()), requires_grad=False)
        self.convs = nn.ModuleList([InferenceConv(conv) for conv in planes.convs])
        self.out, self.blend, self.patterns = InferenceConv(planes.out), planes.blend, HalfTensor(planes.patterns.flatten(1))
        self.scale_up, self.residual_at = planes.scale_up, planes.residual_at
        self.channels, self.size = planes.channels, planes.size

    def forward(self, w: Tensor) -> Tensor:
        """[B,L,D] → [B,3,C,P,P]."""
        styles = self.basis(w)
        x = self.start.expand(w.shape[0], -1, -1, -1)
        doubles = False
        for i, conv in enumerate(self.convs):
            x = conv(x, styles[:, i], doubles)
            if i == self.residual_at:
                x = x + self.residual(w)
            x = F.leaky_relu(x, 0.2) * 1.4142
            doubles = self.scale_up[i]
        style = styles[:, len(self.convs)]
        x = self.out(x, style, doubles).flatten(1)
        return torch.addmm(x, self.blend(style), self.patterns.value).view(-1, 3, self.channels, self.size, self.size)


def _last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _power(weight: Tensor) -> Tensor:
    return weight.square().sum(dim=(2, 3)).t().contiguous()
