"""EG3D checkpoints with seeded random weights, in the form without a program."""

from pathlib import Path

import torch
from torch import Tensor

from ..checkpoints.eg3d import Constants, write
from ..eg3d import Generator, Sizes

#: ffhqrebalanced512-128: 14 layers of W+, planes of 32 channels at 256², pictures of 512².
FULL = Sizes(
    z=512, width=512, conditions=25, mapping_layers=2, backbone=[512, 512, 512, 512, 512, 256, 128],
    plane_channels=32, hidden=64, features=32, upper=[(256, 256), (128, 512)],
)  # fmt: skip
#: 8 layers of W+, planes of 4 channels at 32², pictures of 64².
REDUCED = Sizes(
    z=16, width=16, conditions=25, mapping_layers=2, backbone=[8, 8, 8, 8], plane_channels=4, hidden=16, features=8,
    upper=[(8, 32), (8, 64)],
)  # fmt: skip
_REDUCED = Constants(depth_resolution=8, neural_rendering_resolution=16, input_resolution=16)


def random_checkpoint(path: Path, seed: int, reduced: bool) -> None:
    """Writes `path`, a `.safetensors`, and the `.json` of its constants.

    Weights are drawn as StyleGAN2 and EG3D begin their training, with noise and biases that are not 0.
    """
    sizes, constants = (REDUCED, _REDUCED) if reduced else (FULL, Constants())
    state = random_state(sizes, constants, seed)
    write(path, state, constants)


def random_state(sizes: Sizes, constants: Constants, seed: int) -> dict[str, Tensor]:
    """Tensors under NVIDIA's names, including those that inference does not use."""
    with torch.device("meta"):
        shapes = {key: value.shape for key, value in Generator(sizes, constants).state_dict().items()}
    for index, (_, side) in enumerate(sizes.upper):
        for conv in ("conv0", "conv1"):
            shapes[f"superresolution.block{index}.{conv}.noise_const"] = torch.Size([side, side])
            shapes[f"superresolution.block{index}.{conv}.noise_strength"] = torch.Size([])
    generator = torch.Generator().manual_seed(seed)
    return {key: _random(key, shape, generator) for key, shape in sorted(shapes.items())}


def _random(key: str, shape: torch.Size, generator: torch.Generator) -> Tensor:
    drawn = torch.randn(shape, generator=generator)
    if key.endswith("affine.bias"):
        return 1.0 + 0.1 * drawn
    if key.endswith(("bias", "noise_strength", "w_avg")):
        return 0.1 * drawn
    return 100.0 * drawn if ".mapping.fc" in key else drawn
