"""Reads an EG3D checkpoint: NVIDIA's pickle, or the same tensors in a file without a program.

A pickle is a program. It runs with the classes of the user's own clone of EG3D and may do anything: use only a file that you
trust. The export takes only the tensors of `G_ema` and the constants below.
"""

import json
import pickle
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_type_hints

from safetensors.torch import save_file
from torch import Tensor, nn

from .state import CheckpointError, read_state, tensors


@dataclass(frozen=True)
class Constants:
    """Constants of EG3D's architecture that its tensors do not hold.

    Args:
        ray_start, ray_end: near and far of the rays, world units from the camera.
        box_warp: side of the cube that the planes span.
        depth_resolution: samples of each pass along a ray.
        neural_rendering_resolution: rays along a side.
        white_back: whether what no surface covers is white.
        plane_axes: for each plane the axes of space along its columns and rows. NVIDIA's published checkpoints were
            trained with xy, xz and zx; a pickle tells its own.
        decoder_rate: learning-rate multiplier of the decoder.
        condition_scale: factor on the camera that conditions the mapping; 0 where it is not conditioned.
        camera_radius: distance of the camera from its pivot.
        input_resolution: side that the super-resolution takes.
        antialias: whether features of another side are resized with a low-pass filter.
        clamp, upper_clamp: bound on activations of the backbone and of the super-resolution; 0 for none.
    """

    ray_start: float = 2.25
    ray_end: float = 3.3
    box_warp: float = 1.0
    depth_resolution: int = 48
    neural_rendering_resolution: int = 128
    white_back: bool = False
    plane_axes: tuple = ((0, 1), (0, 2), (2, 0))
    decoder_rate: float = 1.0
    condition_scale: float = 1.0
    camera_radius: float = 2.7
    input_resolution: int = 128
    antialias: bool = True
    clamp: float = 0.0
    upper_clamp: float = 256.0


def read(path: Path, code: Path | None) -> tuple[dict[str, Tensor], Constants]:
    """Reads the tensors of the averaged generator, under NVIDIA's names, and its constants.

    Args:
        path: `.pkl` as published; or `.safetensors` or `.pth` of the tensors, with the constants that differ from those
            of ffhqrebalanced512-128 in a `.json` of the same name.
        code: the inner `eg3d` folder of a clone of NVlabs/eg3d; needed for a pickle alone.

    Raises:
        CheckpointError: the file is not such a checkpoint.
    """
    if path.suffix != ".pkl":
        return read_state(path), _checked(_described(path.with_suffix(".json")), path)
    if code is None:
        raise CheckpointError(f"{path} is a pickle of EG3D's classes; give your clone of NVlabs/eg3d with --eg3d-code")
    generator = _unpickle(path, code)
    try:
        return tensors(generator.state_dict(), path), _checked(_of_generator(generator), path)
    except (AttributeError, KeyError, IndexError, TypeError) as error:
        raise CheckpointError(f"{path} holds no EG3D generator: {type(error).__name__}: {error}") from error


def write(path: Path, state: dict[str, Tensor], constants: Constants) -> None:
    """Writes the form without a program: the `.safetensors` file `path`, and a `.json` file beside it."""
    save_file({key: value.contiguous() for key, value in state.items()}, path)
    path.with_suffix(".json").write_text(json.dumps(asdict(constants), indent=2) + "\n", encoding="utf-8")


def _described(path: Path) -> dict:
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path} is no JSON object: {error}") from error


def _unpickle(path: Path, code: Path) -> nn.Module:
    folder = next((f for f in (code, code / "eg3d") if (f / "training" / "triplane.py").is_file()), None)
    if folder is None:
        raise CheckpointError(f"{code} is no clone of NVlabs/eg3d: it has no training/triplane.py")
    if not path.is_file():
        raise CheckpointError(f"{path} is not a file")
    with _importing(folder), path.open("rb") as file:
        try:
            content = pickle.load(file)
        except Exception as error:  # a program may fail in any way
            raise CheckpointError(f"{path} cannot be unpickled: {type(error).__name__}: {error}") from error
    generator = content.get("G_ema") if isinstance(content, dict) else None
    if not isinstance(generator, nn.Module):
        raise CheckpointError(f"{path} holds no network under 'G_ema'; EG3D's checkpoints do")
    return generator


