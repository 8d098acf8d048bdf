"""Writes made-up photographs and what is found in them, as the fixtures of the product's test."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from ..data.snapshots import WideViews, framing_about
from ..networks.generator import IMAGE_SIZE
from ..networks.matting import matted
from . import photographs

#: Side of a photograph, pixels, and how many are drawn for each that is kept.
SIDE, DRAWN = 160, 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="folder of the dataset, with wide/val")
    parser.add_argument("--pack", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--out", type=Path, required=True, help="folder of the fixtures")
    parser.add_argument("--count", type=int, default=3, help="photographs to keep")
    parser.add_argument("--seed", type=int, default=0)


@torch.no_grad()
def run(args: argparse.Namespace) -> int:
    """Writes the first photographs in which the finder and the pack see a head: person-1.jpg and so on, and people.json."""
    import cv2

    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    align, matte = (torch.jit.load(args.pack / f"{name}.pt") for name in ("align", "matte"))
    people, count = WideViews(args.data / "wide" / "val"), DRAWN * args.count
    shots = people.snapshots(*people.draw(count), framing_about(count, (1.3, 1.6), 0.1, 0.15), SIDE)
    args.out.mkdir(parents=True, exist_ok=True)
    kept = []
    for picture in shots.picture:
        if len(kept) == args.count:
            break
        file = args.out / f"person-{len(kept) + 1}.jpg"
        pixels = (127.5 * (picture.permute(1, 2, 0) + 1)).round().clamp(0, 255).byte().numpy()
        cv2.imwrite(str(file), pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
        pixels = np.ascontiguousarray(cv2.imread(str(file))[:, :, ::-1])
        head = photographs.find(align, pixels) if photographs.boxes(pixels) else None
        if head is None:
            file.unlink()
            continue
        piece = photographs.cut(pixels, head.crop, IMAGE_SIZE)
        kept.append(
            {
                "file": file.name,
                "corners": [[p.x, p.y] for p in (head.crop.inside(u, v, 0, 0) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1)))],
                "yaw": float(head.yaw),
                "pitch": float(head.pitch),
                "confidence": head.confidence,
                "blocks": blocks(matted(piece, matte(piece))),
            }
        )
    (args.out / "people.json").write_text(json.dumps(kept, indent=1) + "\n")
    print(f"{len(kept)} of {count} kept")
    return 0


def blocks(picture: torch.Tensor) -> list[int]:
    """Mean colours, 0 to 255, of 8 × 8 blocks of a picture `[1,3,S,S]`: row by row, red, green and blue of each."""
    means = torch.nn.functional.avg_pool2d(picture, picture.shape[-1] // 8)[0].permute(1, 2, 0)
    return (127.5 * (means + 1)).round().int().flatten().tolist()
