"""The latent W+ of the maquette: its layers, how parameters become styles, and the coordinates that W+ is measured in.

The layers of W+ are styles, then the residual, then the light.
"""

import torch
from torch import nn

#: Layers of W+ that are styles, one for each convolution; width of a layer.
STYLES, WIDTH = 10, 128
RESIDUAL_CHANNELS, RESIDUAL_SIZE = 8, 32
RESIDUAL = RESIDUAL_CHANNELS * RESIDUAL_SIZE**2 // WIDTH
LAYERS = STYLES + RESIDUAL + 1


class Mapping(nn.Module):
    """Head parameters → styles, the first layers of W+.

    Args:
        inputs: P.
        hidden: width of the two hidden layers.
    """

    def __init__(self, inputs: int, hidden: int = 384):
        super().__init__()
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(inputs))
        self.net = nn.Sequential(
            nn.Linear(inputs, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, hidden), nn.LeakyReLU(0.2)
        )
        self.out = nn.Linear(hidden, STYLES * WIDTH)
        for layer in (self.net[0], self.net[2], self.out):
            nn.init.kaiming_normal_(layer.weight, a=0.2)
            nn.init.zeros_(layer.bias)
        self.out.weight.data *= 0.35
        self.styles, self.width = STYLES, WIDTH

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """[B,P] → styles [B,S,D]."""
        return self.out(self.net(self.standard(z))).view(-1, self.styles, self.width)

    def standard(self, z: torch.Tensor) -> torch.Tensor:
        """Standardises parameters `[B,P]` by their means and spreads."""
        return (z - self.mean) * self.scale


class Basis(nn.Module):
    """The coordinates of W+: the principal axes of the mapping's styles, in units of their spread.

    Heads have the same spread along every axis that tells heads apart, and little along the others. A step of the same length
    therefore means the same everywhere, and the squared length of a layer measures how unusual a head is (Zhu et al.,
    "Improved StyleGAN Embedding: Where are the Good Latents?", 2020).
    """

    def __init__(self):
        super().__init__()
        size = STYLES * WIDTH
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("axes", torch.eye(size))
        self.styles, self.width = STYLES, WIDTH

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        """W+ [B,L,D] → styles [B,S,D]."""
        return (self.mean + w[:, : self.styles].flatten(1) @ self.axes.to(w.dtype)).view(-1, self.styles, self.width)

    @torch.no_grad()
    def fit(self, styles: torch.Tensor, floor: float) -> None:
        """Sets mean and axes from the styles `[N,S,D]` of many heads.

        Args:
            floor: least spread of an axis, in units of the root mean square spread of all axes.
        """
        flat = styles.flatten(1).double()
        self.mean.copy_(flat.mean(0))
        variance, axes = torch.linalg.eigh(torch.cov(flat.T))
        variance, axes = variance.flip(0).clamp(min=0), axes.flip(1)
        spread = (variance + floor**2 * variance.mean()).sqrt()
        self.axes.copy_((axes * spread).T)

    @torch.no_grad()
    def inverse(self) -> torch.Tensor:
        """The matrix `[S·D,S·D]` from (styles − mean) `[B,S·D]` to coordinates of W+."""
        return torch.linalg.inv(self.axes.double()).float()
