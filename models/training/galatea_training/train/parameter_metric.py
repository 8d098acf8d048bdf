"""The metric of parameters: how much a change of a head's parameters changes its pictures.

Parameters matter to different degrees. The distance between the eyes sets the scale of the whole crop, while bags under the
eyes move a few pixels. Errors of several parameters may cancel. To first order, pictures change by J·Δ when standardised
parameters change by Δ. The mean of JᵀJ over heads and cameras, as in Gauss-Newton methods, is the metric.
"""

from pathlib import Path

import torch
from galatea_packfile.conventions import camera_from_angles
from torch.nn import functional as F

from ..data.splits import TEST_YAWS
from ..networks.generator import Generator
from ..networks.volume import SURFACE
from ..optimise.checkpoint import measured_once

#: Step of the finite differences, in standard deviations of a parameter.
STEP = 0.5
#: Heads that are drawn together.
CHUNK = 16


def metric_of(generator: Generator, params: torch.Tensor, runs: Path, most: int = 16) -> torch.Tensor:
    """The metric M `[P,P]` of a generator: ``(Δ @ M).square().mean()`` is the change of pictures by Δ `[P]`.

    The unit is the change by the mean parameter. The metric is measured once, which takes minutes on a CPU; ``RUNS/metric.ckpt``
    keeps it.

    Args:
        params: parameters `[N,P]` of heads, on the generator's device. The first ``most`` heads are measured.
    """
    return measured_once(runs / "metric.ckpt", lambda: root_of(generator, params[:most]))


@torch.no_grad()
def root_of(generator: Generator, params: torch.Tensor) -> torch.Tensor:
    """A root M `[P,P]` of the mean JᵀJ about heads `[N,P]`, by finite differences. MMᵀ has a mean diagonal of 1."""
    mapping = generator.mapping
    total = torch.zeros(len(mapping.mean), len(mapping.mean), dtype=torch.double)
    for head in params:
        steps = torch.where(mapping.standard(head) < 0, STEP, -STEP)  # towards the mean, so that none leaves the range of its kind
        moved = _surfaces(generator, torch.cat([head[None], head + torch.diag(steps / mapping.scale)]))
        slopes = ((moved[1:] - moved[0]) / steps[:, None]).double()
        total += (slopes @ slopes.T).cpu()
    power, axes = torch.linalg.eigh(total / total.diagonal().mean())
    return (axes * power.clamp(min=0).sqrt()).float()


def _surfaces(generator: Generator, params: torch.Tensor) -> torch.Tensor:
    """Unlit surfaces of heads `[N,P]` at 64² pixels from all test cameras: `[N,3·7·64²]`."""
    views = len(TEST_YAWS)
    cameras = camera_from_angles(torch.tensor(TEST_YAWS), torch.zeros(views)).to(params)
    weight = cameras.new_tensor([1.0] * 4 + [3**-0.5] * (SURFACE - 4))[:, None, None]
    drawn = []
    for part in params.split(CHUNK):
        surface = F.avg_pool2d(generator.surface(generator.mapping(part), cameras.repeat(len(part), 1)), 2)
        drawn.append((surface * weight).reshape(len(part), -1))
    return torch.cat(drawn)
