"""Where the networks of a pack come from, and the licences that follow."""

from pathlib import Path

from galatea_packfile.files import describe_file


def source(path: Path, name: str, licence: str, networks: list[str]) -> dict:
    """An entry of the manifest's `sources`: a checkpoint's file, its licence and the networks made from it."""
    return {"file": name, **describe_file(path), "licence": licence, "networks": networks}


def joined(licences: list[str]) -> str:
    """The SPDX expression of all licences together, each named once."""
    return " AND ".join(dict.fromkeys(licences))
