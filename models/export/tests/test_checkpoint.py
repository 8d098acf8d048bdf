"""Checkpoints are refused with what is wrong in them."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from galatea_export.checkpoints.state import CheckpointError, fill, prefixed, read_state


@pytest.fixture
def state():
    return {"weight": torch.randn(2, 3), "bias": torch.randn(2)}


@pytest.mark.parametrize("name", ["net.safetensors", "net.pth"])
def test_fills_by_name_and_freezes(tmp_path, state, name):
    path = tmp_path / name
    (save_file if name.endswith("safetensors") else torch.save)(state, path)
    network = fill(nn.Linear(3, 2, device="meta").train(), read_state(path), path)
    assert torch.equal(network.weight, state["weight"])
    assert not network.weight.requires_grad and not network.training


def test_keeps_the_precision_of_the_network(state):
    network = fill(nn.Linear(3, 2), {key: value.half() for key, value in state.items()}, "net")
    assert network.weight.dtype == torch.float32


def test_names_the_missing_key(state):
    with pytest.raises(CheckpointError, match="net lacks 'bias'; it is truncated"):
        fill(nn.Linear(3, 2), {"weight": state["weight"]}, "net")


def test_names_the_unknown_key_unless_it_is_allowed(state):
    more = {**state, "head.weight": torch.zeros(1)}
    with pytest.raises(CheckpointError, match="net has 'head.weight'"):
        fill(nn.Linear(3, 2), more, "net")
    fill(nn.Linear(3, 2), more, "net", unused=[r"head\..*"])


def test_tells_the_wrong_and_the_right_shape(state):
    with pytest.raises(CheckpointError, match=r"'weight' has the shape \[2, 3\]; it must be \[2, 4\]"):
        fill(nn.Linear(4, 2), state, "net")


def test_refuses_numbers_that_are_not_finite(state):
    state["bias"][0] = float("nan")
    with pytest.raises(CheckpointError, match="'bias' holds numbers that are not finite"):
        fill(nn.Linear(3, 2), state, "net")


@pytest.mark.parametrize("name", ["net.safetensors", "net.pth"])
def test_refuses_a_truncated_file(tmp_path, state, name):
    path = tmp_path / name
    (save_file if name.endswith("safetensors") else torch.save)(state, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="cannot be read as a checkpoint"):
        read_state(path)


@pytest.mark.parametrize("form", ["safetensors", "zip", "legacy"])
def test_refuses_a_file_that_ends_anywhere(tmp_path, state, form):
    """As `torch.save` wrote until 2020, too: DPR's file is of that form."""
    path = tmp_path / ("net.safetensors" if form == "safetensors" else "net.pth")
    if form == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=form == "zip")
    content = path.read_bytes()
    for length in range(0, len(content), 1 if form == "legacy" else 11):
        path.write_bytes(content[:length])
        with pytest.raises(CheckpointError, match="cannot be read as a checkpoint|of another architecture"):
            fill(nn.Linear(3, 2), read_state(path), path)


def test_refuses_a_missing_file_and_what_is_no_dict_of_tensors(tmp_path):
    with pytest.raises(CheckpointError, match="is not a file"):
        read_state(tmp_path / "none.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(CheckpointError, match="holds a list"):
        read_state(tmp_path / "list.pth")
    torch.save({"epoch": 3}, tmp_path / "epoch.pth")
    with pytest.raises(CheckpointError, match="'epoch' is a int"):
        read_state(tmp_path / "epoch.pth")


def test_takes_off_a_prefix():
    assert list(prefixed({"a.b": torch.zeros(1), "c.b": torch.zeros(1)}, "a.")) == ["b"]
