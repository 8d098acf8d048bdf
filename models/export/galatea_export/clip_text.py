"""CLIP's text encoder (Radford et al. 2021, section 2.4): a causal transformer over byte pairs, layers normalised first."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class ClipTextShape:
    """Sizes of a text encoder. The defaults are those of Stable Diffusion 2.1: OpenCLIP ViT-H without its last layer."""

    vocabulary: int = 49408
    tokens: int = 77
    width: int = 1024
    heads: int = 16
    layers: int = 23
    hidden: int = 4096
    activation: str = "gelu"
    epsilon: float = 1e-5


class ClipText(nn.Module):
    """Token ids `[B,T]` int64 to conditioning `[B,T,width]` float32, the last layer's normalised output."""

    def __init__(self, shape: ClipTextShape) -> None:
        super().__init__()
        self.embeddings = _Embeddings(shape)
        self.encoder = nn.ModuleDict({"layers": nn.ModuleList([_Layer(shape) for _ in range(shape.layers)])})
        self.final_layer_norm = nn.LayerNorm(shape.width, shape.epsilon)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embeddings(ids)
        for layer in self.encoder["layers"]:
            x = layer(x)
        return self.final_layer_norm(x).float()


class _Embeddings(nn.Module):
    def __init__(self, shape: ClipTextShape) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.position_embedding = nn.Embedding(shape.tokens, shape.width)

    def forward(self, ids: Tensor) -> Tensor:
        return self.token_embedding(ids) + self.position_embedding.weight[: ids.shape[1]]


class _Layer(nn.Module):
    def __init__(self, shape: ClipTextShape) -> None:
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(shape.width, shape.epsilon)
        self.self_attn = _CausalAttention(shape.width, shape.heads)
        self.layer_norm2 = nn.LayerNorm(shape.width, shape.epsilon)
        self.mlp = _Mlp(shape)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class _CausalAttention(nn.Module):
    """Attention of a token to itself and to earlier tokens. Padding follows the text and needs no mask."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        attended = F.scaled_dot_product_attention(
            self.split(self.q_proj(x)), self.split(self.k_proj(x)), self.split(self.v_proj(x)), is_causal=True
        )
        return self.out_proj(attended.transpose(1, 2).flatten(2))

    def split(self, x: Tensor) -> Tensor:
        """`[B,T,width]` to `[B,heads,T,width / heads]`."""
        return x.unflatten(2, [self.heads, -1]).transpose(1, 2)


class _Mlp(nn.Module):
    def __init__(self, shape: ClipTextShape) -> None:
        super().__init__()
        self.quick = shape.activation == "quick_gelu"
        self.fc1 = nn.Linear(shape.width, shape.hidden)
        self.fc2 = nn.Linear(shape.hidden, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)
        if self.quick:
            return self.fc2(x * torch.sigmoid(1.702 * x))
        return self.fc2(F.gelu(x))
