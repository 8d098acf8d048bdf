"""Heads as parameter vectors: the names of parameters, random heads, descriptions in words, and edits.

A vector holds everything about a head except the light. Sex, age, skin, hair, beard and glasses are random and independent,
so that no style depends on the kind of person.
"""

from dataclasses import dataclass

import numpy as np

SKINS = {
    "young_african_male": "dark",
    "middleage_african_male": "dark",
    "old_african_male": "dark",
    "young_asian_female": "light",
    "young_asian_male": "medium",
    "middleage_asian_female": "light",
    "middleage_asian_male": "medium",
    "middleage_caucasian_male": "light",
    "young_caucasian_female2": "medium",
    "young_caucasian_male": "light",
    "young_caucasian_male2": "medium",
}
#: MakeHuman's hair by the name of the style; ``bald`` has none.
HAIR_STYLES = {
    "bald": None,
    "cropped": "short04",
    "short": "short02",
    "curly": "short01",
    "long": "long01",
    "ponytail": "ponytail01",
    "braid": "braid01",
}
#: Linear albedo of hair.
HAIR_COLOURS = {
    "black": (0.020, 0.018, 0.016),
    "brown": (0.105, 0.050, 0.026),
    "blond": (0.480, 0.320, 0.130),
    "red": (0.360, 0.075, 0.018),
    "grey": (0.330, 0.330, 0.330),
    "blue": (0.030, 0.090, 0.380),
}
EYES = {
    "brown": "brown",
    "brownlight": "brown",
    "blue": "blue",
    "lightblue": "blue",
    "green": "green",
    "grey": "grey",
}
BROWS = ("eyebrow001", "eyebrow002", "eyebrow004", "eyebrow006", "eyebrow009")
#: Linear albedo of spectacle frames.
FRAMES = ((0.02, 0.02, 0.02), (0.12, 0.05, 0.02), (0.35, 0.03, 0.03), (0.35, 0.25, 0.08))
ETHNICITIES = ("african", "asian", "caucasian")
#: Signed morphs: name → (targets at −1, targets at +1). A leading ``*`` stands for the left and the right target.
MORPHS = {
    "head_width": ("head/head-scale-horiz-decr", "head/head-scale-horiz-incr"),
    "head_height": ("head/head-scale-vert-decr", "head/head-scale-vert-incr"),
    "head_fat": ("head/head-fat-decr", "head/head-fat-incr"),
    "head_round": ("head/head-oval", "head/head-round"),
    "head_square": ("head/head-triangular", "head/head-square"),
    "head_diamond": ("head/head-rectangular", "head/head-diamond"),
    "forehead_slope": ("forehead/forehead-nubian-decr", "forehead/forehead-nubian-incr"),
    "forehead_height": ("forehead/forehead-scale-vert-decr", "forehead/forehead-scale-vert-incr"),
    "temples": ("forehead/forehead-temple-decr", "forehead/forehead-temple-incr"),
    "brow_angle": ("eyebrows/eyebrows-angle-down", "eyebrows/eyebrows-angle-up"),
    "brow_height": ("eyebrows/eyebrows-trans-down", "eyebrows/eyebrows-trans-up"),
    "eye_size": ("eyes/*-eye-scale-decr", "eyes/*-eye-scale-incr"),
    "eye_height": ("eyes/*-eye-height2-decr", "eyes/*-eye-height2-incr"),
    "eye_distance": ("eyes/*-eye-trans-in", "eyes/*-eye-trans-out"),
    "eye_inner": ("eyes/*-eye-corner1-down", "eyes/*-eye-corner1-up"),
    "eye_outer": ("eyes/*-eye-corner2-down", "eyes/*-eye-corner2-up"),
    "eye_bags": ("eyes/*-eye-bag-decr", "eyes/*-eye-bag-incr"),
    "nose_width": ("nose/nose-scale-horiz-decr", "nose/nose-scale-horiz-incr"),
    "nose_length": ("nose/nose-scale-vert-decr", "nose/nose-scale-vert-incr"),
    "nose_depth": ("nose/nose-scale-depth-decr", "nose/nose-scale-depth-incr"),
    "nose_hump": ("nose/nose-hump-decr", "nose/nose-hump-incr"),
    "nose_curve": ("nose/nose-curve-concave", "nose/nose-curve-convex"),
    "nose_point": ("nose/nose-point-down", "nose/nose-point-up"),
    "nose_tip_width": ("nose/nose-point-width-decr", "nose/nose-point-width-incr"),
    "nostrils": ("nose/nose-nostrils-width-decr", "nose/nose-nostrils-width-incr"),
    "nose_base": ("nose/nose-base-down", "nose/nose-base-up"),
    "mouth_width": ("mouth/mouth-scale-horiz-decr", "mouth/mouth-scale-horiz-incr"),
    "mouth_height": ("mouth/mouth-scale-vert-decr", "mouth/mouth-scale-vert-incr"),
    "mouth_position": ("mouth/mouth-trans-down", "mouth/mouth-trans-up"),
    "upper_lip": ("mouth/mouth-upperlip-volume-decr", "mouth/mouth-upperlip-volume-incr"),
    "lower_lip": ("mouth/mouth-lowerlip-volume-decr", "mouth/mouth-lowerlip-volume-incr"),
    "chin_width": ("chin/chin-width-decr", "chin/chin-width-incr"),
    "chin_height": ("chin/chin-height-decr", "chin/chin-height-incr"),
    "chin_prominence": ("chin/chin-prominent-decr", "chin/chin-prominent-incr"),
    "jaw_drop": ("chin/chin-jaw-drop-decr", "chin/chin-jaw-drop-incr"),
    "cheek_bones": ("cheek/*-cheek-bones-decr", "cheek/*-cheek-bones-incr"),
    "cheek_volume": ("cheek/*-cheek-volume-decr", "cheek/*-cheek-volume-incr"),
    "ear_size": ("ears/*-ear-scale-decr", "ears/*-ear-scale-incr"),
    "ear_wing": ("ears/*-ear-wing-decr", "ears/*-ear-wing-incr"),
    "neck_width": ("neck/neck-scale-horiz-decr", "neck/neck-scale-horiz-incr"),
}
#: Expression units, 0-1, summed over the ethnicities' own targets.
EXPRESSIONS = {
    "smile": ("mouth-corner-puller",),
    "open": ("mouth-open",),
    "brow_raise": ("eyebrows-left-up", "eyebrows-right-up"),
    "squint": ("eye-left-slit", "eye-right-slit"),
}
NAMES = (
    ["sex", "age", *ETHNICITIES, "weight"]
    + list(MORPHS)
    + list(EXPRESSIONS)
    + [f"skin:{name}" for name in SKINS]
    + ["skin_red", "skin_green", "skin_blue"]
    + [f"hair:{name}" for name in HAIR_STYLES]
    + ["hair_red", "hair_green", "hair_blue"]
    + [f"brow:{name}" for name in BROWS]
    + [f"eye:{name}" for name in EYES]
    + ["glasses_round", "glasses_square", "glasses_size", "glasses_thickness", "glasses_red", "glasses_green"]
    + ["glasses_blue", "beard_short", "beard_full", "beard_reach"]
)
INDEX = {name: i for i, name in enumerate(NAMES)}
HAIR_EDITS = {"red_hair": "red", "blond_hair": "blond", "black_hair": "black", "blue_hair": "blue"}
EDITS = (*HAIR_EDITS, "glasses", "no_glasses", "beard", "smile")
#: Traits of heads: name → (prefix of its parameters, share of edit pairs that differ in it).
TRAITS = {
    "hair_colour": ("hair_", 0.24),
    "glasses": ("glasses", 0.22),
    "smile": ("smile", 0.20),
    "beard": ("beard", 0.12),
    "hair_style": ("hair:", 0.06),
    "sex": ("sex", 0.05),
    "mouth": ("open", 0.03),
    "age": ("age", 0.03),
    "skin": ("skin", 0.03),
    "eye_colour": ("eye:", 0.02),
}
_HAIR_CHANCES = (0.2, 0.21, 0.2, 0.18, 0.13, 0.08)
_FRAME_CHANCES = (0.55, 0.15, 0.15, 0.15)
_MORPH_SPREAD, _MORPH_LIMIT = 0.28, 0.6