@contextmanager
def _importing(folder: Path):
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _of_generator(generator: nn.Module) -> dict:
    """The constants of an unpickled generator."""
    rendering, upper = generator.rendering_kwargs, generator.superresolution
    for key, needed in (("clamp_mode", "softplus"), ("superresolution_noise_mode", "none")):
        if rendering.get(key, needed) != needed:
            raise CheckpointError(f"rendering_kwargs.{key} is {rendering[key]!r}; only {needed!r} is known here")
    if rendering.get("disparity_space_sampling", False):
        raise CheckpointError("rendering_kwargs.disparity_space_sampling is set; it is not known here")
    return {
        **{key: rendering[key] for key in ("ray_start", "ray_end", "box_warp", "depth_resolution")},
        "neural_rendering_resolution": generator.neural_rendering_resolution,
        "white_back": bool(rendering.get("white_back", False)),
        "plane_axes": _axes(generator.renderer.plane_axes),
        "decoder_rate": rendering.get("decoder_lr_mul", 1.0),
        "condition_scale": 0.0 if rendering["c_gen_conditioning_zero"] else rendering.get("c_scale", 0.0),
        "camera_radius": rendering.get("avg_camera_radius", 2.7),
        "input_resolution": upper.input_resolution,
        "antialias": bool(upper.sr_antialias),
        "clamp": generator.backbone.synthesis.b4.conv1.conv_clamp or 0.0,
        "upper_clamp": upper.block0.conv0.conv_clamp or 0.0,
    }


def _axes(planes: Tensor) -> list[tuple[int, int]]:
    """The pairs of axes from permutation matrices `[planes,3,3]`, whose rows are a plane's columns, rows and depth in space."""
    inverse = planes.float().inverse().round().int().tolist()
    return [tuple([row[k] for row in plane].index(1) for k in (0, 1)) for plane in inverse]


def _checked(values: dict, source: Path) -> Constants:
    hints = get_type_hints(Constants)
    for key, value in values.items():
        if key not in hints:
            raise CheckpointError(f"{source}: the constant '{key}' is unknown; known are {', '.join(hints)}")
        if hints[key] is float and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise CheckpointError(f"{source}: the constant {key} is {value!r}; it must be a number")
        if hints[key] in (int, bool) and type(value) is not hints[key]:
            kind = hints[key].__name__
            raise CheckpointError(f"{source}: the constant {key} is {value!r}; it must be of type {kind}")
    constants = Constants(**values)
    _check_ranges(constants, source)
    return constants


def _check_ranges(constants: Constants, source: Path) -> None:
    pairs = [tuple(pair) for pair in constants.plane_axes]
    rules = (
        (0 <= constants.ray_start < constants.ray_end, "ray_start must be below ray_end and at least 0"),
        (constants.box_warp > 0, "box_warp must be above 0"),
        (4 <= constants.depth_resolution <= 1024, "depth_resolution must be from 4 to 1024"),
        (8 <= constants.neural_rendering_resolution <= 1024, "neural_rendering_resolution must be from 8 to 1024"),
        (8 <= constants.input_resolution <= 1024, "input_resolution must be from 8 to 1024"),
        (constants.camera_radius > 0, "camera_radius must be above 0"),
        (constants.clamp >= 0 and constants.upper_clamp >= 0, "clamp and upper_clamp must be at least 0"),
        (
            len(pairs) == 3 and all(len(set(p)) == 2 and set(p) <= {0, 1, 2} for p in pairs),
            "plane_axes must be three pairs of different axes of 0, 1 and 2",
        ),
    )
    for holds, rule in rules:
        if not holds:
            raise CheckpointError(f"{source}: the constant {rule}")
