"""Captions of heads in many wordings, from the attributes of the dataset.

A *fact* is one true statement about a head. A caption states some facts of a head, each in one of its wordings: as an
adjective before the noun, as something that the head has, or as a request ("add glasses", "red hair").
"""

import random
from dataclasses import dataclass

SMILING_ABOVE, SERIOUS_BELOW = 0.5, 0.2


@dataclass(frozen=True)
class Wording:
    """The wordings of a fact.

    Attributes:
        adjectives: before the noun ("young").
        had: what the head has ("red hair").
        doing: what it wears, shows or does ("wearing glasses").
        orders: whole requests ("take off the glasses").
        people: nouns that imply it ("redhead").
    """

    adjectives: tuple[str, ...] = ()
    had: tuple[str, ...] = ()
    doing: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


def _hair(colours: str, people: tuple[str, ...] = ()) -> Wording:
    names = colours.split()
    had = [f"{c} hair" for c in names] + [f"hair dyed {names[0]}", f"{names[0]} coloured hair"]
    return Wording(tuple(f"{c} - haired" for c in names), tuple(had), people=people)


def _eyewear(shapes: str) -> Wording:
    shapes = [f"{shape} " for shape in shapes.split()] or [""]
    things = tuple(f"{shape}{thing}" for shape in shapes for thing in ("glasses", "spectacles", "eyeglasses", "specs"))
    return Wording(had=things, doing=tuple(f"wearing {thing}" for thing in things))


def _bare(things: str, adjectives: tuple[str, ...] = (), removals: tuple[str, ...] = ()) -> Wording:
    """The absence of things: negations, and requests to remove the things."""
    names = things.split(",")
    had = tuple(f"no {thing}" for thing in names)
    doing = tuple(f"{word} {thing}" for thing in names for word in ("without", "without any", "not wearing"))
    return Wording(adjectives, had, doing, tuple(f"{removal} {names[0]}" for removal in removals))


