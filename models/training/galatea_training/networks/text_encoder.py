"""The text network: a small Transformer from token ids to conditioning."""

import math
from typing import Optional

import torch
from torch import Tensor, nn

from ..data.captions import FACTS

TOKENS, WIDTH = 24, 96


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Optional[Tensor]) -> Tensor:
    """Scaled dot-product attention over `[B,heads,N,C]`; on a CPU its backward is faster than the fused kernel's."""
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if bias is not None:
        scores = scores + bias
    return scores.softmax(-1) @ v


class SelfAttention(nn.Module):
    """Multi-head self-attention that does not look at padding: `[B,T,E]` to `[B,T,E]` (Vaswani et al. 2017)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.enter = nn.Linear(width, 3 * width)
        self.leave = nn.Linear(width, width)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        q, k, v = self.enter(x).unflatten(2, [3, self.heads, -1]).permute(2, 0, 3, 1, 4).unbind(0)
        attended = attend(q, k, v, bias)
        return self.leave(attended.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """A pre-norm Transformer block."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        x = x + self.attention(self.norm_1(x), bias)
        return x + self.mlp(self.norm_2(x))


class TextEncoder(nn.Module):
    """Token ids `[B,T]` int64 to conditioning `[B,T,E]`. Padding (0) gives zeros, so that the empty text gives zeros only."""

    def __init__(self, words: int, tokens: int = TOKENS, width: int = WIDTH, depth: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.places = nn.Parameter(0.02 * torch.randn(tokens, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)

    def forward(self, ids: Tensor) -> Tensor:
        kept = (ids != 0).unsqueeze(-1).to(self.places.dtype)
        bias = ((kept - 1.0) * 1e4).transpose(1, 2).unsqueeze(1)
        x = self.words(ids) + self.places
        for block in self.blocks:
            x = block(x, bias)
        return self.norm(x) * kept


class FactReader(nn.Module):
    """Conditioning to logits `[B, facts]` of the facts that the text states; used in training only."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.facts = nn.Linear(width, len(FACTS))

    def forward(self, conditioning: Tensor) -> Tensor:
        return self.facts(conditioning.sum(1) / 4.0)
