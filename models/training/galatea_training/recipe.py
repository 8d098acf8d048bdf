"""Carries out the whole recipe, from rendering heads to the finished pack.

``WORK`` gets ``data`` (pictures), ``runs`` (checkpoints and sheets of unseen heads), ``pack`` (the result) and ``done``
(what has succeeded). Stopped or failed, the same command goes on where it was: what has succeeded with the same options
is skipped, and whatever comes after a step that was not skipped is done again.
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
    """A command of the recipe.

    Attributes:
        name: of the step.
        command: its words; names in braces are those of ``places``.
        minutes: its length by default, and so its share of ``--hours``; 0 for one that takes what it takes.
        renders: whether processes share it, one a core.
        trains: how many networks take ``minutes`` each.
    """

    name: str
    command: str
    minutes: float = 0.0
    renders: bool = False
    trains: int = 1


STEPS = (
    Step("render-test", f"dataset {_RENDER} --split test --heads {{test_heads}}", renders=True),
    Step("render-val", f"dataset {_RENDER} --split val --heads 64", renders=True),
    Step("render-train", f"dataset {_RENDER} --split train --heads {{heads}} --limit-s {{seconds:.0f}}", 20, True),
    Step("render-moods", f"moods {_RENDER} --heads {{heads}} --limit-s {{seconds:.0f}}", 6, True),
    Step("render-twins", f"twins {_RENDER} --families {{families}} --limit-s {{seconds:.0f}}", 12, True),
    Step("text", f"text {_LEARN}", 3),
    Step("generator", f"generator {_LEARN} --assets {{assets}}", 143),
    Step("prior", f"prior {_LEARN}", 170),
    Step("disguises", f"disguises {_RENDER} --people {{people}}", renders=True),
    Step("identity", f"identity {_LEARN}", 15),
    Step("generated", "generated --data {data} --runs {runs} --device {device} --threads {threads}"),
    Step("glances", f"glances {_LEARN}", 6, trains=2),
    Step("judge", f"judge {_LEARN}", 20),
    Step("encoder", f"encoder {_LEARN}", 60),
    Step("polish", f"polish {_LEARN}", 90),
    Step("mapper", f"mapper {_LEARN}", 12),
    Step("export", "export --generator {runs}/generator.ckpt --encoder {runs}/encoder.ckpt --out {pack}"),
    Step("pack", "pack --data {data} --runs {runs} --pack {pack}"),
)
DEFAULT_HOURS = sum(step.minutes * step.trains for step in STEPS) / 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    cores = os.cpu_count() or 1
    parser.add_argument("--assets", type=Path, required=True, help="folder of MakeHuman's free files")
    parser.add_argument("--work", type=Path, required=True, help="folder of everything that is made")
    parser.add_argument("--hours", type=float, default=DEFAULT_HOURS, help="time of training and its pictures")
    parser.add_argument("--heads", type=int, default=24000, help="training heads, as far as the time allows")
    parser.add_argument("--families", type=int, default=8000, help="families of twins, as far as the time allows")
    parser.add_argument("--test-heads", type=int, default=128, help="heads of the test split")
    parser.add_argument("--people", type=int, default=400, help="disguised people")
    parser.add_argument("--processes", type=int, default=cores, help="processes that share the rendering")
    parser.add_argument("--threads", type=int, default=min(8, cores), help="CPU threads of training")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: a GPU if there is one")


def run(args: argparse.Namespace) -> int:
    """Does what is not done; returns 1 if a step fails."""
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
        if not carried_out(words, args.processes if step.renders else 1):
            print(f"{step.name} has failed; the same command goes on from here", file=sys.stderr)
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


def carried_out(words: list[str], processes: int) -> bool:
    """Runs a command, or as many as share it, one thread of the rasteriser each; tells whether all have succeeded."""
    base = [sys.executable, "-m", "galatea_training", *words]
    shares = [["--part", str(i), "--parts", str(processes)] for i in range(processes)] if processes > 1 else [[]]
    environment = os.environ | {"LP_NUM_THREADS": "1"}
    started = [subprocess.Popen(base + share, env=environment) for share in shares]
    return all([process.wait() == 0 for process in started])
