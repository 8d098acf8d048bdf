"""CLIP's tokenizer of both families of Stable Diffusion, as a pack holds it, against transformers' own.

The product's TokenizerTest reads the same files and expects the same ids. `python -m tests.test_tokenizer` writes both anew.
"""

import json
import tempfile
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from transformers import CLIPTokenizer

from galatea_export.checkpoints import diffusion as files
from galatea_export.random_weights.diffusion import random_checkpoint

RESOURCES = Path(__file__).parents[3] / "src" / "engine" / "test" / "resources"
#: Where the product's tests have each family's: 2 pads with the token of `!`, 1.5 with the end's.
COMMITTED = {"2.1-base": "packs/reduced/tokenizer.json", "1.5": "tokenizers/stable-diffusion-1.5.json"}
IDS = RESOURCES / "tokenizers" / "ids.json"
TEXTS = (
    "",
    "a photo of a person with red hair and round glasses",
    "an OLD man's beard, 77 years",
    "Wow!! It's the king's (museum) face... 50% off?! <3",
    "  two   spaces,\ta tab\nand a line ",
    "naïve café — 像素 😀 İSTANBUL",
    "cafe\u0301 of a decomposed accent",
    "glasses " * 100,
    "<|endoftext|> then more",
)


@pytest.fixture(scope="module", params=COMMITTED)
def family(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def folder(family: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(family)
    random_checkpoint(made, seed=0, reduced=True, family=family)
    return made


def exported(folder: Path) -> str:
    return files.tokenizer_json(folder / "tokenizer", files.text_shape(folder / "text_encoder"))


def reference(folder: Path) -> dict[str, list[int]]:
    clip = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    return {text: clip(text, padding="max_length", truncation=True, max_length=77)["input_ids"] for text in TEXTS}


def test_tokens_are_clips(folder: Path) -> None:
    tokenizer = Tokenizer.from_str(exported(folder))
    assert {text: tokenizer.encode(text).ids for text in TEXTS} == reference(folder)


def test_padding_is_the_familys_own(family: str, folder: Path) -> None:
    """Stable Diffusion 2 says so in special_tokens_map.json alone."""
    padding = {"2.1-base": ("!", 0), "1.5": ("<|endoftext|>", 599)}[family]
    told = json.loads(exported(folder))["padding"]
    assert (told["pad_token"], told["pad_id"]) == padding
    assert reference(folder)[""] == [598, 599, *[padding[1]] * 75]


def test_the_product_is_tested_on_these(family: str, folder: Path) -> None:
    assert (RESOURCES / COMMITTED[family]).read_text(encoding="utf-8") == exported(folder)
    committed = [entry for entry in json.loads(IDS.read_text(encoding="utf-8")) if entry["file"] == COMMITTED[family]]
    assert {entry["text"]: entry["ids"] for entry in committed} == reference(folder)


def main() -> None:
    """Writes what the product is tested on."""
    entries = []
    for family, name in COMMITTED.items():
        with tempfile.TemporaryDirectory() as made:
            random_checkpoint(Path(made), seed=0, reduced=True, family=family)
            (RESOURCES / name).write_text(exported(Path(made)), encoding="utf-8")
            entries += [{"file": name, "text": text, "ids": ids} for text, ids in reference(Path(made)).items()]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    IDS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
