"""Runs the whole recipe, from rendering heads to the finished pack.

``WORK`` gets four folders: ``data`` (pictures), ``runs`` (checkpoints and sheets of unseen heads), ``pack`` (the result) and
``done`` (which steps have succeeded). A stopped or failed recipe continues with the same command: it skips the steps that
have succeeded with the same options. All steps after a step that ran again run again too.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_LEARN = "--data {data} --runs {runs} --minutes {minutes:.2f} --device {device} --threads {threads}"
_RENDER = "--assets {assets} --out {data}"


@dataclass(frozen=True)
class Step:
    """A step of the recipe: one command.

    Attributes:
        command: the command's words; names in braces are keys of ``places``.
        minutes: default length, which also sets the step's share of ``--hours``. 0 for a step without a time limit.
        renders: whether several processes share the step, one for each core.
        split: of the dataset, where one command renders several splits.
    """

    command: str
    minutes: float = 0.0
    renders: bool = False
    split: str = ""

    @property
    def name(self) -> str:
        """The command's name, with the split that it renders."""
        name = self.command.split()[0]
        return f"{name}-{self.split}" if self.split else name


STEPS = (
    Step(f"data.splits {_RENDER} --split test --heads {{test_heads}}", renders=True, split="test"),
    Step(f"data.splits {_RENDER} --split val --heads 64", renders=True, split="val"),
    Step(f"data.splits {_RENDER} --split train --heads {{heads}} --limit-s {{seconds:.0f}}", 20, True, "train"),
    Step(f"data.expressions {_RENDER} --heads {{heads}} --limit-s {{seconds:.0f}}", 6, True),
    Step(f"data.edit_pairs {_RENDER} --families {{families}} --limit-s {{seconds:.0f}}", 12, True),
    Step(f"train.text {_LEARN}", 3),
    Step(f"train.generator {_LEARN} --assets {{assets}}", 143),
    Step(f"train.prior {_LEARN}", 170),
    Step(f"data.identities {_RENDER} --people {{people}}", renders=True),
    Step(f"train.identity {_LEARN}", 15),
    Step("data.generated --data {data} --runs {runs} --device {device} --threads {threads}"),
    Step(f"train.lighting {_LEARN}", 6),
    Step(f"train.pose {_LEARN}", 6),
    Step(f"train.judge {_LEARN}", 20),
    Step(f"train.encoder {_LEARN}", 60),
    Step(f"train.joint {_LEARN}", 90),
    Step(f"train.latent_mapper {_LEARN}", 12),
    Step("assemble.generator --generator {runs}/generator.ckpt --encoder {runs}/encoder.ckpt --out {pack}"),
    Step("assemble.pack --data {data} --runs {runs} --pack {pack}"),
)
DEFAULT_HOURS = sum(step.minutes for step in STEPS) / 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    cores = os.cpu_count() or 1
    parser.add_argument("--assets", type=Path, required=True, help="folder of MakeHuman's free files")
    parser.add_argument("--work", type=Path, required=True, help="folder for everything that the recipe makes")
    parser.add_argument("--hours", type=float, default=DEFAULT_HOURS, help="total time of rendering and training")
    parser.add_argument("--heads", type=int, default=24000, help="training heads, at most")
    parser.add_argument("--families", type=int, default=8000, help="families of edit pairs, at most")
    parser.add_argument("--test-heads", type=int, default=128, help="heads of the test split")
    parser.add_argument("--people", type=int, default=400, help="people who are rendered in several disguises")
    parser.add_argument("--processes", type=int, default=cores, help="processes that share the rendering")
    parser.add_argument("--threads", type=int, default=min(8, cores), help="CPU threads of training")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: a GPU if there is one")


def run(args: argparse.Namespace) -> int:
    """Runs every step that has not succeeded yet; returns 1 if a step fails."""
    done = args.work / "done"
    done.mkdir(parents=True, exist_ok=True)
    skipping = True
    for number, step in enumerate(STEPS, start=1):
        words, stamp = command(step, args), done / step.name
        skipping = skipping and stamp.is_file() and stamp.read_text() == " ".join(words)
        print(f"{number} of {len(STEPS)}, {step.name}: {'is done' if skipping else ' '.join(words)}", flush=True)
        if skipping:
            continue
        stamp.unlink(missing_ok=True)
        if not run_command(words, args.processes if step.renders else 1):
            print(f"{step.name} failed; the same command continues from here", file=sys.stderr)
            return 1
        stamp.write_text(" ".join(words))
    print(f"the pack is in {args.work / 'pack'}")
    return 0


def command(step: Step, args: argparse.Namespace) -> list[str]:
    """The words of a step's command."""
    minutes = step.minutes * args.hours / DEFAULT_HOURS
    folders = {name: args.work / name for name in ("data", "runs", "pack")}
    places = vars(args) | folders | {"minutes": minutes, "seconds": 60 * minutes}
    return [word.format(**places) for word in step.command.split()]


def run_command(words: list[str], processes: int) -> bool:
    """Runs a command in one process, or in several that share it; returns whether all processes succeed.

    Each process gives the rasteriser one thread.
    """
    base = [sys.executable, "-m", __package__, *words]
    shares = [["--part", str(i), "--parts", str(processes)] for i in range(processes)] if processes > 1 else [[]]
    environment = os.environ | {"LP_NUM_THREADS": "1"}
    started = [subprocess.Popen(base + share, env=environment) for share in shares]
    return all([process.wait() == 0 for process in started])