WORDINGS: dict[str, Wording] = {
    "young": Wording(("young", "youthful", "younger"), doing=("in the twenties",)),
    "middle-aged": Wording(("middle - aged", "mature"), doing=("of middle age", "in the forties")),
    "old": Wording(("old", "elderly", "aged", "senior", "older"), had=("wrinkles",), doing=("of old age", "in the seventies")),
    "light skin": Wording(
        ("pale", "light - skinned", "fair - skinned"), ("light skin", "pale skin", "fair skin", "white skin")
    ),
    "medium skin": Wording(("tanned", "olive - skinned"), ("medium skin", "olive skin", "tan skin", "tanned skin")),
    "dark skin": Wording(("dark - skinned", "black - skinned"), ("dark skin", "brown skin", "black skin")),
    "black hair": _hair("black dark raven"),
    "brown hair": _hair("brown chestnut brunette", ("brunette",)),
    "blond hair": _hair("blond blonde golden yellow fair", ("blonde",)),
    "red hair": _hair("red ginger auburn orange copper", ("redhead",)),
    "grey hair": _hair("grey gray silver white"),
    "blue hair": _hair("blue"),
    "bald": Wording(("bald", "hairless", "bald - headed"), ("a bald head", "no hair", "a shaved head"), ("without hair",)),
    "cropped hair": Wording(("crop - haired",), ("cropped hair", "very short hair", "a buzz cut", "a crew cut")),
    "short hair": Wording(("short - haired",), ("short hair", "a short haircut")),
    "curly hair": Wording(("curly - haired",), ("curly hair", "curls", "an afro", "wavy hair", "frizzy hair")),
    "long hair": Wording(("long - haired",), ("long hair", "hair down to the shoulders", "shoulder - length hair")),
    "ponytail": Wording((), ("a ponytail", "hair tied back", "hair in a ponytail", "a pony tail")),
    "braid": Wording((), ("a braid", "braids", "braided hair", "a plait", "plaited hair")),
    "brown eyes": Wording(("brown - eyed", "dark - eyed"), ("brown eyes", "dark eyes", "hazel eyes")),
    "blue eyes": Wording(("blue - eyed",), ("blue eyes",)),
    "green eyes": Wording(("green - eyed",), ("green eyes",)),
    "grey eyes": Wording(("grey - eyed",), ("grey eyes", "gray eyes")),
    "glasses": _eyewear(""),
    "round glasses": _eyewear("round circular"),
    "square glasses": _eyewear("square rectangular angular"),
    "no glasses": _bare(
        "glasses,spectacles,eyeglasses,specs", (), ("remove the", "take off the", "take away the", "lose the", "drop the")
    ),
    "beard": Wording(("bearded",), ("a beard", "facial hair", "beard", "whiskers"), ("wearing a beard", "growing a beard")),
    "short beard": Wording(
        ("unshaven", "stubbly"), ("a short beard", "stubble", "short stubble", "a trimmed beard", "a light beard")
    ),
    "full beard": Wording((), ("a full beard", "a long beard", "a big beard", "a thick beard", "a bushy beard", "a heavy beard")),
    "no beard": _bare(
        "beard,facial hair,stubble,whiskers",
        ("clean - shaven", "shaven", "beardless", "smooth - shaven"),
        ("remove the", "shave off the", "shave the", "lose the", "take away the"),
    ),
    "smile": Wording(
        ("smiling", "happy", "cheerful", "laughing", "joyful"), ("a smile", "a grin", "a big smile", "a broad smile"),
        ("smiling", "grinning", "looking happy", "beaming"),
    ),
    "no smile": Wording(
        ("serious", "stern", "unsmiling"), ("a neutral expression", "a serious face", "no smile", "a straight face"),
        ("not smiling", "without a smile", "looking serious"), ("stop smiling",),
    ),
    "open mouth": Wording((), ("an open mouth", "the mouth open", "lips apart", "teeth showing"), ("showing teeth",)),
    "closed mouth": Wording((), ("a closed mouth", "the mouth closed", "closed lips", "lips closed")),
}
NOUNS = {
    "man": ("man", "male", "gentleman", "guy", "bloke"),
    "woman": ("woman", "lady", "female", "girl"),
    "": ("person", "face", "head", "adult", "human", "character", "avatar"),
}
FACTS = tuple(WORDINGS) + ("man", "woman")
OPENINGS = ("", "", "", "", "portrait of", "photo of", "picture of", "a portrait of", "a photo of", "the face of", "an image of")
REQUESTS = ("", "", "", "with", "with", "add", "give him", "give her", "give them", "now with", "make it", "put on", "i want", "please add")
_GLUE = "a an the his her their its is are has have in on of and with , . - ! ? to be this that it very"


def facts_by_trait(attributes: dict) -> dict[str, list[str]]:
    """All facts of a head, grouped by trait.

    Args:
        attributes: of the head (see ``heads.attributes``).
    """
    hair, glasses, beard, smile = (attributes[name] for name in ("hair_style", "glasses", "beard", "smile"))
    return {
        "sex": [attributes["sex"]],
        "age": [attributes["age"]],
        "skin": [f"{attributes['skin']} skin"],
        "eye_colour": [f"{attributes['eye_colour']} eyes"],
        "hair_colour": [] if hair == "bald" else [f"{attributes['hair_colour']} hair"],
        "hair_style": [f"{hair} hair" if f"{hair} hair" in WORDINGS else hair],
        "glasses": ["no glasses"] if glasses == "none" else ["glasses", f"{glasses} glasses"],
        "beard": ["no beard"] if beard == "none" else ["beard", f"{beard} beard"],
        "smile": ["smile"] if smile > SMILING_ABOVE else ["no smile"] if smile < SERIOUS_BELOW else [],
        "mouth": [f"{attributes['mouth']} mouth"],
    }


