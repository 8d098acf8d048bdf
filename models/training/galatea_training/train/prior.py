"""Trains the diffusion prior, and the text network on with it.

Prediction of the clean picture under the min-SNR weight (Hang et al. 2023); lights and captions are drawn anew each
time, the empty text in their place at a fixed rate (Ho and Salimans 2022), and now and then a word is made unknown.

A share of every batch is edits: the noise is on one head, the text speaks of its twin, and the twin is what is wanted.
From pictures and their captions alone a denoiser learns to trust what it sees, and heeds the text only where noise has
hidden the head; then a prompt changes nothing of an avatar, or all of it.
"""

import argparse
import random
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.captions import vocabulary
from ..data.edit_pairs import EditPairs
from ..data.pictures import Lights, Pictures, lit, save_sheet
from ..data.splits import SIZE as IMAGE_SIZE
from ..networks.noise_schedule import STEPS, add_noise, cosine_alphas_cumprod
from ..networks.prior import SIZE, AttentionBlock, Prior, ResBlock
from ..networks.text_encoder import TOKENS, WIDTH, FactReader, TextEncoder
from ..networks.tokenizer import build_tokenizer
from ..optimise.checkpoint import averaged_weights
from ..optimise.loop import Task, add_run_arguments, train
from ..optimise.muon import split_for_muon
from ..optimise.precision import mixed
from .augmentation import mirror
from .text import captions, encode, hide

#: Difference of a channel, of pictures in [-1, 1], that is seen; and the mean square below which an edit weighs no more.
VISIBLE, LEAST_CHANGE = 0.06, 0.001
SHEET_TEXTS = (
    "",
    "red hair",
    "wearing glasses",
    "with a beard",
    "a young woman with blond hair",
    "an old man with grey hair and a full beard",
    "round spectacles",
    "bald",
    "blue hair",
    "a smiling person with dark skin",
    "without glasses",
    "a clean-shaven smiling man",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser, minutes=170.0, batch=32, rate=8e-4, settle=0.4)
    parser.set_defaults(save_minutes=10.0)
    parser.add_argument("--edits", type=float, default=0.5, help="share of a batch that is edits, by twins")
    parser.add_argument("--changed", type=float, default=0.12, help="weight of what an edit changes, however small")
    parser.add_argument("--empty", type=float, default=0.12, help="share of captions replaced by the empty text")


