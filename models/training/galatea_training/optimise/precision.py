"""The precision of training: bfloat16 on GPUs, and on CPUs the quicker one of bfloat16 and float32.

CPUs differ. With AMX, bfloat16 is several times quicker. With AVX-512 alone, it may take twice as long as float32.
"""

import contextlib
import functools
import time

import torch
from torch.nn import functional as F

KINDS = (torch.float32, torch.bfloat16)
#: Timings of a convolution in each type; the quickest one counts.
TRIES = 5


@functools.cache
def quickest(device: torch.device) -> torch.dtype:
    """The quickest type for convolutions and matrix products. On a CPU, timings of some tenths of a second decide."""
    if device.type == "cpu":
        return min(KINDS, key=convolution_s)
    return torch.bfloat16 if device.type == "cuda" else torch.float32


def mixed(device: torch.device) -> contextlib.AbstractContextManager:
    """A context in which convolutions and products use the quickest type."""
    kind = quickest(device)
    return contextlib.nullcontext() if kind == torch.float32 else torch.autocast(device.type, kind)


@torch.enable_grad()
def convolution_s(kind: torch.dtype) -> float:
    """Seconds of a typical convolution on the CPU, forward and backward."""
    image, weight = torch.ones(8, 64, 32, 32), torch.ones(64, 64, 3, 3)
    image, weight = (x.to(kind, memory_format=torch.channels_last).requires_grad_() for x in (image, weight))
    taken = []
    for _ in range(TRIES):
        began = time.perf_counter()
        F.conv2d(image, weight, padding=1).sum().backward()
        taken.append(time.perf_counter() - began)
    return min(taken)
