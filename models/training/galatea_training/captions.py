"""Captions of heads in many wordings, from the attributes of the dataset.

A *fact* is one thing that can be said of a head. A caption states some of a head's facts, each in one of its wordings:
as adjectives before the noun, as what the head comes with, or as a bare request ("add glasses", "red hair").
"""

import random
from dataclasses import dataclass

SMILING_ABOVE, SERIOUS_BELOW = 0.5, 0.2


@dataclass(frozen=True)
class Wording:
    """How a fact is said: adjectives ("young"), things had ("red hair") and things worn or shown ("glasses")."""

    adjectives: tuple[str, ...] = ()
    had: tuple[str, ...] = ()
    doing: tuple[str, ...] = ()


def _hair(colours: str) -> Wording:
    names = colours.split()
    forms = [f"{c} hair" for c in names] + [f"{c} - haired" for c in names]
    return Wording(tuple(forms[len(names) :]), tuple(forms[: len(names)]))


def _eyewear(shapes: str) -> Wording:
    shapes = [f"{shape} " for shape in shapes.split()] or [""]
    things = tuple(f"{shape}{thing}" for shape in shapes for thing in ("glasses", "spectacles", "eyeglasses"))
    return Wording(had=things, doing=tuple(f"wearing {thing}" for thing in things))


WORDINGS: dict[str, Wording] = {
    "young": Wording(("young", "youthful")),
    "middle-aged": Wording(("middle - aged", "mature")),
    "old": Wording(("old", "elderly", "aged", "senior")),
    "light skin": Wording(("pale", "light - skinned"), ("light skin", "pale skin", "fair skin", "white skin")),
    "medium skin": Wording(("tanned",), ("medium skin", "olive skin", "tan skin", "tanned skin")),
    "dark skin": Wording(("dark - skinned",), ("dark skin", "brown skin", "black skin")),
    "black hair": _hair("black dark"),
    "brown hair": _hair("brown chestnut brunette"),
    "blond hair": _hair("blond blonde golden yellow"),
    "red hair": _hair("red ginger auburn orange"),
    "grey hair": _hair("grey gray silver white"),
    "blue hair": _hair("blue"),
    "bald": Wording(("bald", "hairless"), ("a bald head", "no hair", "a shaved head")),
    "cropped hair": Wording((), ("cropped hair", "very short hair", "a buzz cut")),
    "short hair": Wording(("short - haired",), ("short hair",)),
    "curly hair": Wording(("curly - haired",), ("curly hair", "curls", "an afro", "wavy hair")),
    "long hair": Wording(("long - haired",), ("long hair",)),
    "ponytail": Wording((), ("a ponytail", "hair tied back", "hair in a ponytail")),
    "braid": Wording((), ("a braid", "braids", "braided hair")),
    "brown eyes": Wording(("brown - eyed",), ("brown eyes", "dark eyes")),
    "blue eyes": Wording(("blue - eyed",), ("blue eyes",)),
    "green eyes": Wording(("green - eyed",), ("green eyes",)),
    "grey eyes": Wording(("grey - eyed",), ("grey eyes", "gray eyes")),
    "glasses": _eyewear(""),
    "round glasses": _eyewear("round circular"),
    "square glasses": _eyewear("square rectangular"),
    "no glasses": Wording((), ("no glasses", "no spectacles"), ("without glasses", "not wearing glasses", "without spectacles")),
    "beard": Wording(("bearded",), ("a beard", "facial hair", "beard"), ("wearing a beard",)),
    "short beard": Wording(("unshaven", "stubbly"), ("a short beard", "stubble", "short stubble", "a trimmed beard")),
    "full beard": Wording((), ("a full beard", "a long beard", "a big beard", "a thick beard", "a bushy beard")),
    "no beard": Wording(("clean - shaven", "shaven", "beardless"), ("no beard",), ("without a beard", "without beard")),
    "smile": Wording(("smiling", "happy", "cheerful"), ("a smile", "a grin", "a big smile"), ("smiling", "grinning")),
    "no smile": Wording(("serious",), ("a neutral expression", "a serious face"), ("not smiling", "without a smile")),
}
NOUNS = {
    "man": ("man", "male", "gentleman", "guy"),
    "woman": ("woman", "lady", "female"),
    "": ("person", "face", "head", "adult", "human"),
}
FACTS = tuple(WORDINGS) + ("man", "woman")
OPENINGS = ("", "", "", "", "portrait of", "photo of", "picture of", "a portrait of", "a photo of", "the face of")
EXTRA_WORDS = ("an his her their is are has have in on",)
GLUE = "a the and with , . -"
REQUESTS = ("", "", "", "with", "with", "add", "give him", "give her", "give them", "now with", "make it")


