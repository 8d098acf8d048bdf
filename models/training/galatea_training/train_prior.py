"""Trains the diffusion prior, and the text network on with it.

Prediction of the clean picture under the min-SNR weight (Hang et al. 2023); lights and captions are drawn anew each time,
the empty text in their place at a fixed rate (Ho and Salimans 2022), and now and then a word is made unknown. The run can be stopped and started again with the same
command; it reads the dataset anew while that still grows.
"""

import argparse
import copy
import random
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .captions import vocabulary
from .pictures import Lights, Pictures, lit, save_sheet
from .prior import SIZE, Prior
from .schedule import STEPS, add_noise, cosine_alphas_cumprod
from .text_encoder import TOKENS, WIDTH, FactReader, TextEncoder
from .tokenizer import build_tokenizer
from .train_text import captions, encode, hide

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
    parser.add_argument("--data", type=Path, required=True, help="dataset folder")
    parser.add_argument("--runs", type=Path, required=True, help="folder of checkpoints and sheets")
    parser.add_argument("--minutes", type=float, default=60.0, help="wall-clock time of this call")
    parser.add_argument("--batch", type=int, default=32, help="pictures a step")
    parser.add_argument("--learning-rate", type=float, default=6e-4, help="peak of AdamW's learning rate")
    parser.add_argument("--empty", type=float, default=0.12, help="share of captions replaced by the empty text")
    parser.add_argument("--settle", type=float, default=0.0, help="last share of the time in which the rate falls to 0")
    parser.add_argument("--save-minutes", type=float, default=5.0, help="time between checkpoints")
    parser.add_argument("--sheet-minutes", type=float, default=15.0, help="time between sheets of samples")
    parser.add_argument("--seed", type=int, default=7)


def run(args: argparse.Namespace) -> None:
    args.runs.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    trainer = Trainer(args)
    trainer.train()


