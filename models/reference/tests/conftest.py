"""The tiny test pack, shared by the tests."""

from pathlib import Path

import pytest
from galatea_reference.pack import Pack

TINY = Path(__file__).parents[3] / "src" / "engine" / "test" / "resources" / "packs" / "tiny"


@pytest.fixture(scope="module")
def pack():
    """The tiny test pack."""
    return Pack(TINY)
