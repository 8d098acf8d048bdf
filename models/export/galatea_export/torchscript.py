"""Saving TorchScript without traces of the machine it was made on."""

from pathlib import Path

import torch
from torch import nn

_WRITTEN_BY_THE_WRITER = ("version", "byteorder", ".data/serialization_id")


def save_script(network: nn.Module, path: Path) -> None:
    """Scripts a network in eval mode, unless it is scripted or traced already, and saves it.

    TorchScript's debug records hold the paths of the source files; they are left out.
    """
    scripted = network if isinstance(network, torch.jit.ScriptModule) else torch.jit.script(network.eval())
    raw = path.with_suffix(".raw")
    scripted.save(str(raw))
    reader = torch._C.PyTorchFileReader(str(raw))
    writer = torch._C.PyTorchFileWriter(str(path))
    for name in reader.get_all_records():
        if not name.endswith(".debug_pkl") and name not in _WRITTEN_BY_THE_WRITER:
            content = reader.get_record(name)
            writer.write_record(name, content, len(content))
    writer.write_end_of_file()
    raw.unlink()
