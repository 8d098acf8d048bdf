"""Saved TorchScript holds the network, and nothing of the machine that wrote it."""

import zipfile

import torch
from galatea_packfile.torchscript import save_script, stored_in_half
from torch import nn


def test_a_saved_network_computes_the_same_and_names_no_source_file(tmp_path):
    network, x = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), torch.randn(2, 3, 8, 8)
    for given in (network, torch.jit.trace(network, x)):
        save_script(given, tmp_path / "network.pt")
        assert torch.equal(torch.jit.load(tmp_path / "network.pt")(x), network(x))
        with zipfile.ZipFile(tmp_path / "network.pt") as archive:
            assert not [name for name in archive.namelist() if name.endswith(".debug_pkl")]
    assert [path.name for path in tmp_path.iterdir()] == ["network.pt"]


def test_half_precision_weights_change_little():
    torch.manual_seed(4)
    network, x = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8 * 36, 5)), torch.randn(2, 3, 8, 8)
    before = network(x)
    torch.testing.assert_close(stored_in_half(network)(x), before, atol=5e-3, rtol=5e-2)
    assert {value.dtype for value in network.state_dict().values()} == {torch.float16}
