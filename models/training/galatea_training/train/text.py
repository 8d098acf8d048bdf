"""Trains the text network to name the facts that a caption states.

The prior trains the text network further. A caption costs little beside a picture, so that the text network reads far more
captions here than together with the prior. Some words are made unknown.
"""

import argparse
import json
import random

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.captions import FACTS, caption, vocabulary
from ..networks.text_encoder import TOKENS, FactReader, TextEncoder
from ..networks.tokenizer import PAD_ID, UNKNOWN, build_tokenizer
from ..optimise.loop import Task, add_run_arguments, train

#: Share of words that are made unknown.
HIDDEN = 0.03


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_run_arguments(parser, minutes=3.0, batch=256, rate=1e-3, settle=0.7)


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The task of the text network and the reader of its facts."""
    tokenizer = build_tokenizer(vocabulary(), TOKENS)
    known, unseen = (
        json.loads((args.data / split / "attributes.json").read_text(encoding="utf-8")) for split in ("train", "val")
    )
    networks = nn.ModuleDict({"text": TextEncoder(tokenizer.get_vocab_size()), "facts": FactReader()}).to(device)

    def loss(_: float) -> Tensor:
        texts, facts = captions(random.choices(known, k=args.batch), random)
        ids = hide(encode(tokenizer, texts), tokenizer).to(device)
        return F.binary_cross_entropy_with_logits(networks["facts"](networks["text"](ids)), facts.to(device))

    return Task("text", networks, loss, lambda average: report(average, tokenizer, 20 * unseen, device))


def captions(
    attributes: list[dict], rng: random.Random, news: list[list[list[str]]] | None = None
) -> tuple[list[str], Tensor]:
    """A caption of each head, and the facts `[B, facts]` that it states, as 0 and 1.

    Args:
        news: for a head, the new facts of which its caption must speak (see ``captions.caption``).
    """
    texts, facts = [], torch.zeros(len(attributes), len(FACTS))
    for row, (each, fresh) in enumerate(zip(attributes, news or [None] * len(attributes), strict=True)):
        text, stated = caption(each, rng, fresh)
        texts.append(text)
        facts[row, [FACTS.index(fact) for fact in stated]] = 1.0
    return texts, facts


def encode(tokenizer, texts: list[str]) -> Tensor:
    """Token ids `[B,T]` of texts."""
    return torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(texts)])


def hide(ids: Tensor, tokenizer) -> Tensor:
    """Makes a share of the words unknown."""
    hidden = (torch.rand(ids.shape, device=ids.device) < HIDDEN) & (ids != PAD_ID)
    return torch.where(hidden, tokenizer.token_to_id(UNKNOWN), ids)


def report(networks: nn.ModuleDict, tokenizer, attributes: list[dict], device: torch.device) -> str:
    """The share of captions that are read without a mistake, and the share of right facts, in words."""
    texts, facts = captions(attributes, random.Random(1))
    said = networks["facts"](networks["text"](encode(tokenizer, texts).to(device))).cpu()
    right = (said > 0) == (facts > 0)
    return f"captions read whole {right.all(1).float().mean():.3f}, facts {right.float().mean():.4f}"
