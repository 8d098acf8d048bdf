"""Trains the diffusion prior, and trains the text network further with it.

The prior predicts the clean picture under the min-SNR weight (Hang et al. 2023). Lights and captions are random in every
batch. The empty text replaces a fixed share of captions (Ho and Salimans 2022), and some words are made unknown.

A share of every batch is edits: the noise is added to one head, the text describes its twin, and the prior must predict the
twin. A prior that sees only pictures with their own captions learns to trust the picture. It follows the text only where noise
hides the head, so that a prompt changes nothing of an avatar, or all of it.
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

#: Least visible difference of a channel, in pictures in [-1, 1]; and the mean square below which edits gain no more weight.
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
    """Options of the command."""
    add_run_arguments(parser, minutes=170.0, batch=32, rate=8e-4, settle=0.4)
    parser.set_defaults(save_minutes=10.0)
    parser.add_argument("--edits", type=float, default=0.5, help="share of a batch that is edits")
    parser.add_argument("--changed", type=float, default=0.12, help="weight of the pixels that an edit changes")
    parser.add_argument("--empty", type=float, default=0.12, help="share of captions replaced by the empty text")


def run(args: argparse.Namespace) -> None:
    """Trains, or continues training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The task of the prior and the text network."""
    training = PriorTraining(args, device)
    blocks = [part for part in training.networks["prior"].modules() if isinstance(part, (ResBlock, AttentionBlock))]
    groups, matrices = split_for_muon(training.networks, blocks)
    return Task("prior", training.networks, training.loss, training.report, groups, matrices, keep=0.9995)


class PriorTraining:
    """Owns the networks and the pictures that they learn from, at the prior's size."""

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
        """The denoising loss of a fresh batch, and a small loss of the facts that the captions state."""
        seen, wanted, ids, facts = self.batch()
        with mixed(self.device):
            conditioning = self.networks["text"](ids)
            loss = self.denoising_loss(self.networks["prior"], seen, wanted, conditioning)
            said = self.networks["facts"](conditioning).float()
        return loss + 0.2 * F.binary_cross_entropy_with_logits(said, facts)

    def batch(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """A batch of edits and of pictures with their own captions. Half of the pictures are mirrored.

        Returns:
            Pictures to add noise to and pictures to predict, `[B,3,64,64]` each; token ids `[B,T]`; stated facts
            `[B, facts]`. Under the empty text both pictures are the same.
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
        """Squared error of the predicted picture times the SNR, within [0.3, 5]. Timesteps are stratified over the batch.

        Pixels that an edit visibly changes weigh more, and the more so the smaller the edit is. An edit of a mouth then counts as
        much as an edit of all hair, on dark skin as on light.
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
        """The denoising loss in words; writes samples by text to ``prior.png``."""
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
    """Loads the text network and the reader of facts from the checkpoint of ``train.text``.

    Raises:
        FileNotFoundError: the checkpoint does not exist.
    """
    if not checkpoint.is_file():
        raise FileNotFoundError(f"{checkpoint}: run the command train.text first")
    networks.load_state_dict(averaged_weights(checkpoint))


@torch.no_grad()
def sample(text, prior, tokenizer, texts, each: int, guidance: float, steps: int = 20, seed: int = 5) -> Tensor:
    """DDIM samples (Song et al. 2021) with classifier-free guidance: `[texts · each, 3, 64, 64]`, text by text."""
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
