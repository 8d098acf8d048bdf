"""The layers of StyleGAN2 (Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020).

Parameters have the names, shapes and scales of NVIDIA's checkpoints. Styles scale activations instead of weights, which
is the same arithmetic, so that all rows of a batch share one convolution.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: Upsampling by two with the binomial filter 1-3-3-1; sums to 2 along each axis, for the zeros in between.
_TAPS = (0.25, 0.75, 0.75, 0.25)


class Dense(nn.Module):
    """An affine map with an equalised learning rate: weights have unit variance and are scaled when they are used.

    Args:
        rate: the layer's learning-rate multiplier.
    """

    def __init__(self, inputs: int, outputs: int, rate: float = 1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.gain, self.rate = rate / math.sqrt(inputs), rate

    def forward(self, x: Tensor) -> Tensor:
        """[…,I] → […,O]."""
        return F.linear(x, self.weight * self.gain, self.bias * self.rate)


class ModulatedConv(nn.Module):
    """A convolution whose input channels are scaled by a style; call `settle` once its parameters are filled.

    Args:
        width: D of the latent.
        kernel: side of the kernel.
        noise: side of the fixed noise picture that is added; 0 for none.
        grows: doubles height and width.
        colour: output without demodulation and activation ("to RGB"), else demodulated and leaky.
        clamp: outputs are kept within ± this; 0 for no bound.
    """

    def __init__(
        self, inputs: int, outputs: int, width: int, kernel: int = 3, noise: int = 0, grows: bool = False,
        colour: bool = False, clamp: float = 0.0,
    ):  # fmt: skip
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.affine = Dense(width, inputs)
        if noise:
            self.noise_const = nn.Parameter(torch.empty(noise, noise))
            self.noise_strength = nn.Parameter(torch.empty(()))
        self.noisy, self.grows, self.colour, self.clamp = noise > 0, grows, colour, clamp
        self.outputs, self.padding = outputs, kernel // 2
        for name in ("kernel", "power", "offset", "noise", "taps"):
            self.register_buffer(name, torch.empty(0), persistent=False)

    @torch.no_grad()
    def settle(self, dtype: torch.dtype) -> None:
        """Computes the tensors of `forward` from the parameters, drops the parameters, and switches to `dtype`.

        Weights are divided by the root of the fan-in, and styles by their maximum, so that products stay in fp16's range.
        """
        weight = self.weight / math.sqrt(self.weight[0].numel())
        self.power = weight.square().sum((2, 3)).t().contiguous()
        self.kernel = (weight.transpose(0, 1) if self.grows else weight).to(dtype).contiguous()
        self.offset = self.bias[:, None, None].to(dtype, copy=True)
        if self.noisy:
            self.noise = (self.noise_const * self.noise_strength).to(dtype)
            del self.noise_const, self.noise_strength
        taps = torch.tensor(_TAPS)
        self.taps = torch.outer(taps, taps).expand(self.outputs, 1, 4, 4).to(dtype).contiguous()
        self.fan_in = float(self.weight[0].numel())
        del self.weight, self.bias

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """x [B,I,H,W], w [B,D] → [B,O,H,W], or [B,O,2H,2W] where it grows."""
        style = self.affine(w)
        most = style.detach().abs().amax(1, keepdim=True) + 1e-20
        x = x * (style / most).to(x.dtype)[:, :, None, None]
        if self.grows:
            x = F.conv2d(F.conv_transpose2d(x, self.kernel, stride=2), self.taps, padding=1, groups=self.outputs)
        else:
            x = F.conv2d(x, self.kernel, padding=self.padding)
        if self.colour:
            x = x * most.to(x.dtype)[:, :, None, None] + self.offset
        else:
            power = style.square() @ self.power + 1e-8 / self.fan_in
            x = x * (most * torch.rsqrt(power)).to(x.dtype)[:, :, None, None] + self.offset
            if self.noisy:
                x = x + self.noise
            x = F.leaky_relu(x, 0.2) * 1.4142135623730951
        return x.clamp(-self.clamp, self.clamp) if self.clamp > 0 else x


class Block(nn.Module):
    """One resolution: a convolution that grows, one that does not, and an addition to the picture so far.

    Args:
        side: height and width of the output.
        noisy: whether the convolutions add fixed noise.
        grows: whether the input has half the side; else the same.
    """

    def __init__(
        self, inputs: int, outputs: int, colours: int, width: int, side: int, noisy: bool, grows: bool, clamp: float
    ):
        super().__init__()
        noise = side if noisy else 0
        self.conv0 = ModulatedConv(inputs, outputs, width, noise=noise, grows=grows, clamp=clamp)
        self.conv1 = ModulatedConv(outputs, outputs, width, noise=noise, clamp=clamp)
        self.torgb = ModulatedConv(outputs, colours, width, kernel=1, colour=True, clamp=clamp)
        self.grows, self.colours = grows, colours

    def forward(self, x: Tensor, picture: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        """x [B,I,H,W], picture [B,colours,H,W] float32, w [B,3,D] → the same, grown."""
        x = self.conv1(self.conv0(x, w[:, 0]), w[:, 1])
        if self.grows:
            taps = self.torgb.taps.to(picture.dtype)
            picture = F.conv_transpose2d(picture, taps, stride=2, padding=1, groups=self.colours)
        return x, picture + self.torgb(x, w[:, 2]).to(picture.dtype)


class FirstBlock(nn.Module):
    """The 4² block: a learned constant, one convolution, the first picture."""

    def __init__(self, outputs: int, colours: int, width: int, noisy: bool, clamp: float):
        super().__init__()
        self.const = nn.Parameter(torch.empty(outputs, 4, 4))
        self.conv1 = ModulatedConv(outputs, outputs, width, noise=4 if noisy else 0, clamp=clamp)
        self.torgb = ModulatedConv(outputs, colours, width, kernel=1, colour=True, clamp=clamp)

    def forward(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """w [B,2,D] → x [B,O,4,4], picture [B,colours,4,4] float32."""
        x = self.const.to(self.conv1.kernel.dtype).expand(w.shape[0], -1, -1, -1)
        x = self.conv1(x, w[:, 0])
        return x, self.torgb(x, w[:, 1]).to(w.dtype)


class Mapping(nn.Module):
    """z and a camera to W (EG3D conditions the generator on the camera; Chan et al., 2022, section 4.4).

    Args:
        z, conditions, width: lengths of z, of the camera and of W.
        layers: fully connected layers.
    """

    def __init__(self, z: int, conditions: int, width: int, layers: int):
        super().__init__()
        self.embed = Dense(conditions, width)
        for index in range(layers):
            self.add_module(f"fc{index}", Dense(z + width if index == 0 else width, width, rate=0.01))
        self.register_buffer("w_avg", torch.empty(width))
        self.layers, self.z = layers, z

    def forward(self, z: Tensor, camera: Tensor) -> Tensor:
        """z [N,Z], camera [N,25] → W [N,D]."""
        x = torch.cat([unit_moment(z), unit_moment(self.embed(camera))], 1)
        for index in range(self.layers):
            x = F.leaky_relu(self.get_submodule(f"fc{index}")(x), 0.2) * 1.4142135623730951
        return x


def unit_moment(x: Tensor) -> Tensor:
    """Rows scaled to a second moment of 1."""
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8)


def settle(network: nn.Module, dtype: torch.dtype) -> None:
    """Settles every modulated convolution of a filled network."""
    for module in network.modules():
        if isinstance(module, ModulatedConv):
            module.settle(dtype)
