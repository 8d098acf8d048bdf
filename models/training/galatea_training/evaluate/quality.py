"""Measures the quality of a pack on unseen heads, through the product's own refiner.

The command writes requests, lets ``galatea refine`` carry them out, reads the pictures back and compares them with true
renders. The product first refines a photo of each test head; each edit starts from that avatar. Figures are medians.

The pack's identity and lighting networks may steer refinement, so that it may fool them. The judge never steers: where a score
by the pack is good and the judge's is bad, the pack's network was fooled.

*Region*: where the true edit changes the true picture (``measures.CHANGED``). *Removed*: the share of the distance to the true
edited render that the edit removed. The distance is the root mean square over the region in the three test views.
"""

import argparse
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from skimage.metrics import structural_similarity
from torch import Tensor

from ..data.captions import caption
from ..data.pictures import save_sheet
from ..networks.judge import CHOICES
from ..networks.trained import load_judge
from ..render.heads import HAIR_EDITS
from . import refiner
from .measures import (
    changed_region,
    cosine,
    distance,
    median,
    psnr,
    recognition_rate,
    share_of_estimate_removed,
    share_removed,
)
from .refiner import Refiner, load_heads, load_pictures

PROMPTS = {
    **{name: f"{colour} hair" for name, colour in HAIR_EDITS.items()},
    "glasses": "wearing round glasses",
    "no_glasses": "without glasses",
    "beard": "with a full beard",
    "smile": "smiling",
}
LIGHTS = ("light_left", "light_right")
GROUPS = ("skin", "sex", "age")


