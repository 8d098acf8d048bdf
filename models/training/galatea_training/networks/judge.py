"""The judge: a network that says what a picture shows.

The judge is in no pack and takes no part in refinement. The evaluation therefore checks the pack's networks against it.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from ..data.identities import IDENTITY_PARAMETERS
from ..render import heads
from .recognition import Conv

#: The words that the judge chooses from, by attribute.
CHOICES = {
    "sex": ("man", "woman"),
    "age": ("young", "middle-aged", "old"),
    "skin": ("light", "medium", "dark"),
    "hair_colour": tuple(heads.HAIR_COLOURS),
    "hair_style": tuple(heads.HAIR_STYLES),
    "eye_colour": ("brown", "blue", "green", "grey"),
    "glasses": ("none", "round", "square"),
    "beard": ("none", "short", "full"),
    "smile": ("no", "yes"),
    "mouth": ("closed", "open"),
}
_IGNORED = -100
_WIDTHS = (32, 48, 80, 112, 144)


class Judge(nn.Module):
    """Picture `[B,3,128,128]` to features, from which choices, light `[B,9]` and the person's parameters are read."""

    def __init__(self) -> None:
        super().__init__()
        layers, enter = [], 3
        for width in _WIDTHS:
            layers += [Conv(enter, width, 2), Conv(width, width)]
            enter = width
        self.layers = nn.Sequential(*layers)
        self.hidden = nn.Linear(16 * enter, 256)
        self.choices = nn.ModuleDict({name: nn.Linear(256, len(words)) for name, words in CHOICES.items()})
        self.light = nn.Linear(256, 9)
        self.person = nn.Linear(256, len(IDENTITY_PARAMETERS))

    def forward(self, image: Tensor) -> Tensor:
        """Features `[B,256]` of pictures."""
        return F.silu(self.hidden(self.layers(image).flatten(1)))

    def words(self, features: Tensor) -> dict[str, list[str]]:
        """The likeliest word of every choice, for each row of features."""
        return {name: [CHOICES[name][i] for i in head(features).argmax(1).tolist()] for name, head in self.choices.items()}


def answers(attributes: dict) -> list[int]:
    """The index of the right word of every choice; -100 without a right word, such as the hair colour of a bald head."""
    smile = attributes["smile"]
    words = attributes | {"smile": "yes" if smile > 0.5 else "no" if smile < 0.3 else None}
    if attributes["hair_style"] == "bald":
        words["hair_colour"] = None
    return [choice.index(words[name]) if words[name] is not None else _IGNORED for name, choice in CHOICES.items()]