def facts_of(attributes: dict) -> list[str]:
    """All facts that hold for a head; `attributes` as the dataset gives them."""
    hair, glasses, beard = attributes["hair_style"], attributes["glasses"], attributes["beard"]
    facts = [attributes["sex"], attributes["age"], f"{attributes['skin']} skin", f"{attributes['eye_colour']} eyes"]
    facts += ["bald"] if hair == "bald" else [f"{attributes['hair_colour']} hair"]
    facts += [f"{hair} hair"] if f"{hair} hair" in WORDINGS else [hair] if hair != "bald" else []
    facts += ["no glasses"] if glasses == "none" else ["glasses", f"{glasses} glasses"]
    facts += ["no beard"] if beard == "none" else ["beard", f"{beard} beard"]
    if attributes["smile"] > SMILING_ABOVE:
        facts.append("smile")
    elif attributes["smile"] < SERIOUS_BELOW:
        facts.append("no smile")
    return facts


def caption(attributes: dict, rng: random.Random) -> tuple[str, list[str]]:
    """A caption of a head and the facts that it states, one to eight, few more often than many."""
    facts = facts_of(attributes)
    count = min(1 + int(rng.expovariate(0.4)), len(facts), 8)
    chosen = rng.sample(facts, count)
    stated = [fact for fact in chosen if fact in WORDINGS]
    if stated and len(stated) <= 2 and rng.random() < 0.5:
        return _request(stated, rng), stated
    return _sentence(chosen, rng), chosen


def _request(facts: list[str], rng: random.Random) -> str:
    """The facts alone, as one would ask for them."""
    parts = []
    for fact in facts:
        wording = WORDINGS[fact]
        forms = wording.had + wording.doing
        if not forms:
            parts.append(rng.choice(wording.adjectives))
            continue
        form = rng.choice(forms)
        opening = rng.choice(REQUESTS) if form in wording.had else ""
        parts.append(f"{opening} {form}")
    return _tidy(rng.choice((" and ", " , ", " ")).join(parts), rng)


def _sentence(facts: list[str], rng: random.Random) -> str:
    """The facts about a noun: adjectives before it, the rest behind."""
    sex = next((fact for fact in facts if fact in NOUNS), "")
    adjectives, behind = [], []
    for fact in facts:
        if fact in NOUNS:
            continue
        wording = WORDINGS[fact]
        slot = rng.choice([name for name in ("adjectives", "had", "doing") if getattr(wording, name)])
        form = rng.choice(getattr(wording, slot))
        if slot == "adjectives":
            adjectives.append(form)
        else:
            behind.append(f"with {form}" if slot == "had" else form)
    article = rng.choice(("a", "a", "the", ""))
    subject = " ".join([rng.choice(OPENINGS), article, *adjectives, rng.choice(NOUNS[sex])])
    return _tidy(subject + " " + rng.choice((" ", " , ", " and ")).join(behind), rng)


def _tidy(text: str, rng: random.Random) -> str:
    return " ".join(text.split()) + rng.choice(("", "", "", "."))


def neutral_words() -> list[str]:
    """The words of captions that say nothing about looks, sorted: articles, openings, nouns for anybody."""
    phrases = [*OPENINGS, *REQUESTS, *EXTRA_WORDS, *NOUNS[""], GLUE, "wearing without no not very"]
    return sorted({word for phrase in phrases for word in phrase.split()})


def requestable() -> list[str]:
    """What a prompt may ask for, in words for people."""
    return [fact for fact in FACTS if not fact.startswith("no ")]


def vocabulary() -> list[str]:
    """Every word that a caption may hold, sorted."""
    phrases = [form for w in WORDINGS.values() for form in w.adjectives + w.had + w.doing]
    phrases += [form for forms in NOUNS.values() for form in forms]
    phrases += [*OPENINGS, *REQUESTS, *EXTRA_WORDS, GLUE]
    return sorted({word for phrase in phrases for word in phrase.split()})