@dataclass
class Table:
    """A table of figures; each row has a name, a figure and the least value that is wanted."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, target: str = "") -> None:
        """Adds a row and prints it."""
        self.rows.append((what, figure, target))
        print(f"{what:48s} {figure:>24s}   {target}", flush=True)

    def markdown(self) -> str:
        """The table in Markdown."""
        lines = ["| what | median | at least |", "|---|---|---|"]
        return "\n".join(lines + [f"| {' | '.join(row)} |" for row in self.rows]) + "\n"


class Evaluation:
    """One run of the command: its options, its heads and its folder."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.out, self.refiner = args, args.out, Refiner(args)
        self.heads = load_heads(args.data / "test", args.heads)
        self.judge = load_judge(args.judge) if args.judge else None
        identity, lighting = (torch.jit.load(args.pack / f"{name}.pt").eval() for name in ("identity", "lighting"))
        self.identities, self.lightings = {"pack": identity}, {"pack": lighting}
        if self.judge:
            self.identities["judge"] = lambda images: self.judge.person(self.judge(images))
            self.lightings["judge"] = lambda images: self.judge.light(self.judge(images))
        self.table = Table()
        self.removed_shares: list[tuple[dict, float]] = []

    def run(self) -> None:
        """Measures everything that the options ask for, and writes the table and the sheets."""
        before = self.photos()
        columns = [self.heads.images[:, 0], before[:, 0]]
        edits = [edit for edit in self.args.edits if edit in PROMPTS or edit in LIGHTS]
        folder = self.refiner.refine("edits", *self.requests(edits)) if edits else None
        for edit in edits:
            at = self.edited(edit)
            names = self.heads.names(edit)
            after, truth = load_pictures(folder, [names[i] for i in at], 2), self.heads.truth(edit)[0]
            (self.prompt if edit in PROMPTS else self.light)(edit, at, before[at], after, truth[at])
            columns += [before[:, 0].clone(), truth[:, 0]]
            columns[-2][at] = after[:, 0]
        if self.removed_shares:
            self.groups("edits by {}: removed", *map(list, zip(*self.removed_shares)))
        if self.args.texts and self.judge:
            self.texts()
        if self.args.sequences and self.judge:
            self.sequences(before)
        save_sheet(torch.stack(columns, 1)[: self.args.sheet_rows].flatten(0, 1), len(columns), self.out / "sheet.png")
        (self.out / "table.md").write_text(self.table.markdown())

    def photos(self) -> Tensor:
        """Refines the photos and measures the pictures; returns them, `[N,3,3,128,128]`."""
        folder = self.refiner.refine("photos", self.refiner.photos(self.heads))
        made, truth = load_pictures(folder, self.heads.names(), 1), self.heads.images
        near = psnr(made, truth)
        alike = [structural_similarity(*(x[0].permute(1, 2, 0).numpy() for x in pair), channel_axis=2, data_range=2)
                 for pair in zip(made, truth)]
        self.table.add("reconstruction, source view, dB", median(near[:, 0]), "29.5")
        self.table.add("reconstruction, ±0.35 rad, dB", median(near[:, 1:]), "27")
        self.table.add("reconstruction, SSIM at the source view", f"{np.median(alike):.3f}", "0.85")
        for name, network in self.identities.items():
            own = recognition_rate(network, made[:, 0], truth[:, 0])
            self.table.add(f"reconstruction: nearer to its own photo than to another, by {name}", f"{own:.2f}")
        self.groups("reconstruction by {}, dB", self.heads.attributes, near[:, 0].tolist())
        return made

    def groups(self, what: str, attributes: list[dict], figures: list[float]) -> None:
        """Adds medians of figures by groups of people, with the size of each group.

        Args:
            what: name of the row, with a place for the group.
            attributes: of the head of each figure.
        """
        for group in GROUPS:
            words, values = [each[group] for each in attributes], torch.tensor(figures)
            shares = {word: values[[w == word for w in words]] for word in sorted(set(words))}
            parts = (f"{word} {median(share)} ({len(share)})" for word, share in shares.items())
            self.table.add(what.format(group), ", ".join(parts))

    def edited(self, edit: str) -> np.ndarray:
        """Indices of the heads that get an edit: the first ``--each`` heads that it changes."""
        return self.heads.changed_by(edit)[: self.args.each]

    def requests(self, edits: list[str]) -> tuple[list[dict], dict[str, str]]:
        """Requests of the edits, and for each identity the photo's identity that it starts from."""
        requests, branches = [], {}
        for edit in edits:
            light, names, origins = self.heads.edit_array(edit, "light"), self.heads.names(edit), self.heads.names()
            for i in self.edited(edit):
                wish = {"prompt": PROMPTS[edit]} if edit in PROMPTS else {"light": {"sh": light[i].tolist()}}
                requests.append({"identity": names[i], **wish})
                branches[names[i]] = origins[i]
        return requests, branches

    def prompt(self, edit: str, at: np.ndarray, before: Tensor, after: Tensor, truth: Tensor) -> None:
        """Adds the figures of a prompt on the heads ``at``."""
        photos = self.heads.images[at]
        region = changed_region(photos, truth)
        outside = -20 * torch.log10(distance(after, before, 1.0 - region) / 2)
        target = "0.5" if edit in HAIR_EDITS else "0.35"
        shares = share_removed(before, after, truth, region)
        self.removed_shares += [(self.heads.attributes[i], share) for i, share in zip(at, shares.tolist())]
        self.table.add(f"{edit}: removed ({len(at)} heads)", median(shares), target)
        exact = (before + truth - photos).clamp(-1, 1)
        self.table.add(f"{edit}: removed by the true edit of the same avatar", median(share_removed(before, exact, truth, region)))
        self.table.add(f"{edit}: outside, before against after, dB", median(outside), "28")
        for name, network in self.identities.items():
            ours, theirs = cosine(network, before[:, 0], after[:, 0]), cosine(network, photos[:, 0], truth[:, 0])
            self.table.add(f"{edit}: identity by {name}, ours less true edit's", median(ours - theirs), "-0.05")

    def light(self, edit: str, at: np.ndarray, before: Tensor, after: Tensor, truth: Tensor) -> None:
        """Adds the figures of a light on the heads ``at``."""
        near, far = psnr(after, truth), psnr(before, truth)
        self.table.add(f"{edit}: source view, dB ({len(at)} heads)", median(near[:, 0]), "25")
        self.table.add(f"{edit}: gain, source view, dB", median(near[:, 0] - far[:, 0]), "2")
        self.table.add(f"{edit}: gain, ±0.35 rad, dB", median(near[:, 1:] - far[:, 1:]), "0")
        for name, network in self.lightings.items():
            share = share_of_estimate_removed(network, before[:, 0], after[:, 0], truth[:, 0])
            self.table.add(f"{edit}: distance to the true light removed, by {name}", median(share))

    def texts(self) -> None:
        """Makes new identities from texts alone, and measures which facts the judge sees in them."""
        rng = random.Random(5)
        everything = json.loads((self.args.data / "train" / "attributes.json").read_text())
        asked = [rng.choice(everything) for _ in range(self.args.texts)]
        texts = [caption(attributes, rng) for attributes in asked]
        names = [f"text.{i:03d}" for i in range(len(texts))]
        folder = self.refiner.refine("texts", [{"identity": n, "prompt": text} for n, (text, _) in zip(names, texts)])
        made = load_pictures(folder, names, 1)
        words = self.judge.words(self.judge(made[:, 0]))
        found = [
            is_seen(fact, {name: said[i] for name, said in words.items()})
            for i, (_, facts) in enumerate(texts)
            for fact in facts
        ]
        self.table.add(f"text alone: attributes found ({len(found)} asked)", f"{np.mean(found):.2f}", "0.85")
        save_sheet(made[:, 0], 8, self.out / "texts.png")
        (self.out / "texts.txt").write_text("\n".join(text for text, _ in texts) + "\n")

    def sequences(self, before: Tensor) -> None:
        """Edits a photo by glasses, side light and red hair in turn, and measures which edits the judge sees at the end."""
        chosen = [
            i for i, a in enumerate(self.heads.attributes)
            if a["glasses"] == "none" and a["hair_style"] != "bald" and a["hair_colour"] != "red"
        ][: self.args.sequences]
        names = [f"sequence.{self.heads.rows[i]:03d}" for i in chosen]
        light = self.heads.edit_array("light_left", "light")[0].tolist()
        wishes = ({"prompt": PROMPTS["glasses"]}, {"light": {"sh": light}}, {"prompt": PROMPTS["red_hair"]})
        requests = [{"identity": name, **wish} for name in names for wish in wishes]
        branches = dict(zip(names, [self.heads.names()[i] for i in chosen]))
        folder = self.refiner.refine("sequences", requests, branches)
        stages = [before[chosen, 0]] + [load_pictures(folder, names, version)[:, 0] for version in (2, 3, 4)]
        features = self.judge(stages[-1])
        words = self.judge.words(features)
        turned = self.judge.light(features)[:, 3] < self.judge.light(self.judge(stages[0]))[:, 3]
        self.table.add("sequence: glasses still seen", f"{np.mean([w != 'none' for w in words['glasses']]):.2f}", "1")
        self.table.add("sequence: light still from the left", f"{turned.float().mean():.2f}", "1")
        self.table.add("sequence: red hair seen", f"{np.mean([w == 'red' for w in words['hair_colour']]):.2f}", "1")
        save_sheet(torch.stack(stages, 1).flatten(0, 1), len(stages), self.out / "sequences.png")


