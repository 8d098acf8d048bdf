"""Where training computes: its options, its threads and its device."""

import argparse

import torch
from torch import Tensor


def add_device_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds ``--device`` and ``--threads``."""
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: a GPU if there is one")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")


def select_device(args: argparse.Namespace) -> torch.device:
    """Sets the number of threads and returns the device.

    Raises:
        ValueError: the options ask for a GPU and there is none.
    """
    torch.set_num_threads(args.threads)
    there = torch.cuda.is_available()
    if args.device == "cuda" and not there:
        raise ValueError("--device cuda: PyTorch finds no GPU; right would be cpu or auto")
    if args.device == "cpu" or not there:
        return torch.device("cpu")
    torch.set_float32_matmul_precision("high")
    return torch.device("cuda")


def placed(array: Tensor, device: torch.device) -> Tensor:
    """The array on the device if it fits into half of the device's free memory; otherwise the array where it is."""
    if device.type == "cuda" and array.nbytes > torch.cuda.mem_get_info(device)[0] // 2:
        return array
    return array.to(device)
