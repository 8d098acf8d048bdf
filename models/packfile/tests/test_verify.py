"""Verification finds every breach of the contract."""

from pathlib import Path

import pytest
import torch
from galatea_packfile.verify import PackError, verify_network, verify_pack

TINY = Path(__file__).parents[3] / "src" / "engine" / "test" / "resources" / "packs" / "tiny"


def images(rows):
    return [torch.randn(rows, 3, 8, 8)]


def test_the_tiny_pack_keeps_the_contract():
    verify_pack(TINY)


@pytest.mark.parametrize(
    ("network", "complaint"),
    [
        (lambda x: x.flatten(1)[:, :9] + x.mean(0).flatten()[:9], "rows depend"),
        (lambda x: x.flatten(1)[:, :8], "is promised"),
        (lambda x: x.flatten(1)[:, :9] / 0.0, "not finite"),
        (lambda x: x.flatten(1)[:, :9] * 0.0, "no gradient reaches"),
    ],
)
def test_a_network_that_breaks_the_contract_is_named(network, complaint):
    torch.manual_seed(1)
    with pytest.raises(PackError, match=f"broken: .*{complaint}"):
        verify_network("broken", network, images, (9,), differentiable=True)


def test_a_changed_file_is_found(tmp_path):
    for file in TINY.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = tmp_path / "mean_latent.f32"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\0")
    with pytest.raises(PackError, match="mean_latent.f32: size or hash differs"):
        verify_pack(tmp_path)