def run(args: argparse.Namespace) -> None:
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The denoiser together with the text network."""
    training = PriorTraining(args, device)
    blocks = [part for part in training.networks["prior"].modules() if isinstance(part, (ResBlock, AttentionBlock))]
    groups, matrices = split_for_muon(training.networks, blocks)
    return Task("prior", training.networks, training.loss, training.report, groups, matrices, keep=0.9995)


class PriorTraining:
    """Owns the networks and the pictures that they learn from, shrunk to the prior's size."""

    def __init__(self, args: argparse.Namespace, device: torch.device) -> None:
        self.args, self.device = args, device
        self.tokenizer = build_tokenizer(vocabulary(), TOKENS)
        text, facts = TextEncoder(self.tokenizer.get_vocab_size()), FactReader()
        if not (args.runs / "prior.ckpt").is_file():
            start(nn.ModuleDict({"text": text, "facts": facts}), args.runs / "text.ckpt")
        self.networks = nn.ModuleDict({"text": text, "prior": Prior(WIDTH), "facts": facts})
        self.networks.to(device, memory_format=torch.channels_last)
        self.alphas, self.lights = cosine_alphas_cumprod().to(device), Lights(args.seed, device)
        self.known, self.unseen = (Pictures(args.data / split, device) for split in ("train", "val"))
        self.small = self.known.shrunk(IMAGE_SIZE // SIZE)
        self.families = EditPairs(args.data, device)

    def loss(self, _: float) -> Tensor:
        """The denoising loss of a fresh batch, and a little of naming the facts that the captions state."""
        seen, wanted, ids, facts = self.batch()
        with mixed(self.device):
            conditioning = self.networks["text"](ids)
            loss = self.denoising_loss(self.networks["prior"], seen, wanted, conditioning)
            said = self.networks["facts"](conditioning).float()
        return loss + 0.2 * F.binary_cross_entropy_with_logits(said, facts)

    def batch(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """A share of edits, the rest pictures that their captions are true of, half of all mirrored.

        Returns:
            Pictures to put noise on and pictures to find, `[B,3,64,64]` each; token ids `[B,T]`; stated facts
            `[B, facts]`. Under the empty text what is found is what is seen.
        """
        edits = self.families.draw(round(self.args.edits * self.args.batch))
        heads, views = self.known.draw(self.args.batch - len(edits.news))
        whole = self.small[heads * self.known.views + views].float()
        texts, facts = captions(
            [*edits.attributes, *(self.known.attributes[head] for head in heads)], random, [*edits.news, *[None] * len(heads)]
        )
        said = (torch.rand(len(texts), 1) >= self.args.empty).long()
        ids = said * hide(encode(self.tokenizer, texts), self.tokenizer)
        lights = self.lights.draw(len(texts))
        pair = [lit(torch.cat([surfaces, whole]), lights) for surfaces in (edits.before, edits.after)]
        seen, wanted = mirror(torch.cat(pair, 1))[0].chunk(2, 1)
        wanted = torch.where(said[:, :, None, None].to(self.device) > 0, wanted, seen)
        return seen, wanted, ids.to(self.device), (said * facts).to(self.device)

    def denoising_loss(self, prior: nn.Module, seen: Tensor, wanted: Tensor, conditioning: Tensor) -> Tensor:
        """Squared error of what is wanted times the SNR within [0.3, 5]; timesteps are stratified over the batch.

        Where the wanted picture visibly differs from the seen one, the error weighs as much more as the difference is
        small: an edit counts the same whether it concerns a mouth or all hair, on dark skin or on light.
        """
        count, device = len(seen), seen.device
        place = torch.randperm(count, device=device) + torch.rand(count, device=device)
        timestep = (place / count * STEPS).long().clamp(max=STEPS - 1)
        level = self.alphas[timestep]
        x_t = add_noise(seen, torch.randn_like(seen), level)
        change = wanted - seen
        amount = change.square().mean((1, 2, 3))[:, None, None]
        weight = 1.0 + self.args.changed * (change.abs().amax(1) > VISIBLE) / (amount + LEAST_CHANGE)
        error = (prior.clean(x_t, timestep, conditioning).float() - wanted).square().mean(1)
        return ((weight * error).mean((1, 2)) * (level / (1.0 - level)).clamp(0.3, 5.0)).mean()

    def report(self, average: nn.ModuleDict) -> str:
        """The denoising loss; writes samples by text to `prior.png`."""
        heads, views = self.unseen.everything(most=32)
        pictures = F.avg_pool2d(self.unseen.surfaces(heads, views), IMAGE_SIZE // SIZE)
        texts, _ = captions([self.unseen.attributes[head] for head in heads], random.Random(1))
        with mixed(self.device):
            conditioning = average["text"](encode(self.tokenizer, texts).to(self.device))
            images = lit(pictures, self.lights.draw(len(heads)))
            loss = self.denoising_loss(average["prior"], images, images, conditioning)
        sheet = sample(average["text"], average["prior"], self.tokenizer, SHEET_TEXTS, 4, 1.5)
        save_sheet(sheet, 12, self.args.runs / "prior.png")
        return f"denoising loss {loss.item():.4f}"


def start(networks: nn.ModuleDict, checkpoint: Path) -> None:
    """Takes the text network and its reader from a run of `text`."""
    if not checkpoint.is_file():
        raise FileNotFoundError(f"{checkpoint}: run the command `text` first")
    networks.load_state_dict(averaged_weights(checkpoint))


@torch.no_grad()
def sample(text, prior, tokenizer, texts, each: int, guidance: float, steps: int = 20, seed: int = 5) -> Tensor:
    """DDIM samples (Song et al. 2021) under classifier-free guidance: `[texts * each, 3, 64, 64]`, text by text."""
    device = next(prior.parameters()).device
    ids = encode(tokenizer, [line for line in texts for _ in range(each)]).to(device)
    alphas = cosine_alphas_cumprod().to(device)
    x = torch.randn(len(ids), 3, SIZE, SIZE, generator=torch.Generator().manual_seed(seed)).to(device)
    times = torch.linspace(STEPS - 1, 0, steps + 1).long().tolist()
    with mixed(device):
        conditioning, empty = text(ids), text(torch.zeros_like(ids))
        for now, then in zip(times[:-1], times[1:], strict=True):
            at = torch.full((len(ids),), now, device=device)
            base = prior.clean(x, at, empty).float()
            x0 = (base + guidance * (prior.clean(x, at, conditioning).float() - base)).clamp(-1, 1)
            noise = (x - alphas[now].sqrt() * x0) / (1.0 - alphas[now]).sqrt()
            x = alphas[then].sqrt() * x0 + (1.0 - alphas[then]).sqrt() * noise
    return x0
