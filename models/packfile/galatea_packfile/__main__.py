"""Command line: ``python -m galatea_packfile PACK`` verifies a pack."""

import argparse
import sys
from pathlib import Path

import torch

from .verify import PackError, verify_pack


def main(argv: list[str] | None = None) -> int:
    """Verifies the pack that the arguments name; returns 0, or 1 for a pack that breaks its contract."""
    parser = argparse.ArgumentParser(prog="galatea_packfile", description="Verifies a pack against docs/pack.md.")
    parser.add_argument("pack", type=Path, help="folder of the pack")
    parser.add_argument("--float64", action="store_true", help="the networks take float64, as a test pack's may")
    args = parser.parse_args(argv)
    try:
        verify_pack(args.pack, torch.float64 if args.float64 else torch.float32)
    except PackError as error:
        print(f"{args.pack}: {error}", file=sys.stderr)
        return 1
    print(f"{args.pack}: the pack keeps its contract")
    return 0


if __name__ == "__main__":
    sys.exit(main())
