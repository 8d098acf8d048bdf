"""The manifest lists what lies in the folder, and refuses guidances that break its rules."""

import json

import pytest
import torch
from galatea_packfile.files import describe_file, float_bytes
from galatea_packfile.manifest import read_manifest, write_manifest

COLOUR = {"network": "colour.pt", "weights": {"image": 0.1}, "view": "side"}
FACTS = {"format": 1, "latent": {"layers": 1, "width": 2, "mean": "mean_latent.f32"}}


@pytest.fixture
def folder(tmp_path):
    """A folder with a mean latent, a network of the contract, a guidance's network and a file of no pack."""
    (tmp_path / "mean_latent.f32").write_bytes(float_bytes(torch.zeros(2)))
    for name in ("planes.pt", "colour.pt", "notes.txt"):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_a_manifest_lists_the_networks_and_hashes_the_files_that_it_names(folder):
    write_manifest(folder, FACTS)
    manifest = read_manifest(folder)
    assert manifest["networks"] == {"planes": "planes.pt"}
    assert manifest["files"] == {name: describe_file(folder / name) for name in ("mean_latent.f32", "planes.pt")}
    assert json.loads((folder / "pack.json").read_text()) == manifest


def test_a_guidance_of_the_pack_is_in_the_manifest_and_its_file_is_hashed(folder):
    write_manifest(folder, FACTS | {"guidances": {"colour": COLOUR}})
    manifest = read_manifest(folder)
    assert manifest["guidances"] == {"colour": COLOUR}
    assert manifest["files"]["colour.pt"] == describe_file(folder / "colour.pt")
    assert "colour" not in manifest["networks"]


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("identity", {}, "belongs to a built-in guidance or network"),
        ("perceptual", {}, "belongs to a built-in guidance or network"),
        ("Colour", {}, "lower-case letters and digits"),
        ("colour", {"view": "top"}, "must be source or side, not 'top'"),
        ("colour", {"weights": {"video": 1}}, "'video' is no kind of request"),
        ("colour", {"weights": {"image": -1}}, "finite and at least 0, not -1"),
        ("colour", {"network": "../colour.pt"}, "a file in the pack's folder"),
        ("colour", {"weight": 1}, "the keys must be network, view and weights"),
    ],
)
def test_a_wrong_guidance_is_refused(folder, name, changes, told):
    with pytest.raises(ValueError, match=told):
        write_manifest(folder, FACTS | {"guidances": {name: COLOUR | changes}})


def test_a_missing_file_is_refused(folder):
    (folder / "colour.pt").unlink()
    with pytest.raises(FileNotFoundError, match="colour.pt"):
        write_manifest(folder, FACTS | {"guidances": {"colour": COLOUR}})
