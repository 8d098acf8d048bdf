"""Trains the encoder further, on made-up photographs of rendered people.

What is encoded is a photograph, aligned and matted with the errors of either; what is asked for stays clean: the head as the pack
draws it, from the photograph's side and another, under a light and in colours as bright as the photograph's. Half of a step are the
pack's own pictures, as ``train.encoder`` has them, so that these are still met. The generator stays as it is.
"""

import argparse

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.backdrops import noise
from ..data.pictures import lit, save_sheet
from ..data.snapshots import Snapshots, WideViews, framing_about
from ..data.wide_views import CROP, SIZE
from ..evaluate.measures import psnr
from ..networks.generator import IMAGE_SIZE, Generator, LatentRenderer
from ..networks.matting import matted
from ..networks.planes import LatentPlanes
from ..optimise.checkpoint import averaged_weights
from ..optimise.loop import Task, add_run_arguments, train
from ..optimise.muon import split_for_muon
from ..optimise.precision import mixed
from ..render import heads
from ..render.shading import surface_of
from .batches import cropped, random_corners
from .encoder import LEAST_FAR, EncoderTraining, add_source_arguments

#: How far an aligned crop may be off: sides, and shift in sides; roll in radians.
SIDES, SHIFT, ROLL = (0.96, 1.05), 0.02, 0.06
#: The parameters that real shapes and moods leave untold.
_UNTOLD = [heads.INDEX[name] for name in (*heads.MORPHS, *heads.EXPRESSIONS)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_run_arguments(parser, minutes=60, batch=4, rate=6e-4, settle=0.6)
    add_source_arguments(parser)
    parser.add_argument("--own", type=int, default=4, help="heads a step in the pack's own pictures")
    parser.add_argument(
        "--told", type=int, default=12, help="heads a step of which nothing is drawn, half in photographs"
    )


def run(args: argparse.Namespace) -> None:
    """Trains, or goes on training."""
    train(task, args)


def task(args: argparse.Namespace, device: torch.device) -> Task:
    """The encoder's trunk; --batch counts photographs that are drawn of."""
    training = PhotoEncoderTraining(args, device)
    trunk = training.encoder.trunk
    trunk.load_state_dict(averaged_weights(args.runs / "encoder.ckpt"))
    groups, matrices = split_for_muon(trunk, trunk.hidden_layers())

    def loss(_: float) -> Tensor:
        own = training.picture_loss(args.own) + 0.2 * training.parameter_loss(args.told // 2)
        return own + training.photograph_loss(args.batch, args.told // 2)

    return Task("photo_encoder", trunk, loss, training.report_both, groups, matrices, weight_decay=0.0, keep=0.998)


class PhotoEncoderTraining(EncoderTraining):
    """``EncoderTraining`` with photographs beside the pack's own pictures."""

    def __init__(self, args: argparse.Namespace, device: torch.device):
        super().__init__(args, device)
        self.people, self.strangers = (WideViews(args.data / "wide" / split) for split in ("train", "val"))

    def photograph_loss(self, count: int, more: int) -> Tensor:
        """Loss of what is drawn of so many photographs from two sides each, and of what is found in them and in ``more``."""
        seen, picture = self.photographs(self.people, count + more)
        with mixed(self.device):
            found = self.encoder.trunk(picture.contiguous(memory_format=torch.channels_last))
        found = tuple(x.float() for x in found)
        gain, light = gains(seen, self.people)
        told = self._parameter_loss(found, self.people.params[seen.heads], light)
        found = tuple(x[:count] for x in found)
        w, (_, _, styles, residual) = self.encoder.latent(found), found
        batch = clean_batch(self.people, seen.heads[:count], gain[:count], light[:count])
        added = styles.square().mean() + residual.square().mean()
        return 0.15 * told + 1e-4 * added + self._quarter_loss(w, cropped(batch, random_corners(2 * count, IMAGE_SIZE)))

    def photographs(self, people: WideViews, count: int) -> tuple[Snapshots, Tensor]:
        """Photographs of people, and the same matted, with mattes as a network would guess them."""
        chosen = np.random.randint(len(people), size=count)
        views = np.where(np.random.rand(count) < 0.6, 0, 1)
        seen = people.snapshots(chosen, views, framing_about(count, SIDES, SHIFT, ROLL), CROP)
        return seen, matted(seen.picture, guessed(seen.matte))

    def _parameter_loss(self, found: tuple[Tensor, ...], params: Tensor, light: Tensor) -> Tensor:
        """Loss of parameters that people's shapes leave as they are, and of the light."""
        render, mapping = self.generator.render, self.generator.mapping
        truth = mapping.standard(params)
        truth[:, _UNTOLD] = found[0].detach()[:, _UNTOLD]
        far = (((found[0] - truth) @ self.metric).square().mean(1) + LEAST_FAR).sqrt().mean()
        lights = (light - render.light_mean) / render.light_scale
        return far + F.smooth_l1_loss(found[0], truth) + F.smooth_l1_loss(found[1], lights)

    def report_both(self, average: nn.Module) -> str:
        """Of the pack's own pictures and of photographs; writes photographs over what is drawn of them."""
        return self.report_with(average, self.generator)

    def report_with(self, trunk: nn.Module, generator: Generator) -> str:
        """The same with another generator."""
        words = self.report_of(trunk, generator)
        return f"{words}; photographs {self.report_of_photographs(trunk, generator):.2f} dB"

    def report_of_photographs(self, trunk: nn.Module, generator: Generator, count: int = 32) -> float:
        """Mean PSNR of what is drawn of unseen photographs against the clean heads; photograph, matted, drawn, truth, other side, truth."""
        state = np.random.get_state()
        np.random.seed(5)
        seen, picture = self.photographs(self.strangers, count)
        np.random.set_state(state)
        gain, light = gains(seen, self.strangers)
        batch = clean_batch(self.strangers, seen.heads, gain, light)
        truth = lit(surface_of(batch["buffers"]), batch["light"])
        w = self.encoder.latent(trunk(picture)).repeat_interleave(2, dim=0)
        planes = LatentPlanes(generator.planes)
        planes.basis, planes.residual = self.planes.basis, self.planes.residual
        render = LatentRenderer(generator, planes.basis)
        parts = zip(w.split(8), batch["cameras"].split(8))
        images = torch.cat([render(planes(part), part, cameras) for part, cameras in parts]).clamp(-1, 1)
        rows = torch.cat([seen.picture, picture, images[::2], truth[::2], images[1::2], truth[1::2]], 3)
        save_sheet(rows[:24], 3, self.args.runs / "photo_encoder.png")
        return psnr(images[::2], truth[::2]).mean().item()


def guessed(matte: Tensor) -> Tensor:
    """Mattes `[B,1,S,S]` with the errors of a guess: edges moved and softened, patches lost and added."""
    count, size = len(matte), matte.shape[-1]
    moved = torch.empty(count, 1, 1, 1).uniform_(-0.35, 0.35)
    soft = F.avg_pool2d(F.pad(matte, [4] * 4, mode="replicate"), 9, stride=1)
    soft = torch.where(torch.rand(count, 1, 1, 1) < 0.6, torch.sigmoid((soft - 0.5 + moved) * 9), matte)
    near = F.avg_pool2d(F.pad(matte, [12] * 4, mode="replicate"), 25, stride=1)
    edge = 4 * near * (1 - near)
    patches = torch.sigmoid((noise(count, size) - 1.3) * 8) * edge * (torch.rand(count, 1, 1, 1) < 0.5)
    wrong = torch.where(torch.rand(count, 1, 1, 1) < 0.5, 1.0, 0.0)
    return torch.lerp(soft, wrong.expand_as(soft), patches.clamp(0, 1))


def gains(seen: Snapshots, people: WideViews) -> tuple[Tensor, Tensor]:
    """By how much the photographs' heads differ from clean ones in colour `[B,3,1,1]`, of encoded albedo, and their lights `[B,9]`, as bright.

    Brightness goes into the light, and half of a cast into the albedo: an avatar has the colours that the photograph shows,
    as long as skin stays skin.
    """
    side = (people.buffers.shape[-1] - CROP) // 2
    wide = (
        torch.from_numpy(people.buffers[people.rows[seen.heads], 1]).float()[
            :, :, side : side + CROP, side : side + CROP
        ]
        / 255
    )
    clean = torch.cat([wide[:, :3], wide[:, 3:4] * wide[:, 8:9], wide[:, 4:8]], 1)
    cover = clean[:, 3:4]
    bare = ((lit(surface_of(clean), seen.light) + 1) / 2 * cover).sum((2, 3)) / cover.sum((2, 3)).clamp(min=1)
    shown = ((seen.picture + 1) / 2 * seen.matte).sum((2, 3)) / seen.matte.sum((2, 3)).clamp(min=1)
    ratio = (shown + 0.02) / (bare + 0.02)
    bright = ratio.mean(1, keepdim=True).clamp(0.5, 1.6)
    cast = (ratio / ratio.mean(1, keepdim=True)).clamp(0.7, 1.4).sqrt()
    return cast[:, :, None, None], seen.light * bright.pow(2.2)


def clean_batch(people: WideViews, chosen: np.ndarray, gain: Tensor, light: Tensor) -> dict[str, Tensor]:
    """What shall be drawn: of each person the views 1 and 2 as the pack draws heads, in such colours and lights."""
    rows, views = chosen.repeat(2), np.tile([1, 2], len(chosen))
    buffers = people.clean(rows, views)
    buffers[:, :3] = (buffers[:, :3] * gain.repeat_interleave(2, dim=0)).clamp(0, 1)
    cameras = people.cameras[rows, views].clone()
    cameras[:, [16, 20]] *= SIZE / CROP
    return {"buffers": buffers, "cameras": cameras, "light": light.repeat_interleave(2, dim=0)}