@dataclass(frozen=True)
class Head:
    """A head: its parameter vector float32 [P], read by name."""

    params: np.ndarray

    def __getitem__(self, name: str) -> float:
        return float(self.params[INDEX[name]])

    def choice(self, group: str, names) -> str:
        """The name that is set in a one-hot group."""
        return max(names, key=lambda name: self[f"{group}:{name}"])

    def rgb(self, group: str) -> np.ndarray:
        """The three values ``group_red``, ``group_green``, ``group_blue`` float64 [3]."""
        return np.array([self[f"{group}_{channel}"] for channel in ("red", "green", "blue")])

    def replaced(self, **values: float) -> "Head":
        """A copy with other values. Names are those of ``NAMES``, with ``__`` in place of ``:``."""
        params = self.params.copy()
        for name, value in values.items():
            params[INDEX[name.replace("__", ":")]] = value
        return Head(params)


def sample(rng: np.random.Generator) -> Head:
    """Draws a random head."""
    v = dict.fromkeys(NAMES, 0.0)
    v["sex"] = float(np.clip(rng.normal(rng.integers(2), 0.12), 0, 1))
    v["age"] = float(rng.beta(0.8, 1.0))
    v |= dict(zip(ETHNICITIES, rng.dirichlet([0.45] * 3)))
    v["weight"] = float(np.clip(rng.normal(0, 0.3), -0.7, 0.7))
    for name in MORPHS:
        v[name] = float(np.clip(rng.normal(0, _MORPH_SPREAD), -_MORPH_LIMIT, _MORPH_LIMIT))
    v["smile"] = float(rng.uniform(0.6, 1.0)) if rng.random() < 0.4 else float(rng.uniform(0, 0.25))
    if rng.random() < 0.2:
        v["open"] = float(rng.uniform(0.25, 0.55))
        v["smile"] *= 0.7
    v["brow_raise"] = float(rng.uniform(0, 0.5)) if rng.random() < 0.4 else 0.0
    v["squint"] = float(rng.uniform(0, 0.35)) if rng.random() < 0.4 else 0.0
    v[f"skin:{_draw_skin(rng)}"] = 1.0
    tone = rng.normal(0, 0.12)
    v |= _rgb("skin", tone + rng.normal(0, 0.03, 3))
    v[f"hair:{rng.choice(list(HAIR_STYLES))}"] = 1.0
    v |= _rgb("hair", _jitter(rng, HAIR_COLOURS[rng.choice(list(HAIR_COLOURS), p=_HAIR_CHANCES)]))
    v[f"brow:{rng.choice(BROWS)}"] = 1.0
    v[f"eye:{rng.choice(list(EYES))}"] = 1.0
    v |= _sample_glasses(rng) | _sample_beard(rng)
    return Head(np.array([v[name] for name in NAMES], dtype=np.float32))


