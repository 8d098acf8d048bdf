"""Trains the latent mapper on parameters and captions of heads.

A training pair is a head and the caption of another head. The mapper must change the traits in which the caption is untrue of
the first head, after the second head's example, and keep all other traits. It reads the first head's parameters from W+ with
noise: W+ is the mapping's answer to parameters, or the encoder's answer to a picture.
"""

import argparse
import random
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from ..data.captions import SMILING_ABOVE, caption, facts_by_trait, facts_of, vocabulary
from ..data.pictures import Lights, Pictures, lit
from ..networks.encoder import Encoder
from ..networks.latent import STYLES
from ..networks.latent_mapper import AXES, TRAITS, choice_of
from ..networks.text_encoder import TOKENS
from ..networks.tokenizer import build_tokenizer
from ..networks.trained import load_encoder, load_generator, load_planes, load_text, new_mapper
from ..optimise.loop import Task, add_run_arguments, train
from ..render import heads
from .text import encode, hide

#: Greatest noise on W+, in units of its spread over heads.
LATENT_NOISE = 0.7
#: Weight of a missed change against a needless change.
MISSED = 4.0
_INDEX = {trait: i for i, trait in enumerate(TRAITS)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_run_arguments(parser, minutes=12.0, batch=512, rate=1e-3, settle=0.6)
    parser.add_argument("--heads", type=int, default=12000, help="random heads for pairs, beside the heads of pictures")
    parser.add_argument("--pictures", type=int, default=12000, help="pictures to encode, at most")
    parser.add_argument("--empty", type=float, default=0.05, help="share of captions replaced by the empty text")


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The task of the latent mapper; ``--batch`` counts pairs."""
    training = MapperTraining(args, device)
    return Task("latent_mapper", training.mapper, training.loss, training.report, keep=0.999)


def stated_traits(before: dict, after: dict, stated: Iterable[str]) -> list[str]:
    """The traits of a head that must change before stated facts of another head are true of it.

    Args:
        before, after: attributes of the two heads (see ``heads.attributes``).
        stated: facts of the other head.
    """
    known, stated = set(facts_of(before)), set(stated)
    traits = [trait for trait, facts in facts_by_trait(after).items() if stated & set(facts) - known]
    if "hair_colour" in traits and before["hair_style"] == "bald" and "hair_style" not in traits:
        traits.append("hair_style")
    return traits


class MapperTraining:
    """Owns the mapper, the frozen text network, and the parameters and attributes of heads."""

    def __init__(self, args: argparse.Namespace, device: torch.device) -> None:
        self.args, self.device = args, device
        generator = load_generator(args.runs / "generator.ckpt")
        self.mapper = new_mapper(generator, args.runs).to(device)
        self.tokenizer = build_tokenizer(vocabulary(), TOKENS)
        self.text = load_text(args.runs / "prior.ckpt", self.tokenizer).to(device)
        rng = np.random.default_rng((19, args.seed))
        people = [heads.sample(rng) for _ in range(args.heads)]
        self.attributes = [heads.attributes(head) for head in people]
        self.z = self.standardised(torch.from_numpy(np.stack([head.params for head in people])))
        with torch.no_grad():
            self.w = self.mapper.mapped(self.z)
        self.add_encoded(load_encoder(args.runs / "encoder.ckpt", generator, load_planes(generator, args.runs).basis))
        self.asked = self.exaggerated()
        self.chosen = torch.tensor([choice_of(name) >= 0 for name in heads.NAMES], device=device)

    def standardised(self, params: Tensor) -> Tensor:
        """Parameters `[N,P]`, standardised for the generator's mapping, on the device."""
        return (params.to(self.device) - self.mapper.mean) * self.mapper.scale

    @torch.no_grad()
    def add_encoded(self, encoder: Encoder, chunk: int = 64) -> None:
        """Adds encoded heads of the training set, each from its first views under random lights."""
        pictures, lights, encoder = Pictures(self.args.data / "train"), Lights(self.args.seed), encoder.to(self.device)
        views = np.arange(self.args.pictures) // len(pictures)
        rows = (np.arange(self.args.pictures) % len(pictures))[views < pictures.views]
        for part in tqdm(np.array_split(np.arange(len(rows)), -(-len(rows) // chunk)), "encoded", mininterval=10):
            images = lit(pictures.surfaces(rows[part], views[part]), lights.draw(len(part)))
            w = encoder(images.to(self.device))[:, :STYLES].flatten(1)[:, :AXES]
            self.w = torch.cat([self.w, w])
        self.z = torch.cat([self.z, self.standardised(pictures.params[rows])])
        self.attributes += [pictures.attributes[row] for row in rows]

    def exaggerated(self) -> Tensor:
        """Standardised parameters `[N,P]` of all heads, in which every smile is a full smile."""
        asked, place = self.z.clone(), heads.INDEX["smile"]
        smiling = torch.tensor([each["smile"] > SMILING_ABOVE for each in self.attributes], device=self.device)
        whole = (1 - self.mapper.mean[place]) * self.mapper.scale[place]
        asked[:, place] = torch.where(smiling, whole, asked[:, place])
        return asked

    def loss(self, _: float) -> Tensor:
        """Loss of the parameters that are read, and of the traits and parameters that must change."""
        w, z, conditioning, changed, wanted = self.batch(self.args.batch, random, self.args.empty)
        read = self.mapper.read(w + LATENT_NOISE * torch.rand(len(w), 1, device=self.device) * torch.randn_like(w))
        logits, after, before = self.mapper.wishes(read.detach(), conditioning)
        by_parameter = F.pad(changed, [0, 1])[:, self.mapper.trait]
        error = self.error(after, wanted) + self.error(before, z)
        told = F.binary_cross_entropy_with_logits(logits, changed, pos_weight=logits.new_tensor(MISSED))
        return F.smooth_l1_loss(read, z) + told + (by_parameter * error).mean()

    def error(self, found: Tensor, wanted: Tensor) -> Tensor:
        """The error of each parameter `[B,P]`: squared for choices, absolute for numbers.

        The mean of a choice is a probability, and the median of numbers is a number of some head.
        """
        error = (found - wanted).abs()
        return torch.where(self.chosen, error.square(), error)

    def batch(self, count: int, rng, empty: float) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Draws pairs at random.

        Returns:
            W+ of heads `[B,AXES]`; their standardised parameters `[B,P]`; conditioning `[B,T,E]`; traits that must change
            `[B,TRAITS]`, as 0 and 1; standardised parameters `[B,P]` after the change.
        """
        befores, afters = ([rng.randrange(len(self.z)) for _ in range(count)] for _ in range(2))
        changed, texts = torch.zeros(count, len(TRAITS)), []
        for row, (before, after) in enumerate(zip(befores, afters)):
            text, stated = ("", []) if rng.random() < empty else caption(self.attributes[after], rng)
            traits = stated_traits(self.attributes[before], self.attributes[after], stated)
            changed[row, [_INDEX[trait] for trait in traits]] = 1.0
            texts.append(text)
        ids = hide(encode(self.tokenizer, texts), self.tokenizer).to(self.device)
        with torch.no_grad():
            conditioning = self.text(ids)
        return self.w[befores], self.z[befores], conditioning, changed.to(self.device), self.asked[afters]

    def report(self, average: nn.Module) -> str:
        """The error of parameters of known heads, and the share of new captions that are understood whole, in words."""
        w, z, conditioning, changed, _ = self.batch(512, random.Random(1), 0.0)
        read = average.read(w)
        logits, _, _ = average.wishes(read, conditioning)
        right = (logits > 0) == (changed > 0)
        return f"parameters of known heads read within {(read - z).abs().mean():.3f} spreads, captions understood whole {right.all(1).float().mean():.3f}"