def facts_of(attributes: dict) -> list[str]:
    """All facts of a head."""
    return [fact for facts in facts_by_trait(attributes).values() for fact in facts]


def new_facts(before: dict, after: dict) -> list[list[str]]:
    """The facts of a head after an edit that were no facts before it, grouped by trait."""
    known = set(facts_of(before))
    news = ([fact for fact in facts if fact not in known] for facts in facts_by_trait(after).values())
    return [fresh for fresh in news if fresh]


def caption(attributes: dict, rng: random.Random, news: list[list[str]] | None = None) -> tuple[str, list[str]]:
    """A random caption of a head, and the one to eight facts that it states. Few facts are more frequent than many.

    Args:
        news: groups of facts. The caption states one fact of each group; half of the captions state no others.
    """
    facts = facts_of(attributes)
    count = min(1 + int(rng.expovariate(0.4)), len(facts), 8)
    chosen = [rng.choice(fresh) for fresh in news or []]
    if not news or rng.random() < 0.5:
        others = [fact for fact in facts if fact not in chosen]
        chosen += rng.sample(others, max(0, min(count - len(chosen), len(others))))
        rng.shuffle(chosen)
    stated = [fact for fact in chosen if fact in WORDINGS]
    if stated and len(stated) <= 2 and rng.random() < 0.5:
        return _request(stated, rng), stated
    return _sentence(chosen, rng), chosen


def _request(facts: list[str], rng: random.Random) -> str:
    """A caption that asks for the facts, without a noun."""
    parts = []
    for fact in facts:
        wording = WORDINGS[fact]
        form = rng.choice(wording.had + wording.doing + wording.orders or wording.adjectives)
        opening = rng.choice(REQUESTS) if form in wording.had else ""
        parts.append(f"{opening} {form}")
    return _tidy(rng.choice((" and ", " , ", " ")).join(parts), rng)


def _sentence(facts: list[str], rng: random.Random) -> str:
    """A caption with a noun: adjectives before it, the other facts behind it."""
    sex = next((fact for fact in facts if fact in NOUNS), "")
    nouns = NOUNS[sex]
    adjectives, behind = [], []
    for fact in facts:
        if fact in NOUNS:
            continue
        wording = WORDINGS[fact]
        if wording.people and not sex and nouns == NOUNS[""] and rng.random() < 0.2:
            nouns = wording.people
            continue
        slot = rng.choice([name for name in ("adjectives", "had", "doing") if getattr(wording, name)])
        form = rng.choice(getattr(wording, slot))
        if slot == "adjectives":
            adjectives.append(form)
        else:
            behind.append(f"{rng.choice(('with', 'with', 'has', 'and'))} {form}" if slot == "had" else form)
    article = rng.choice(("a", "a", "the", ""))
    subject = " ".join([rng.choice(OPENINGS), article, *adjectives, rng.choice(nouns)])
    return _tidy(subject + " " + rng.choice((" ", " , ", " and ")).join(behind), rng)


def _tidy(text: str, rng: random.Random) -> str:
    return " ".join(text.split()) + rng.choice(("", "", "", "."))


def neutral_words() -> list[str]:
    """The words of captions that say nothing about looks, sorted: articles, openings, general nouns."""
    phrases = [*OPENINGS, *REQUESTS, *NOUNS[""], _GLUE, "wearing without no not any"]
    return sorted({word for phrase in phrases for word in phrase.split()})


def requestable() -> list[str]:
    """The facts that a prompt may ask for."""
    return [fact for fact in FACTS if not fact.startswith("no ")]


def vocabulary() -> list[str]:
    """Every word of all captions, sorted."""
    phrases = [form for w in WORDINGS.values() for form in w.adjectives + w.had + w.doing + w.orders + w.people]
    phrases += [form for forms in NOUNS.values() for form in forms]
    phrases += [*OPENINGS, *REQUESTS, _GLUE]
    return sorted({word for phrase in phrases for word in phrase.split()})
