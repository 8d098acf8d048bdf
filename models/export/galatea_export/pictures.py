"""Resizes pictures to the size that a network needs."""

from torch import Tensor
from torch.nn import functional as F

#: Mean and deviation of ImageNet's colours, of RGB in [-1, 1].
IMAGENET = ((-0.03, -0.088, -0.188), (0.458, 0.448, 0.45))


def resized(image: Tensor, size: int) -> Tensor:
    """Square pictures `[B,C,S,S]` as `[B,C,size,size]`: means over areas to shrink, bilinear to grow."""
    if image.shape[2] == size:
        return image
    if image.shape[2] > size:
        return F.adaptive_avg_pool2d(image, [size, size])
    return F.interpolate(image, size=[size, size], mode="bilinear", align_corners=False)