def is_seen(fact: str, words: dict[str, str]) -> bool:
    """Whether a fact of a caption agrees with the judge's words."""
    if fact in ("no glasses", "no beard"):
        return words[fact[3:]] == "none"
    if fact in ("glasses", "beard"):
        return words[fact] != "none"
    if fact in ("smile", "no smile"):
        return (words["smile"] == "yes") == (fact == "smile")
    first, _, kind = fact.rpartition(" ")
    if kind == "hair" and first in CHOICES["hair_colour"]:
        return words["hair_colour"] == first
    if fact in ("bald", "ponytail", "braid") or kind == "hair":
        return words["hair_style"] == (first or fact)
    named = {"eyes": "eye_colour", "skin": "skin", "glasses": "glasses", "beard": "beard", "mouth": "mouth"}
    return words[named[kind]] == first if first else fact in (words["sex"], words["age"])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    refiner.add_arguments(parser, heads=128)
    parser.add_argument("--judge", type=Path, help="checkpoint of the judge; without it, figures by the judge are missing")
    parser.add_argument("--edits", nargs="*", default=[*PROMPTS, *LIGHTS], help="edits to measure")
    parser.add_argument("--each", type=int, default=48, help="greatest number of heads for each edit")
    parser.add_argument("--texts", type=int, default=48, help="number of new identities from texts alone")
    parser.add_argument("--sequences", type=int, default=12, help="number of heads that get three edits in turn")
    parser.add_argument("--sheet-rows", type=int, default=8, help="heads on the sheet")


def run(args: argparse.Namespace) -> int:
    """Prints the table, and writes table.md and the sheets to OUT."""
    torch.set_num_threads(1)
    Evaluation(args).run()
    return 0
