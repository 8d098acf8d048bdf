"""The commands write whole packs, and refuse with one line what they cannot make."""

import json

import pytest
import torch
from galatea_packfile.files import describe_file

from galatea_export.__main__ import main
from galatea_export.packing.sources import joined
from galatea_export.random_weights import eg3d as eg3d_random


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("eg3d") / "eg3d.safetensors"
    eg3d_random.random_checkpoint(path, 1, reduced=True)
    return path


def test_a_pack_of_the_generator_alone(tmp_path, checkpoint, capsys):
    out = tmp_path / "pack"
    assert main(["--eg3d", str(checkpoint), "--out", str(out), "--mean-samples", "600", "--precision", "bf16"]) == 0
    manifest = json.loads((out / "pack.json").read_text())
    assert set(manifest["networks"]) == {"planes", "render", "density"}
    assert manifest["files"] == {path.name: describe_file(path) for path in sorted(out.iterdir()) if path.suffix != ".json"}
    assert manifest["licence"] == "LicenseRef-NVIDIA-EG3D-noncommercial"
    told = {"file": "eg3d.safetensors", "licence": manifest["licence"], "networks": ["planes", "render", "density"]}
    assert manifest["sources"] == [{**told, **describe_file(checkpoint)}]
    assert (out / "mean_latent.f32").stat().st_size == 4 * manifest["latent"]["layers"] * manifest["latent"]["width"]
    assert f"galatea pack verify {out} --tolerance 0.05`" in capsys.readouterr().out


def test_a_folder_with_files_is_left_alone(tmp_path, checkpoint, capsys):
    (tmp_path / "mine").write_text("mine")
    for command in (["--eg3d", str(checkpoint)], ["random", "--reduced", "--work", str(tmp_path / "work")]):
        assert main([*command, "--out", str(tmp_path)]) == 1
        assert "is not empty" in capsys.readouterr().err
        assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_refused_checkpoint_leaves_the_folder_empty(tmp_path, checkpoint, capsys):
    other, out = tmp_path / "other.pth", tmp_path / "pack"
    torch.save({"weight": torch.zeros(2)}, other)
    assert main(["--eg3d", str(other), "--out", str(out)]) == 1
    assert "lacks 'backbone.mapping.w_avg'" in capsys.readouterr().err
    assert main(["--eg3d", str(checkpoint), "--lighting", str(other), "--out", str(out)]) == 1
    told = capsys.readouterr()
    assert "render.pt" in told.out and "lacks 'pre_conv.weight'" in told.err
    assert not any(out.iterdir())


@pytest.mark.parametrize("option", ["--eg3d-code", "--diffusion", "--arcface", "--perceptual", "--lighting"])
def test_a_missing_checkpoint_is_told_before_anything_is_written(tmp_path, checkpoint, capsys, option):
    assert main(["--eg3d", str(checkpoint), option, "not/there", "--out", str(tmp_path / "pack")]) == 1
    assert "not/there is not there" in capsys.readouterr().err
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--precision", "fp8"], "fp8"),
        (["--precision", "hair=fp16"], "fp16"),
        (["--mean-samples", "10"], "10 is not from 600"),
        (["--perceptual-heads", "vgg.pth"], "needs --perceptual, which is missing"),
    ],
)
def test_a_wrong_option_is_told(wrong, told, capsys):
    with pytest.raises(SystemExit):
        main(["--eg3d", "x", "--out", "y", *wrong])
    assert told in capsys.readouterr().err


def test_a_random_pack_has_the_same_weights_for_the_same_seed(tmp_path):
    packs = tmp_path / "not" / "there" / "yet"
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        assert main(["random", "--reduced", "--seed", seed, "--out", str(packs / name)]) == 0
    a, b, c = (json.loads((packs / name / "pack.json").read_text()) for name in "abc")
    assert len(a["networks"]) == 9 and a["sources"] == b["sources"]
    assert not {entry["sha256"] for entry in a["sources"]} & {entry["sha256"] for entry in c["sources"]}
    assert a["licence"] == "Apache-2.0"


def test_each_network_calculates_in_the_precision_that_is_asked_for_it(tmp_path, capsys):
    asked = ["--precision", "prior=fp32", "--precision", "bf16", "--precision", "diffusion=fp16"]
    assert main(["random", "--reduced", *asked, "--out", str(tmp_path / "pack")]) == 0
    found = {
        path.stem: {value.dtype for value in torch.jit.load(path).state_dict().values() if value.dim() > 2}
        for path in (tmp_path / "pack").glob("*.pt")
    }
    bf16, fp16, fp32 = torch.bfloat16, torch.float16, torch.float32
    assert bf16 in found["planes"] and bf16 in found["render"] and bf16 in found["identity"]
    assert fp16 in found["prior_encode"] and bf16 not in found["prior_encode"]
    assert found["prior"] == {fp32}
    assert capsys.readouterr().out.strip().endswith("--tolerance 0.05`")


def test_licences_are_told_once():
    assert joined(["MIT", "Apache-2.0", "MIT"]) == "MIT AND Apache-2.0"