def _draw_skin(rng: np.random.Generator) -> str:
    tone = rng.choice(["light", "medium", "dark"])
    return rng.choice([name for name, of in SKINS.items() if of == tone])


def _rgb(group: str, values) -> dict[str, float]:
    return {f"{group}_{c}": float(x) for c, x in zip(("red", "green", "blue"), values)}


def _jitter(rng: np.random.Generator, colour) -> np.ndarray:
    """A varied linear albedo as log10, which gives dark and fair hair the same scale."""
    return np.log10(np.array(colour)) + rng.normal(0, 0.05) + rng.normal(0, 0.02, 3)


def _sample_glasses(rng: np.random.Generator) -> dict[str, float]:
    kind = rng.choice(["none", "round", "square"], p=[0.6, 0.2, 0.2])
    return {
        f"glasses_{kind}": 1.0,
        "glasses_size": float(rng.uniform(-0.6, 0.6)),
        "glasses_thickness": float(rng.uniform(-1, 1)),
        **_rgb("glasses", np.log10(FRAMES[rng.choice(len(FRAMES), p=_FRAME_CHANCES)])),
    } if kind != "none" else {}


def _sample_beard(rng: np.random.Generator) -> dict[str, float]:
    kind = rng.choice(["none", "short", "full"], p=[0.6, 0.2, 0.2])
    return {f"beard_{kind}": 1.0, "beard_reach": float(rng.uniform(-1, 1))} if kind != "none" else {}


def neutral(head: Head) -> Head:
    """The head at rest, without glasses and beard."""
    zeros = {name: 0.0 for name in NAMES if name.startswith(("glasses", "beard", "open", "brow_raise", "squint"))}
    return head.replaced(**zeros, smile=min(head["smile"], 0.1))


def attributes(head: Head) -> dict:
    """The head in words (keys: ``data.splits``)."""
    hair = head.rgb("hair")
    return {
        "sex": "man" if head["sex"] > 0.5 else "woman",
        "age": ("young", "middle-aged", "old")[int(head["age"] > 0.35) + int(head["age"] > 0.7)],
        "skin": SKINS[head.choice("skin", SKINS)],
        "hair_colour": min(HAIR_COLOURS, key=lambda c: float(np.sum((np.log10(HAIR_COLOURS[c]) - hair) ** 2))),
        "hair_style": head.choice("hair", HAIR_STYLES),
        "eye_colour": EYES[head.choice("eye", EYES)],
        "glasses": "round" if head["glasses_round"] else "square" if head["glasses_square"] else "none",
        "beard": "full" if head["beard_full"] else "short" if head["beard_short"] else "none",
        "smile": round(head["smile"], 3),
        "mouth": "open" if head["open"] > 0.2 else "closed",
    }


def edit(head: Head, name: str) -> tuple[Head, bool]:
    """The head after an edit, and whether the edit changes the head.

    Args:
        name: one of ``EDITS``.

    Raises:
        ValueError: the edit is unknown.
    """
    words = attributes(head)
    if name in HAIR_EDITS:
        colour = HAIR_EDITS[name]
        dyed = head.replaced(**_rgb("hair", np.log10(HAIR_COLOURS[colour])))
        return dyed, words["hair_colour"] != colour and words["hair_style"] != "bald"
    if name == "glasses":
        black = _rgb("glasses", np.log10(FRAMES[0]))
        plain = head.replaced(glasses_square=0, glasses_round=1, glasses_size=0, glasses_thickness=0, **black)
        return plain, words["glasses"] == "none"
    if name == "no_glasses":
        bare = {key.replace(":", "__"): 0.0 for key in NAMES if key.startswith("glasses")}
        return head.replaced(**bare), words["glasses"] != "none"
    if name == "beard":
        return head.replaced(beard_short=0, beard_full=1, beard_reach=0), words["beard"] == "none"
    if name == "smile":
        return head.replaced(smile=1), head["smile"] < 0.3
    raise ValueError(f"unknown edit {name!r}; known: {', '.join(EDITS)}")