class Trainer:
    """Owns the networks, their moving averages, the optimiser and the checkpoint `prior.ckpt`."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        torch.manual_seed(args.seed)
        self.rng = random.Random(args.seed)
        self.tokenizer = build_tokenizer(vocabulary(), TOKENS)
        self.networks = nn.ModuleDict(
            {"text": TextEncoder(self.tokenizer.get_vocab_size()), "prior": Prior(WIDTH), "facts": FactReader()}
        )
        self.networks.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.networks).requires_grad_(False).eval()
        self.optimiser = torch.optim.AdamW(self.networks.parameters(), betas=(0.9, 0.99), weight_decay=0.01)
        self.alphas = cosine_alphas_cumprod()
        self.step = 0
        self.checkpoint = args.runs / "prior.ckpt"
        if self.checkpoint.is_file():
            self.restore()
        elif (args.runs / "text.ckpt").is_file():
            self.begin_with(torch.load(args.runs / "text.ckpt", weights_only=True))
        self.lights = Lights(args.seed)
        self.pictures: Pictures | None = None
        self.reload()

    def reload(self) -> None:
        """Reads the heads that are finished by now, if they are more than before."""
        pictures = Pictures(self.args.data / "train")
        if self.pictures is None or len(pictures) > len(self.pictures):
            self.pictures, self.small = pictures, pictures.shrunk(128 // SIZE)
            print(f"{len(pictures)} heads", flush=True)

    def train(self) -> None:
        start = saved = drawn = time.monotonic()
        self.losses: list[float] = []
        while (elapsed := time.monotonic() - start) < 60.0 * self.args.minutes:
            self.one_step(self.rate(elapsed / (60.0 * self.args.minutes)))
            if time.monotonic() - saved > 60.0 * self.args.save_minutes:
                self.save()
                self.reload()
                saved = time.monotonic()
            if time.monotonic() - drawn > 60.0 * self.args.sheet_minutes:
                self.draw()
                drawn = time.monotonic()
        self.save()
        self.draw()

    def rate(self, spent: float) -> float:
        """Learning rate after a share of the time: warm-up over 300 steps, then constant, then linear to 0."""
        fall = min(1.0, (1.0 - spent) / self.args.settle) if self.args.settle > 0 else 1.0
        return self.args.learning_rate * min(1.0, (self.step + 1) / 300) * fall

    def one_step(self, rate: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        x0, ids, facts = self.batch()
        with torch.autocast("cpu", torch.bfloat16):
            conditioning = self.networks["text"](ids)
            loss = self.denoising_loss(x0, conditioning)
            said = self.networks["facts"](conditioning).float()
        total = loss + 0.2 * F.binary_cross_entropy_with_logits(said, facts)
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.networks.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        self.losses.append(float(loss.detach()))
        self.follow(min(0.9995, 1.0 - 10.0 / (100.0 + self.step)))

    def batch(self) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures `[B,3,64,64]`, half of them mirrored, token ids `[B,T]` and stated facts `[B, facts]`."""
        count = self.args.batch
        heads = torch.randint(len(self.pictures), (count,))
        views = torch.randint(self.pictures.views, (count,))
        x0 = lit(self.small[heads * self.pictures.views + views], self.lights.draw(count))
        mirrored = torch.rand(count) < 0.5
        x0 = torch.where(mirrored[:, None, None, None], x0.flip(3), x0)
        texts, facts = captions([self.pictures.attributes[head] for head in heads.tolist()], self.rng)
        said = (torch.rand(count, 1) >= self.args.empty).long()
        ids = said * hide(encode(self.tokenizer, texts), self.tokenizer)
        return x0.contiguous(memory_format=torch.channels_last), ids, said * facts

    def denoising_loss(self, x0: Tensor, conditioning: Tensor) -> Tensor:
        """Squared error of x_0 times the SNR within [0.3, 5]; timesteps are stratified over the batch."""
        count = x0.shape[0]
        timestep = ((torch.arange(count) + torch.rand(count)) / count * STEPS).long().clamp(max=STEPS - 1)
        level = self.alphas[timestep]
        noise = torch.randn_like(x0)
        x_t = add_noise(x0, noise, level)
        error = (self.networks["prior"].clean(x_t, timestep, conditioning).float() - x0).square().mean((1, 2, 3))
        return (error * (level / (1.0 - level)).clamp(0.3, 5.0)).mean()

    def follow(self, keep: float) -> None:
        with torch.no_grad():
            for mine, theirs in zip(self.average.parameters(), self.networks.parameters(), strict=True):
                mine.lerp_(theirs, 1.0 - keep)

    def save(self) -> None:
        recent = self.losses[-200:]
        loss = sum(recent) / max(1, len(recent))
        print(f"{time.strftime('%H:%M:%S')} step {self.step} heads {len(self.pictures)} loss {loss:.4f}", flush=True)
        state = {
            "networks": self.networks.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        fresh = self.checkpoint.with_suffix(".new")
        torch.save(state, fresh)
        fresh.replace(self.checkpoint)

    def draw(self) -> None:
        """Writes `prior.png`, samples by text."""
        sheet = sample(self.average["text"], self.average["prior"], self.tokenizer, SHEET_TEXTS, 4, 4.0)
        save_sheet(sheet, 12, self.args.runs / "prior.png")

    def begin_with(self, text: dict[str, Tensor]) -> None:
        """Takes the text network and its reader from a run of train_text."""
        for networks in (self.networks, self.average):
            networks.load_state_dict(text, strict=False)

    def restore(self) -> None:
        state = torch.load(self.checkpoint, weights_only=True)
        self.networks.load_state_dict(state["networks"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]


@torch.no_grad()
@torch.autocast("cpu", torch.bfloat16)
def sample(text, prior, tokenizer, texts, each: int, guidance: float, steps: int = 20, seed: int = 5) -> Tensor:
    """DDIM samples (Song et al. 2021) under classifier-free guidance: `[texts * each, 3, 64, 64]`, text by text."""
    ids = torch.tensor([tokenizer.encode(line).ids for line in texts for _ in range(each)])
    conditioning, empty = text(ids), text(torch.zeros_like(ids))
    alphas = cosine_alphas_cumprod()
    x = torch.randn(len(ids), 3, SIZE, SIZE, generator=torch.Generator().manual_seed(seed))
    times = torch.linspace(STEPS - 1, 0, steps + 1).long()
    for now, then in zip(times[:-1], times[1:], strict=True):
        at = now.expand(len(ids))
        base = prior.clean(x, at, empty).float()
        x0 = (base + guidance * (prior.clean(x, at, conditioning).float() - base)).clamp(-1, 1)
        noise = (x - alphas[now].sqrt() * x0) / (1.0 - alphas[now]).sqrt()
        x = alphas[then].sqrt() * x0 + (1.0 - alphas[then]).sqrt() * noise
    return x0
