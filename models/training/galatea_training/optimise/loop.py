"""The training loop of all commands, with options, checkpoints and progress.

A command describes its training by a ``Task`` and hands it to ``train``. A run lasts ``--minutes`` in total, over any number of
calls. A stopped run continues from its last checkpoint ``RUNS/NAME.ckpt``.
"""

import argparse
import copy
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .device import add_device_arguments, select_device
from .muon import Muon


@dataclass(frozen=True)
class Task:
    """What one training command trains, and how.

    Attributes:
        name: of the checkpoint.
        model: to train, on its device.
        loss: returns the loss of a fresh batch; its argument is the share of the run that is spent, 0 to 1.
        report: measures the averaged model on unseen heads and returns the figures in words; may write a sheet.
        groups: parameter groups for AdamW, each with ``speed``, a factor on the learning rate.
        matrices: parameter groups for Muon.
        weight_decay: of AdamW (Loshchilov and Hutter 2019).
        keep: greatest share of itself that the moving average keeps in a step.
    """

    name: str
    model: nn.Module
    loss: Callable[[float], Tensor]
    report: Callable[[nn.Module], str]
    groups: list[dict] | None = None
    matrices: list[dict] | None = None
    weight_decay: float = 0.01
    keep: float = 0.995


def add_run_arguments(parser: argparse.ArgumentParser, minutes: float, batch: int, rate: float, settle: float) -> None:
    """Adds the options that all training commands share, with the command's defaults."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--runs", type=Path, required=True, help="folder of checkpoints and sheets")
    parser.add_argument("--minutes", type=float, default=minutes, help="length of the run, over all calls")
    parser.add_argument("--batch", type=int, default=batch, help="heads, pictures or captions in a step")
    parser.add_argument("--learning-rate", type=float, default=rate, help="peak of the learning rate")
    parser.add_argument("--warmup", type=int, default=100, help="steps in which the rate rises to its peak")
    parser.add_argument("--settle", type=float, default=settle, help="last share of the run, in which the rate falls to 0")
    parser.add_argument("--clip", type=float, default=1.0, help="greatest norm of the gradient")
    parser.add_argument("--save-minutes", type=float, default=5.0, help="time between checkpoints")
    parser.add_argument("--tell-seconds", type=float, default=30.0, help="time between lines of progress")
    parser.add_argument("--seed", type=int, default=7, help="of all random numbers")
    add_device_arguments(parser)


def rate_at(step: int, progress: float, args: argparse.Namespace) -> float:
    """Learning rate: warm-up by steps, then constant, then linear to 0 over the last share of the time."""
    fall = min(1.0, (1.0 - progress) / args.settle) if args.settle > 0 else 1.0
    return args.learning_rate * min(1.0, (step + 1) / max(1, args.warmup)) * fall


def train(make: Callable[[argparse.Namespace, torch.device], Task], args: argparse.Namespace) -> None:
    """Makes the task and trains it until its minutes are spent; continues from its checkpoint."""
    device = select_device(args)
    args.runs.mkdir(parents=True, exist_ok=True)
    seed(args.seed)
    TrainingRun(make(args, device), args).train()


def seed(number: int) -> None:
    """Seeds all random number generators that losses use."""
    random.seed(number)
    np.random.seed(number % 2**32)
    torch.manual_seed(number)


class TrainingRun:
    """A training run: the model, its moving average, the optimisers, and the checkpoint that holds them."""

    def __init__(self, task: Task, args: argparse.Namespace) -> None:
        self.task, self.args, self.path = task, args, args.runs / f"{task.name}.ckpt"
        self.average = copy.deepcopy(task.model).requires_grad_(False).eval()
        groups = task.groups or [{"params": list(task.model.parameters()), "speed": 1.0}]
        self.optimisers = {"optimiser": torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=task.weight_decay)}
        if task.matrices:
            self.optimisers["muon"] = Muon(task.matrices)
        self.step, self.spent_s, self.losses = 0, 0.0, []
        if self.path.is_file():
            self._resume()
        pairs = zip(self.average.state_dict().values(), task.model.state_dict().values())
        self.pairs = [pair for pair in pairs if pair[0].is_floating_point()]

    def _resume(self) -> None:
        state = torch.load(self.path, weights_only=True, map_location="cpu")
        average = state.get("average", state)
        self.average.load_state_dict(average)
        self.task.model.load_state_dict(state.get("model", state.get("networks", average)))
        for name, optimiser in self.optimisers.items():
            if name in state:
                optimiser.load_state_dict(state[name])
        self.step, self.spent_s = state.get("step", 0), state.get("spent_s", 0.0)
        seed(self.args.seed + self.step)
        self._say(f"continues from step {self.step}, {self.spent_s / 60:.1f} of {self.args.minutes:g} min")

    def train(self) -> None:
        """Takes steps until the minutes are spent; saves at intervals and at the end."""
        limit_s, began = 60.0 * self.args.minutes, time.monotonic() - self.spent_s
        told_s = saved_s = self.spent_s
        if self.spent_s >= limit_s:
            self._say("is done")
            return
        while self.spent_s < limit_s:
            self.losses.append(self.take_step(self.spent_s / limit_s))
            self.spent_s = time.monotonic() - began
            if self.spent_s - told_s >= self.args.tell_seconds:
                self._tell(self.spent_s - told_s)
                told_s = self.spent_s
            if self.spent_s - saved_s >= 60.0 * self.args.save_minutes:
                self.save()
                saved_s = told_s = self.spent_s = time.monotonic() - began
                self.losses.clear()
        self.save()

    def take_step(self, progress: float) -> Tensor:
        """Takes one step of the optimisers and of the moving average; returns the loss, on the device."""
        rate = rate_at(self.step, progress, self.args)
        loss = self.task.loss(progress)
        self.task.model.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.task.model.parameters(), self.args.clip)
        for optimiser in self.optimisers.values():
            for group in optimiser.param_groups:
                group["lr"] = rate * group["speed"]
            optimiser.step()
        self.step += 1
        self._follow(min(self.task.keep, 1.0 - 1.0 / (1.0 + 0.1 * self.step)))
        return loss.detach()

    @torch.no_grad()
    def _follow(self, keep: float) -> None:
        for slow, fast in self.pairs:
            slow.lerp_(fast, 1.0 - keep)

    def _tell(self, seconds: float) -> None:
        """Prints progress; raises FloatingPointError if the loss is not finite."""
        loss = torch.stack(self.losses).mean().item()
        if not math.isfinite(loss):
            raise FloatingPointError(f"{self.task.name}: loss {loss} before step {self.step}; lower --learning-rate")
        left = self.args.minutes - self.spent_s / 60
        pace = f"{len(self.losses) / seconds:.1f} steps/s, {max(0.0, left):.1f} of {self.args.minutes:g} min left"
        self._say(f"step {self.step}, {pace}, loss {loss:.4f}")
        self.losses.clear()

    def save(self) -> None:
        """Replaces the checkpoint atomically and prints the report. The report does not change random numbers of the training."""
        parts = {"model": self.task.model, "average": self.average} | self.optimisers
        state = {name: part.state_dict() for name, part in parts.items()}
        fresh = self.path.with_suffix(".new")
        torch.save(state | {"step": self.step, "spent_s": self.spent_s}, fresh)
        fresh.replace(self.path)
        devices = [torch.cuda.current_device()] if torch.cuda.is_initialized() else []
        with torch.random.fork_rng(devices), torch.no_grad():
            torch.manual_seed(1)
            words = self.task.report(self.average)
        self._say(f"step {self.step}, {self.spent_s / 60:.1f} min, on unseen heads: {words}")

    def _say(self, words: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {self.task.name}: {words}", flush=True)
