"""What the training commands share: a clock, a learning-rate course, checkpoints and moving averages."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn


def add_run_arguments(parser: argparse.ArgumentParser, minutes: float, batch: int, rate: float) -> None:
    """The options that every training command has."""
    parser.add_argument("--data", type=Path, required=True, help="dataset folder")
    parser.add_argument("--runs", type=Path, required=True, help="folder of checkpoints and sheets")
    parser.add_argument("--minutes", type=float, default=minutes, help="wall-clock time of this call")
    parser.add_argument("--batch", type=int, default=batch, help="pictures a step")
    parser.add_argument("--learning-rate", type=float, default=rate, help="peak of AdamW's learning rate")
    parser.add_argument("--seed", type=int, default=7)


def train_for(minutes: float, rate: float, optimiser: torch.optim.Optimizer, loss: Callable[[], torch.Tensor]) -> int:
    """Takes steps until the time is over: 100 steps of warm-up, then a half cosine to 0. Returns the steps taken."""
    start, step = time.monotonic(), 0
    while (spent := (time.monotonic() - start) / (60.0 * minutes)) < 1.0:
        fall = 0.5 + 0.5 * torch.cos(torch.tensor(spent * torch.pi)).item()
        for group in optimiser.param_groups:
            group["lr"] = rate * fall * min(1.0, (step + 1) / 100)
        value = loss()
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        optimiser.step()
        step += 1
        if step % 200 == 0:
            print(f"{time.strftime('%H:%M:%S')} step {step} loss {float(value.detach()):.4f}", flush=True)
    return step


def save(network: nn.Module, path: Path) -> None:
    """Replaces a checkpoint of weights in one move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    torch.save(network.state_dict(), fresh)
    fresh.replace(path)


def restore(network: nn.Module, path: Path) -> bool:
    """Loads a checkpoint of weights if there is one."""
    if path.is_file():
        network.load_state_dict(torch.load(path, weights_only=True))
    return path.is_file()
