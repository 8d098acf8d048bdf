"""Trains the text network to tell the facts that a caption states, before the prior learns pictures with it.

A caption costs next to nothing against a picture, so the text network sees far more of them here than beside the prior.
Words are made unknown now and then. The figure printed is on wordings of heads never used in training.
"""

import argparse
import json
import random

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .captions import FACTS, caption, vocabulary
from .text_encoder import TOKENS, FactReader, TextEncoder
from .tokenizer import PAD_ID, UNKNOWN, build_tokenizer
from .training import add_run_arguments, restore, save, train_for

HIDDEN = 0.03


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser, minutes=3.0, batch=256, rate=1e-3)


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng, tokenizer = random.Random(args.seed), build_tokenizer(vocabulary(), TOKENS)
    attributes = json.loads((args.data / "train" / "attributes.json").read_text(encoding="utf-8"))
    networks = nn.ModuleDict({"text": TextEncoder(tokenizer.get_vocab_size()), "facts": FactReader()})
    restore(networks, args.runs / "text.ckpt")

    def loss() -> Tensor:
        texts, facts = captions([rng.choice(attributes) for _ in range(args.batch)], rng)
        return F.binary_cross_entropy_with_logits(networks["facts"](networks["text"](hide(encode(tokenizer, texts), tokenizer))), facts)

    optimiser = torch.optim.AdamW(networks.parameters(), betas=(0.9, 0.99), weight_decay=0.01)
    steps = train_for(args.minutes, args.learning_rate, optimiser, loss)
    save(networks, args.runs / "text.ckpt")
    unseen = json.loads((args.data / "val" / "attributes.json").read_text(encoding="utf-8"))
    print(f"text: {steps} steps; {report(networks.eval(), tokenizer, 20 * unseen)}", flush=True)


def captions(attributes: list[dict], rng: random.Random) -> tuple[list[str], Tensor]:
    """A caption of each head and the facts that it states `[B, facts]`."""
    texts, facts = [], torch.zeros(len(attributes), len(FACTS))
    for row, each in enumerate(attributes):
        text, stated = caption(each, rng)
        texts.append(text)
        facts[row, [FACTS.index(fact) for fact in stated]] = 1.0
    return texts, facts


def encode(tokenizer, texts: list[str]) -> Tensor:
    """Token ids `[B,T]`."""
    return torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(texts)])


def hide(ids: Tensor, tokenizer) -> Tensor:
    """The ids with a share of the words made unknown."""
    hidden = (torch.rand(ids.shape) < HIDDEN) & (ids != PAD_ID)
    return torch.where(hidden, tokenizer.token_to_id(UNKNOWN), ids)


@torch.no_grad()
def report(networks: nn.ModuleDict, tokenizer, attributes: list[dict]) -> str:
    """How many captions are read without a mistake, and how many facts are right."""
    texts, facts = captions(attributes, random.Random(1))
    right = (networks["facts"](networks["text"](encode(tokenizer, texts))) > 0) == (facts > 0)
    return f"captions read whole {right.all(1).float().mean():.3f}, facts {right.float().mean():.4f}"
