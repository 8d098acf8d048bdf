"""A pack, opened for Python: its networks, manifest, tokenizer, noise schedule and mean latent."""

from dataclasses import dataclass
from pathlib import Path

import torch
from galatea_packfile.files import read_floats
from galatea_packfile.manifest import read_manifest
from tokenizers import Tokenizer
from torch import Tensor


@dataclass(frozen=True)
class PackGuidance:
    """A guidance that a pack brings: picture and reference `[B,3,S,S]` → loss `[B]`, and the view of the picture."""

    network: torch.jit.ScriptModule
    view: str


class Pack:
    """The networks of a pack on the CPU, frozen and in eval mode.

    Attributes:
        manifest: the content of `pack.json`.
        tokenizer: of the text network.
        alphas: the prior's cumulative alphas, `[steps]`.
        mean: the mean latent, `[1,L,D]`.
        guidances: the guidances that the pack brings, by name.
        planes, render, perceptual, …: each network that the manifest lists, under its key.
    """

    def __init__(self, folder: Path) -> None:
        """Opens the pack in `folder`; raises FileNotFoundError where a file is missing. Hashes are not checked."""
        self.manifest = read_manifest(folder)
        for name, file in self.manifest["networks"].items():
            setattr(self, name, _frozen(folder / file))
        self.guidances = {
            name: PackGuidance(_frozen(folder / guidance["network"]), guidance["view"])
            for name, guidance in self.manifest.get("guidances", {}).items()
        }
        self.tokenizer = Tokenizer.from_file(str(folder / self.manifest["text"]["tokenizer"]))
        self.alphas = torch.from_numpy(read_floats(folder / self.manifest["prior"]["alphas_cumprod"]))
        latent = self.manifest["latent"]
        self.mean = torch.from_numpy(read_floats(folder / latent["mean"])).view(1, latent["layers"], latent["width"])

    def conditioning(self, text: str, rows: int = 1) -> Tensor:
        """The text network's conditioning `[rows,T,E]` of one text."""
        ids = torch.tensor([self.tokenizer.encode(text).ids])
        return self.text(ids).expand(rows, -1, -1)

    def noise_shape(self, rows: int) -> tuple[int, ...]:
        """Shape of a sample in the prior's space: `(rows, c, h, w)`."""
        prior = self.manifest["prior"]
        return rows, prior["channels"], prior["size"], prior["size"]

    @torch.no_grad()
    def picture(self, latent: Tensor, camera: Tensor) -> Tensor:
        """Pictures `[B,3,S,S]` of latents `[B,L,D]` seen by cameras `[B,25]`, without gradient."""
        return self.render(self.planes(latent), latent, camera)


def _frozen(file: Path) -> torch.jit.ScriptModule:
    network = torch.jit.load(file).eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    return network
