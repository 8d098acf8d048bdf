"""In what precision to train: bfloat16 on GPUs, and on a CPU whichever of bfloat16 and float32 its convolutions are quicker in.

CPUs differ: with AMX bfloat16 is several times quicker, with AVX-512 alone it may take twice as long as float32.
"""

import contextlib
import functools
import time

import torch
from torch.nn import functional as F

KINDS = (torch.float32, torch.bfloat16)
#: Times that a convolution is tried in each type; the quickest counts.
TRIES = 5


@functools.cache
def quickest(device: torch.device) -> torch.dtype:
    """The type that convolutions and products of matrices are quickest in; on a CPU it is found by trial, in tenths of a second."""
    if device.type == "cpu":
        return min(KINDS, key=convolution_s)
    return torch.bfloat16 if device.type == "cuda" else torch.float32


def mixed(device: torch.device) -> contextlib.AbstractContextManager:
    """Computes convolutions and products in the quickest type."""
    kind = quickest(device)
    return contextlib.nullcontext() if kind == torch.float32 else torch.autocast(device.type, kind)


@torch.enable_grad()
def convolution_s(kind: torch.dtype) -> float:
    """Seconds that a convolution of the size of the networks' takes on the CPU, forward and backward."""
    image, weight = torch.ones(8, 64, 32, 32), torch.ones(64, 64, 3, 3)
    image, weight = (x.to(kind, memory_format=torch.channels_last).requires_grad_() for x in (image, weight))
    taken = []
    for _ in range(TRIES):
        began = time.perf_counter()
        F.conv2d(image, weight, padding=1).sum().backward()
        taken.append(time.perf_counter() - began)
    return min(taken)
