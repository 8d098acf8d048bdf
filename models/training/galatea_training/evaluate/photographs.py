"""From a picture as it was sent to the pack's crop of a head: find, align, cut, matte. In Python with OpenCV, as the product does it in Java.

Needs ``opencv-python-headless``, for the cascade that proposes faces and for cutting; no training command does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, cos, radians, sin

import numpy as np
import torch
from galatea_packfile.conventions import camera_from_angles
from torch import Tensor

#: The finder looks at pictures whose longer side is this, pixels.
FINDER_SIDE = 480
#: Faces that lean more than the finder sees are looked for in the picture turned by this, radians.
LEAN = radians(25)
#: The first window about a box of the finder, in its sides; the windows of further looks about the crop that the last one found, in its.
FIRST_WINDOW, NEXT_WINDOWS = 1.8, (1.25, 1.0, 1.5)
#: What all further looks at a head must be sure of, and how far they may be apart.
LEAST_CONFIDENCE, MOST_APART = 0.95, 0.35
#: Sides of the central squares that are looked at last, in shorter sides of the picture.
CENTRAL = (1.0, 0.7)
#: How far from the picture's middle a head that is found there may be, in shorter sides of the picture.
OFF_CENTRE = 0.15
#: Side of the square from the eyes to the mouth, which must lie in the picture, in sides of the crop.
FACE = 0.3


@dataclass(frozen=True)
class Square:
    """A square in a picture, in its pixels: middle, side, and how far it is turned clockwise, radians."""

    x: float
    y: float
    side: float
    roll: float = 0.0

    def matrix(self, size: int) -> np.ndarray:
        """[2,3]: from pixels of the cut square, size × size, to those of the picture; pixel centres lie at halves."""
        c, s = cos(self.roll) * self.side / size, sin(self.roll) * self.side / size
        corner = np.array([self.x, self.y]) - np.array([[c, -s], [s, c]]) @ [size / 2, size / 2]
        shift = corner + np.array([[c, -s], [s, c]]) @ [0.5, 0.5] - 0.5
        return np.array([[c, -s, shift[0]], [s, c, shift[1]]])

    def inside(self, x: float, y: float, side: float, roll: float) -> "Square":
        """A square that is told in shares of this one's side from its upper left corner, and relative to its roll."""
        u, v = (x - 0.5) * self.side, (y - 0.5) * self.side
        c, s = cos(self.roll), sin(self.roll)
        return Square(self.x + c * u - s * v, self.y + s * u + c * v, side * self.side, self.roll + roll)


@dataclass(frozen=True)
class Found:
    """A head in a picture.

    Attributes:
        crop: the pack's crop.
        yaw, pitch: of the camera, radians.
        confidence: 0 to 1, the least of all looks.
        apart: how far the looks are from their mean at most: shift and growth in the crop's side, roll and half of yaw in radians, summed.
        landmarks: [6,2], in the picture's pixels.
    """

    crop: Square
    yaw: float
    pitch: float
    confidence: float
    apart: float
    landmarks: np.ndarray

    def camera(self) -> Tensor:
        """The camera `[1,25]`."""
        return camera_from_angles(torch.tensor([self.yaw]), torch.tensor([self.pitch]))


