"""The diffusion prior: a text-conditioned denoiser of 64x64 pictures, for score distillation.

The prior is a U-Net (Ho et al. 2020) on patches of 4×4 pixels. The text enters by attention and by feature-wise modulation.
The U-Net predicts the clean picture, because pictures of heads lie near a space of few dimensions and noise does not (Li and
He 2025). The prior returns the noise that the prediction implies.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .noise_schedule import cosine_alphas_cumprod
from .text_encoder import attend

SIZE, PATCH = 64, 4
WIDTHS = (64, 96, 128)
CONDITION = 192


class PriorEncode(nn.Module):
    """Picture `[B,3,128,128]` to the prior's space `[B,3,64,64]`: the mean over 2x2 pixels."""

    def forward(self, image: Tensor) -> Tensor:
        return F.avg_pool2d(image, 2)


class TextAttention(nn.Module):
    """Attention of queries `[B,N,C]` to conditioning `[B,T,E]` and to one learned token; empty text leaves the token alone."""

    def __init__(self, channels: int, text: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.nothing = nn.Parameter(0.02 * torch.randn(1, 1, text))
        self.query = nn.Linear(channels, channels)
        self.pair = nn.Linear(text, 2 * channels)
        self.leave = nn.Linear(channels, channels)

    def forward(self, x: Tensor, conditioning: Tensor) -> Tensor:
        kept = (conditioning.abs().sum(-1) > 0).to(conditioning.dtype)
        bias = F.pad((kept - 1.0) * 1e4, [1, 0])[:, None, None]
        tokens = torch.cat([self.nothing.expand(x.shape[0], -1, -1).to(conditioning.dtype), conditioning], 1)
        k, v = self.pair(tokens).unflatten(2, [2, self.heads, -1]).permute(2, 0, 3, 1, 4).unbind(0)
        q = self.query(x).unflatten(2, [self.heads, -1]).transpose(1, 2)
        attended = attend(q, k, v, bias.to(q.dtype))
        return self.leave(attended.transpose(1, 2).flatten(2))


class ResBlock(nn.Module):
    """Two convolutions, the second modulated by the condition `[B,192]`."""

    def __init__(self, enter: int, leave: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, leave)
        self.conv_1 = nn.Conv2d(enter, leave, 3, padding=1)
        self.conv_2 = nn.Conv2d(leave, leave, 3, padding=1)
        self.modulation = nn.Linear(CONDITION, 2 * leave)
        self.skip = nn.Conv2d(enter, leave, 1) if enter != leave else nn.Identity()
        nn.init.zeros_(self.conv_2.weight)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        hidden = self.conv_1(F.silu(x))
        scale, shift = self.modulation(condition)[:, :, None, None].chunk(2, 1)
        hidden = self.norm(hidden) * (1.0 + scale) + shift
        return self.skip(x) + self.conv_2(F.silu(hidden))


class AttentionBlock(nn.Module):
    """Self-attention over places, then attention to the text."""

    def __init__(self, channels: int, text: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.GroupNorm(8, channels), nn.LayerNorm(channels)
        self.enter = nn.Linear(channels, 3 * channels)
        self.leave = nn.Linear(channels, channels)
        self.text = TextAttention(channels, text, heads)

    def forward(self, x: Tensor, conditioning: Tensor) -> Tensor:
        places = x.flatten(2).transpose(1, 2)
        flat = self.norm_1(x).flatten(2).transpose(1, 2)
        q, k, v = self.enter(flat).unflatten(2, [3, self.heads, -1]).permute(2, 0, 3, 1, 4).unbind(0)
        places = places + self.leave(attend(q, k, v, None).transpose(1, 2).flatten(2))
        places = places + self.text(self.norm_2(places), conditioning)
        return places.transpose(1, 2).reshape(x.shape)


class Prior(nn.Module):
    """x_t `[B,3,64,64]`, timestep `[B]` int64 and conditioning `[B,T,E]` to noise `[B,3,64,64]`."""

    def __init__(self, text: int) -> None:
        super().__init__()
        a, b, c = WIDTHS
        self.register_buffer("alphas", cosine_alphas_cumprod())
        self.register_buffer("frequencies", torch.exp(-math.log(10000.0) * torch.arange(32) / 32))
        self.time = nn.Sequential(nn.Linear(64, CONDITION), nn.SiLU(), nn.Linear(CONDITION, CONDITION))
        self.asked = nn.Parameter(0.02 * torch.randn(1, 4, CONDITION // 4))
        self.summary = TextAttention(CONDITION // 4, text, 4)
        self.enter = nn.Conv2d(3 * PATCH * PATCH, a, 3, padding=1)
        self.down_1, self.down_2 = ResBlock(a, a), ResBlock(a, a)
        self.to_8 = nn.Conv2d(a, b, 3, stride=2, padding=1)
        self.down_3, self.down_4 = ResBlock(b, b), ResBlock(b, b)
        self.look_1 = AttentionBlock(b, text)
        self.to_4 = nn.Conv2d(b, c, 3, stride=2, padding=1)
        self.middle_1, self.look_2, self.middle_2 = ResBlock(c, c), AttentionBlock(c, text), ResBlock(c, c)
        self.from_4 = nn.Conv2d(c, b, 1)
        self.up_1, self.look_3 = ResBlock(2 * b, b), AttentionBlock(b, text)
        self.from_8 = nn.Conv2d(b, a, 1)
        self.up_2, self.up_3 = ResBlock(2 * a, a), ResBlock(2 * a, a)
        self.norm = nn.GroupNorm(8, a)
        self.leave = nn.Conv2d(a, 3 * PATCH * PATCH, 3, padding=1)
        nn.init.zeros_(self.leave.weight)

    def forward(self, x: Tensor, timestep: Tensor, conditioning: Tensor) -> Tensor:
        level = self.alphas[timestep][:, None, None, None]
        return (x - level.sqrt() * self.clean(x, timestep, conditioning)) * (1.0 - level).rsqrt()

    def clean(self, x: Tensor, timestep: Tensor, conditioning: Tensor) -> Tensor:
        """The estimate of x_0, `[B,3,64,64]`."""
        condition = F.silu(self.condition(timestep, conditioning))
        h = self.enter(F.pixel_unshuffle(x, 4))
        first = self.down_1(h, condition)
        h = second = self.down_2(first, condition)
        h = third = self.look_1(self.down_4(self.down_3(self.to_8(h), condition), condition), conditioning)
        h = self.look_2(self.middle_1(self.to_4(h), condition), conditioning)
        h = F.interpolate(self.from_4(self.middle_2(h, condition)), scale_factor=2.0)
        h = self.look_3(self.up_1(torch.cat([h, third], 1), condition), conditioning)
        h = F.interpolate(self.from_8(h), scale_factor=2.0)
        h = self.up_2(torch.cat([h, second], 1), condition)
        h = self.up_3(torch.cat([h, first], 1), condition)
        return F.pixel_shuffle(self.leave(F.silu(self.norm(h))), 4)

    def condition(self, timestep: Tensor, conditioning: Tensor) -> Tensor:
        """The modulation `[B,192]` of every block: time, and a summary of the text."""
        phase = timestep[:, None].to(self.frequencies.dtype) * self.frequencies
        time = self.time(torch.cat([phase.sin(), phase.cos()], 1))
        summary = self.summary(self.asked.expand(timestep.shape[0], -1, -1), conditioning)
        return time + summary.flatten(1)
