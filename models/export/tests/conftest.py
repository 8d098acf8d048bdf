"""What several tests set up."""

import pickle

import pytest
import torch

from galatea_export import eg3d


@pytest.fixture
def in_float64(monkeypatch):
    """What is named float32 is float64 here, on both sides, so that no rounding tips a leaky unit."""
    usual = torch.get_default_dtype()
    pickle.dumps(torch.zeros(1))  # torch notes what its types are called when it first pickles: before they are renamed
    for name in ("float", "float32"):
        monkeypatch.setattr(torch, name, torch.float64)
    monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)
    monkeypatch.setitem(eg3d.DTYPES, "fp32", torch.float64)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(usual)