def cut(picture: np.ndarray, square: Square, size: int) -> Tensor:
    """A square of a picture uint8 [H,W,3] as `[1,3,size,size]` in [-1, 1]; beyond the picture its edge goes on.

    A square of many pixels is first brought near to the size by means over areas.
    """
    import cv2

    shrink = max(1, int(square.side / size))
    if shrink > 1:
        height, width = (max(1, n // shrink) for n in picture.shape[:2])
        kx, ky = width / picture.shape[1], height / picture.shape[0]
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        square = Square(square.x * kx, square.y * ky, square.side * 0.5 * (kx + ky), square.roll)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    piece = cv2.warpAffine(picture, square.matrix(size), (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return torch.from_numpy(piece).permute(2, 0, 1)[None].float() / 127.5 - 1.0


def boxes(picture: np.ndarray, lean: float = 0.0) -> list[Square]:
    """What OpenCV's cascade takes for faces in a picture uint8 [H,W,3] RGB, among those that lean clockwise by so many radians."""
    import cv2

    scale = FINDER_SIDE / max(picture.shape[:2])
    size = tuple(max(1, round(scale * n)) for n in picture.shape[1::-1])
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    turn, middle = np.array([[cos(lean), -sin(lean)], [sin(lean), cos(lean)]]), np.array(size) / 2
    turned = tuple(ceil(n) for n in np.abs(turn.T) @ size) if lean else size
    if lean:
        shift = middle - 0.5 - turn @ (np.array(turned) / 2 - 0.5)
        matrix = np.column_stack([turn, shift])
        grey = cv2.warpAffine(grey, matrix, turned, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    finder = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml")
    seen = finder.detectMultiScale(grey, scaleFactor=1.1, minNeighbors=4)
    places = [(middle + turn @ (np.array([x + w / 2, y + h / 2]) - np.array(turned) / 2), w) for x, y, w, h in seen]
    return [Square(x / scale, y / scale, w / scale, lean) for (x, y), w in places]


def look(align: Callable[[Tensor], Tensor], picture: np.ndarray, window: Square, size: int = 112) -> Found:
    """What the network says of a window."""
    with torch.no_grad():
        said = align(cut(picture, window, size))[0].tolist()
    marks = [window.inside(x, y, 0, 0) for x, y in zip(said[7::2], said[8::2])]
    crop = window.inside(*said[:4])
    return Found(crop, said[4], said[5], said[6], 0.0, np.array([[m.x, m.y] for m in marks]))


def aligned(align: Callable[[Tensor], Tensor], picture: np.ndarray, window: Square) -> Found:
    """The head that is found from a first window on: the mean of further looks at it, each by another window.

    A network that is shown no face finds one now here and now there; so what looks agree on is a head.
    """
    found = look(align, picture, window)
    looks = []
    for share in NEXT_WINDOWS:
        crop = found.crop
        found = look(align, picture, Square(crop.x, crop.y, share * crop.side, crop.roll))
        looks.append(found)
    crops = np.array([(f.crop.x, f.crop.y, np.log(f.crop.side), f.crop.roll) for f in looks])
    x, y, size, roll = crops.mean(0)
    yaw, pitch = np.mean([(f.yaw, f.pitch) for f in looks], axis=0)
    off = crops - crops.mean(0)
    apart = (
        np.hypot(off[:, 0], off[:, 1]) / np.exp(size)
        + np.abs(off[:, 2:]).sum(1)
        + 0.5 * np.abs([f.yaw - yaw for f in looks])
    )
    marks = np.mean([f.landmarks for f in looks], axis=0)
    return Found(
        Square(x, y, float(np.exp(size)), roll), yaw, pitch, min(f.confidence for f in looks), float(apart.max()), marks
    )


def find(align: Callable[[Tensor], Tensor], picture: np.ndarray) -> Found | None:
    """The largest, most central head of a picture uint8 [H,W,3] RGB, or None."""
    for windows, off_centre in _windows(picture):
        heads = [aligned(align, picture, window) for window in windows]
        heads = [head for head in heads if is_head(head, picture) and _off_centre(head, picture) <= off_centre]
        if heads:
            return max(heads, key=lambda head: _prominence(head, picture))
    return None


def _windows(picture: np.ndarray) -> Iterator[tuple[list[Square], float]]:
    """Where a head is looked for first, second and so on: about the finder's boxes, then in the middle; and how far off the middle it may be."""
    for lean in (0.0, LEAN, -LEAN):
        yield [Square(box.x, box.y, FIRST_WINDOW * box.side, box.roll) for box in boxes(picture, lean)], np.inf
    height, width = picture.shape[:2]
    yield [Square(width / 2, height / 2, share * min(width, height)) for share in CENTRAL], OFF_CENTRE


def _off_centre(found: Found, picture: np.ndarray) -> float:
    """How far a head is from the picture's middle, in shorter sides of the picture."""
    height, width = picture.shape[:2]
    return np.hypot(found.crop.x - width / 2, found.crop.y - height / 2) / min(width, height)


def is_head(found: Found, picture: np.ndarray) -> bool:
    """Whether all looks were sure and agree, and the face is in the picture."""
    height, width = picture.shape[:2]
    edge = 0.5 - FACE / 2
    corners = [found.crop.inside(u, v, 0, 0) for u in (edge, 1 - edge) for v in (edge, 1 - edge)]
    within = all(0 < corner.x < width and 0 < corner.y < height for corner in corners)
    return within and found.confidence >= LEAST_CONFIDENCE and found.apart <= MOST_APART


def _prominence(head: Found, picture: np.ndarray) -> float:
    """Size, less the farther from the middle."""
    height, width = picture.shape[:2]
    off = np.hypot((head.crop.x - width / 2) / width, (head.crop.y - height / 2) / height)
    return head.crop.side * (1 - off)
