"""One edit the way FaceDNeRF's script does it (NeurIPS 2023, arXiv 2306.00783), over the networks of a pack.

Prints one line of JSON. What is kept of the script and what is not: README.md.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

PEAK_RATE = 0.01
RAMP, FALL = 0.05, 0.25
LATENT_NOISE = 0.05


def main() -> None:
    started = time.perf_counter()
    options = parse_arguments()
    pack = Pack(options.pack)
    photo = load_photo(options.photo, pack.manifest["image_size"])
    light = torch.tensor([json.loads(options.light)], dtype=torch.float32)
    latent = optimise(pack, photo, options.prompt, light, options.steps, options.out)
    save(pack.draw(latent, pack.frontal), options.out / "final.png")
    print(json.dumps({"steps": options.steps, "seconds_in_process": time.perf_counter() - started}))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True, help="directory of the pack")
    parser.add_argument("--photo", type=Path, required=True, help="square picture of a face")
    parser.add_argument("--prompt", default="", help="what the avatar shall look like")
    parser.add_argument("--light", required=True, help="JSON list of 9 spherical-harmonics coefficients")
    parser.add_argument("--steps", type=int, required=True, help="gradient steps")
    parser.add_argument("--out", type=Path, required=True, help="directory for the pictures")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    return options


class Pack:
    """Every network of a pack, with gradients of its weights left on as the script leaves them."""

    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / "pack.json").read_text(encoding="utf-8"))
        for name, file in self.manifest["networks"].items():
            network = torch.jit.load(folder / file).eval()
            for parameter in network.parameters():
                parameter.requires_grad_(True)
            setattr(self, name, network)
        self.tokenizer = Tokenizer.from_file(str(folder / self.manifest["text"]["tokenizer"]))
        self.alphas = torch.from_numpy(np.fromfile(folder / self.manifest["prior"]["alphas_cumprod"], dtype="<f4"))
        shape = self.manifest["latent"]
        mean = np.fromfile(folder / shape["mean"], dtype="<f4")
        self.mean = torch.from_numpy(mean).reshape(1, shape["layers"], shape["width"])
        self.frontal = self.camera(0.0, 0.0)

    def draw(self, latent: torch.Tensor, camera: torch.Tensor) -> torch.Tensor:
        """Picture `[1,3,S,S]`; the backbone runs for each view."""
        return self.render(self.planes(latent), latent, camera)

    def encode_text(self, text: str) -> torch.Tensor:
        return self.text(torch.tensor([self.tokenizer.encode(text).ids]))

    def camera(self, yaw: float, pitch: float) -> torch.Tensor:
        """Camera `[1,25]` on the pack's orbit; docs/pack.md."""
        radius, focal = self.manifest["camera"]["radius"], self.manifest["camera"]["focal"]
        sy, cy, sp, cp = math.sin(yaw), math.cos(yaw), math.sin(pitch), math.cos(pitch)
        right, down, forward = (cy, 0.0, -sy), (sy * sp, -cp, cy * sp), (-sy * cp, -sp, -cy * cp)
        rows = [value for i in range(3) for value in (right[i], down[i], forward[i], -radius * forward[i])]
        return torch.tensor([rows + [0.0, 0.0, 0.0, 1.0, focal, 0.0, 0.5, 0.0, focal, 0.5, 0.0, 0.0, 1.0]])


def optimise(pack: Pack, photo, prompt: str, light, steps: int, out: Path) -> torch.Tensor:
    """W+ `[1,L,D]` after the whole optimisation, from the mean latent."""
    weights = pack.manifest["defaults"]["weights"]["prompt"]
    latent = pack.mean.clone().requires_grad_()
    optimiser = torch.optim.Adam([latent], betas=(0.9, 0.999), lr=PEAK_RATE)
    features, identity = pack.perceptual(photo).detach(), pack.identity(photo).detach()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate(step / steps)
        noisy = latent + torch.randn_like(latent) * LATENT_NOISE * max(0.0, 1.0 - step / steps / 0.75) ** 2
        front = pack.draw(noisy, pack.frontal)
        side = pack.draw(noisy, random_side(pack))
        total = (
            weights["reconstruction"] * (pack.perceptual(front) - features).square().sum()
            + weights["identity"] * (1.0 - (pack.identity(side) * identity).sum())
            + weights["score_distillation"] * distillation(pack, side, prompt)
            + weights["illumination"] * (pack.lighting(side) - light).square().sum()
        )
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        save(front, out / f"front-{step:04d}.png")
        save(side, out / f"side-{step:04d}.png")
    return latent.detach()


def rate(done: float) -> float:
    """Learning rate after a share of the steps."""
    fall = min(1.0, (1.0 - done) / FALL)
    return PEAK_RATE * (0.5 - 0.5 * math.cos(fall * math.pi)) * min(1.0, done / RAMP)


def random_side(pack: Pack) -> torch.Tensor:
    yaw, pitch = (2.0 * torch.rand(2) - 1.0).tolist()
    return pack.camera(0.2 * yaw, 0.2 * pitch)


def distillation(pack: Pack, picture, prompt: str) -> torch.Tensor:
    """Score distillation with the text encoded anew, for the wish and for the empty text."""
    sample = pack.prior_encode(picture)
    timestep = int(torch.randint(int(0.02 * len(pack.alphas)), int(0.98 * len(pack.alphas)), ()))
    level = pack.alphas[timestep]
    wish, empty = pack.encode_text(prompt), pack.encode_text("")
    with torch.no_grad():
        noise = torch.randn_like(sample)
        noisy = level.sqrt() * sample + (1.0 - level).sqrt() * noise
        at = torch.full((2,), timestep)
        predicted, unconditional = pack.prior(noisy.repeat(2, 1, 1, 1), at, torch.cat([wish, empty])).chunk(2)
        scale = pack.manifest["defaults"]["guidance_scale"]
        gradient = (1.0 - level) * (unconditional + scale * (predicted - unconditional) - noise)
    return (gradient * sample).sum() / sample.numel()


def load_photo(file: Path, size: int) -> torch.Tensor:
    """Picture `[1,3,S,S]` in [-1, 1]."""
    photo = Image.open(file).convert("RGB").resize((size, size), Image.Resampling.BOX)
    return torch.from_numpy(np.asarray(photo, dtype=np.float32)).permute(2, 0, 1)[None] / 127.5 - 1.0


def save(picture: torch.Tensor, file: Path) -> None:
    pixels = ((picture[0].detach().permute(1, 2, 0) + 1.0) * 127.5).clamp(0.0, 255.0).byte().numpy()
    Image.fromarray(pixels).save(file)


if __name__ == "__main__":
    main()
