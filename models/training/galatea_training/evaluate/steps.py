"""Counts the steps that the product needs to reach the scores of a FaceDNeRF-style loop.

The loop (``galatea_reference.facednerf``) starts at the mean latent and runs every loss in every step, with the pack's weights
of a prompt. For a new identity it gets a photo, for an edit a photo and a prompt. The product refines the photo anew, or
continues from the avatar that it made with the pack's number of steps. Both are compared with true renders from the source
view and from ±0.35 rad, by medians over the heads. *Removed* is explained in ``evaluate.quality``; for the loop and for the
product it is measured from the product's avatar before the edit.
"""

import argparse
import json

import torch
from galatea_packfile.conventions import camera_from_angles
from galatea_reference import facednerf
from galatea_reference.pack import Pack
from galatea_reference.targets import Intent
from torch import Tensor
from tqdm import tqdm

from . import refiner
from .measures import changed_region, cosine, psnr, share_removed
from .quality import PROMPTS
from .refiner import YAWS, Refiner, TestHeads, load_heads, load_pictures, save_picture

STEPS = (25, 50, 75, 100, 125)
TARGETS = {"photo": 125, "edit": 75}
SOURCE, SIDES = "PSNR, source view, dB", "PSNR, ±0.35 rad, dB"
PERCEPTUAL, IDENTITY, REMOVED = "perceptual distance", "identity cosine", "removed"
LESS_IS_BETTER = {PERCEPTUAL}

Scores = dict[str, float]


@torch.no_grad()
def scores(pack: Pack, made: Tensor, truth: Tensor) -> Scores:
    """Medians over heads and views of pictures `[N,3,3,S,S]`, against true renders of the same shape.

    The identity is the cosine to the true frontal picture, which is the photo or its edited render.
    """
    near = psnr(made, truth)
    difference = pack.perceptual(made.flatten(0, 1)) - pack.perceptual(truth.flatten(0, 1))
    person = truth[:, :1].expand_as(truth).flatten(0, 1)
    values = {
        SOURCE: near[:, 0],
        SIDES: near[:, 1:],
        PERCEPTUAL: difference.square().sum(1),
        IDENTITY: cosine(pack.identity, made.flatten(0, 1), person),
    }
    return {name: median_of(value) for name, value in values.items()}


def median_of(values: Tensor) -> float:
    """The median of all values."""
    return float(values.flatten().median())


def scores_behind(ours: Scores, loop: Scores) -> list[str]:
    """The scores in which we are behind the loop."""
    return [name for name in loop if (ours[name] > loop[name] if name in LESS_IS_BETTER else ours[name] < loop[name])]


def fewest_steps(by_steps: dict[int, Scores], loop: Scores) -> int | None:
    """The smallest number of steps without a score behind the loop's; None if there is none."""
    return min((steps for steps, ours in by_steps.items() if not scores_behind(ours, loop)), default=None)


