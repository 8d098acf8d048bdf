"""Saving TorchScript without the machine it was made on."""

from pathlib import Path

import torch
from torch import nn

_WRITTEN_BY_THE_WRITER = ("version", "byteorder", ".data/serialization_id")


def save_script(network: nn.Module, path: Path) -> None:
    """Scripts a network in eval mode and saves it.

    TorchScript's debug records hold the paths of the source files; they are left out.
    """
    raw = path.with_suffix(".raw")
    torch.jit.script(network.eval()).save(str(raw))
    reader = torch._C.PyTorchFileReader(str(raw))
    writer = torch._C.PyTorchFileWriter(str(path))
    for name in reader.get_all_records():
        if not name.endswith(".debug_pkl") and name not in _WRITTEN_BY_THE_WRITER:
            content = reader.get_record(name)
            writer.write_record(name, content, len(content))
    writer.write_end_of_file()
    raw.unlink()
