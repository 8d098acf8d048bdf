"""Stable Diffusion's networks (Rombach et al. 2022) as the pack contract wants them, around diffusers' modules."""

import math
from typing import Optional

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from torch.nn import functional as F

from .precision import scale_gradient
from .tracing import trace

#: Score distillation's gradient is one of order 1 over the elements of the prior's space. Multiplied by these elements
#: and by this, it lies amid what float16 can tell: weights of 0.01 to 100 neither underflow nor overflow.
_HALF_GAIN = 16.0


class TimestepFeatures(nn.Module):
    """Timesteps `[B]` to sines and cosines `[B,channels]` (Ho et al. 2020), of frequencies that follow the device."""

    def __init__(self, channels: int, cosine_first: bool, shift: float) -> None:
        super().__init__()
        half = channels // 2
        exponents = torch.arange(half, dtype=torch.float32) / (half - shift)
        self.register_buffer("frequencies", torch.exp(-math.log(10000.0) * exponents))
        self.cosine_first = cosine_first

    def forward(self, timesteps: Tensor) -> Tensor:
        angles = timesteps[:, None].float() * self.frequencies
        pair = [angles.cos(), angles.sin()] if self.cosine_first else [angles.sin(), angles.cos()]
        return torch.cat(pair, 1)


class _Denoise(nn.Module):
    def __init__(self, unet: UNet2DConditionModel) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, x: Tensor, timestep: Tensor, conditioning: Tensor) -> Tensor:
        dtype = self.unet.dtype
        return self.unet(x.to(dtype), timestep, conditioning.to(dtype), return_dict=False)[0].float()


def denoise(unet: UNet2DConditionModel) -> nn.Module:
    """The U-Net as the pack's `prior`: x_t `[B,c,h,w]`, timestep `[B]`, conditioning `[B,T,E]` to what it predicts.

    Args:
        unet: filled and frozen; its sines of time are replaced by ones that follow the device.
    """
    config = unet.config
    unet.time_proj = TimestepFeatures(config.block_out_channels[0], config.flip_sin_to_cos, config.freq_shift)
    smallest = 2 ** (len(config.block_out_channels) - 1)

    def inputs(batch: int, size: int) -> tuple[Tensor, ...]:
        x = torch.linspace(-1, 1, batch * config.in_channels * size * size).reshape(batch, -1, size, size)
        conditioning = torch.linspace(-1, 1, batch * 7 * config.cross_attention_dim).reshape(batch, 7, -1)
        return x, torch.arange(batch) * 300, conditioning

    return trace(_Denoise(unet), inputs(2, smallest), inputs(3, 2 * smallest))


class _Moments(nn.Module):
    def __init__(self, vae: AutoencoderKL) -> None:
        super().__init__()
        self.encoder = vae.encoder
        self.quant_conv = vae.quant_conv if vae.quant_conv is not None else nn.Identity()

    def forward(self, image: Tensor) -> Tensor:
        return self.quant_conv(self.encoder(image.to(self.encoder.conv_in.weight.dtype))).float()


class PriorEncode(nn.Module):
    """Image `[B,3,S,S]` to the mean of the VAE's posterior in the prior's space `[B,c,h,w]`.

    With Gaussian noise `[B,c,h,w]`, which the product never passes, it is a sample of the posterior.
    """

    def __init__(self, vae: AutoencoderKL, size: int) -> None:
        """
        Args:
            vae: filled and frozen.
            size: of the picture that the encoder sees, in pixels; others are resized to it.
        """
        super().__init__()
        smallest = 2 ** (len(vae.config.block_out_channels) - 1)
        half = vae.dtype == torch.float16
        self.moments = trace(_Moments(vae), (_ramp(2, 2 * smallest),), (_ramp(3, 4 * smallest),))
        self.size = size
        self.scale = float(vae.config.scaling_factor)
        self.gain = _HALF_GAIN * vae.config.latent_channels * (size // smallest) ** 2 if half else 1.0

    def forward(self, image: Tensor, noise: Optional[Tensor] = None) -> Tensor:
        if image.shape[2] != self.size:
            image = F.interpolate(
                image, (self.size, self.size), mode="bilinear", align_corners=False, antialias=True
            )
        sample, log_variance = self.moments(scale_gradient(image, 1.0 / self.gain)).chunk(2, 1)
        if noise is not None:
            sample = sample + noise * torch.exp(0.5 * log_variance.clamp(-30.0, 20.0))
        return scale_gradient(self.scale * sample, self.gain)


def _ramp(batch: int, size: int) -> Tensor:
    return torch.linspace(-1, 1, batch * 3 * size * size).reshape(batch, 3, size, size)