def table(title: str, by_steps: dict[int, Scores], loop: Scores, loop_steps: int, target: int) -> str:
    """A Markdown table of the scores with the loop's column first, and the smallest sufficient number of steps below it."""
    columns = sorted(by_steps)
    lines = [
        f"| {title} | FaceDNeRF-style, {loop_steps} | {' | '.join(str(steps) for steps in columns)} |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for name, value in loop.items():
        cells = [value, *(by_steps[steps][name] for steps in columns)]
        lines.append(f"| {name} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")
    behind = " | ".join(str(len(scores_behind(by_steps[steps], loop))) for steps in columns)
    lines.append(f"| scores behind the loop's | | {behind} |")
    least = fewest_steps(by_steps, loop)
    reached = f"no score is behind at {least} steps" if least else f"some score is behind at up to {columns[-1]} steps"
    return "\n".join([*lines, "", f"{title}: {reached}; the target is {target}."])


class StepCount:
    """One run of the command: its options, its heads and its folder."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.out, self.refiner = args, args.out, Refiner(args)
        self.pack = Pack(args.pack)
        self.heads = load_heads(args.data / "test", args.heads)
        self.cameras = camera_from_angles(torch.tensor(YAWS), torch.zeros(len(YAWS)))
        self.weights = self.pack.manifest["defaults"]["weights"]["prompt"] | args.weights

    def run(self) -> None:
        """Prints a table for the photos and one for each edit, and writes all of them to steps.md."""
        tables = []
        for what in ("photo", *self.args.edits):
            tables.append(self.photo() if what == "photo" else self.edit(what))
            print(tables[-1], end="\n\n", flush=True)
            (self.out / "steps.md").write_text("\n\n".join(tables) + "\n")

    def photo(self) -> str:
        """The table of new identities from photos."""
        requests, truth = self.refiner.photos(self.heads), self.heads.images
        by_steps = {}
        for steps in self.args.steps:
            folder = self.refiner.refine(f"photo-{steps}", [request | {"steps": steps} for request in requests])
            by_steps[steps] = scores(self.pack, load_pictures(folder, self.heads.names(), 1), truth)
        if self.args.edits:
            self.refiner.refine("photos", requests)
        loop = scores(self.pack, self.loop(self.heads, "photo", None), truth)
        return table("new identity", by_steps, loop, self.args.loop_steps, TARGETS["photo"])

    def edit(self, edit: str) -> str:
        """The table of prompts on refined avatars, for the heads that the edit changes."""
        truth, valid = self.heads.truth(edit)
        if not valid.any():
            return f"follow-up edit: {edit} changes none of the heads."
        heads, truth = self.heads.only(valid), truth[valid]
        before = load_pictures(self.out / "photos", heads.names(), 1)
        region = changed_region(heads.images, truth)

        def judged(made: Tensor) -> Scores:
            return scores(self.pack, made, truth) | {REMOVED: median_of(share_removed(before, made, truth, region))}

        branches = dict(zip(heads.names(edit), heads.names()))
        by_steps = {}
        for steps in self.args.steps:
            requests = [{"identity": name, "prompt": PROMPTS[edit], "steps": steps} for name in branches]
            folder = self.refiner.refine(f"{edit}-{steps}", requests, branches)
            by_steps[steps] = judged(load_pictures(folder, list(branches), 2))
        loop = judged(self.loop(heads, edit, PROMPTS[edit]))
        title = f"follow-up edit: {edit}, {len(heads.rows)} heads"
        return table(title, by_steps, loop, self.args.loop_steps, TARGETS["edit"])

    def loop(self, heads: TestHeads, edit: str, prompt: str | None) -> Tensor:
        """Pictures `[N,3,3,S,S]` of the loop's avatars. They are stored as PNG, as the product's are."""
        folder = self.out / f"loop-{self.args.loop_steps}"
        for name, row, photo in tqdm(list(zip(heads.names(edit), heads.rows, heads.images[:, :1])), f"loop, {edit}"):
            files = [folder / name / f"001-{view}.png" for view in range(len(YAWS))]
            if self.args.keep_loop and all(file.is_file() for file in files):
                continue
            intent = Intent(photo=photo, source=self.cameras[:1], prompt=prompt)
            latent = facednerf.optimise(self.pack, intent, self.weights, self.args.loop_steps, seed=int(row))
            files[0].parent.mkdir(parents=True, exist_ok=True)
            for file, picture in zip(files, self.pack.picture(latent.expand(len(YAWS), -1, -1), self.cameras)):
                save_picture(picture, file)
        return load_pictures(folder, heads.names(edit), 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    refiner.add_arguments(parser, heads=6)
    parser.add_argument("--edits", nargs="*", choices=PROMPTS, default=["glasses", "red_hair"], help="edits to measure")
    parser.add_argument("--steps", nargs="+", type=int, default=STEPS, help="numbers of steps of the product")
    parser.add_argument("--loop-steps", type=int, default=facednerf.STEPS, help="steps of the loop")
    parser.add_argument("--weights", type=json.loads, default={}, help="JSON: weights of the loop that differ from the pack's weights of a prompt")
    parser.add_argument("--keep-loop", action="store_true", help="use the loop's pictures in OUT")


def run(args: argparse.Namespace) -> int:
    """Prints the tables and writes steps.md to OUT."""
    torch.set_num_threads(1)
    StepCount(args).run()
    return 0
