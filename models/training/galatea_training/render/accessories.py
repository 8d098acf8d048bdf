"""Glasses made of tubes and beards as a mask over the skin, which MakeHuman's free assets lack."""

import numpy as np

SIDES = 6
RIM_POINTS = 28


def tube(path: np.ndarray, radius: float, closed: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A tube along a path.

    Args:
        path: [K,3], K ≥ 2.
        radius: of the tube, units of the path.
        closed: whether the last point joins the first.

    Returns:
        positions [K·SIDES,3], unit normals [K·SIDES,3], triangles int32 [T,3].
    """
    if closed:
        tangent = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    else:
        tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    reference = np.where(np.abs(tangent[:, 2:]) > 0.7, [[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]])
    side = np.cross(tangent, reference)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(side, tangent)
    angle = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)
    normals = np.cos(angle)[None, :, None] * side[:, None] + np.sin(angle)[None, :, None] * up[:, None]
    positions = path[:, None] + radius * normals
    count = len(path)
    rings = np.arange(count if closed else count - 1)
    a = (rings[:, None] * SIDES + np.arange(SIDES)[None]).ravel()
    b = (rings[:, None] * SIDES + (np.arange(SIDES)[None] + 1) % SIDES).ravel()
    c, d = (a + SIDES) % (count * SIDES), (b + SIDES) % (count * SIDES)
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)]).astype(np.int32)
    return positions.reshape(-1, 3), normals.reshape(-1, 3), triangles


def glasses(head, eyes: np.ndarray, skin: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spectacle frames that do not cut into the face: two rims, a bridge and two temples.

    Args:
        head: a ``heads.Head`` with glasses.
        eyes: [2,3], centres of the left (+x) and right (−x) eye.
        skin: [K,3], positions of the skin.

    Returns:
        positions, unit normals and triangles as ``tube`` gives them.
    """
    d = np.linalg.norm(eyes[0] - eyes[1])
    size = 1.0 + 0.12 * head["glasses_size"]
    thickness = d * (0.036 + 0.012 * head["glasses_thickness"])
    rim = _rim(head["glasses_square"] > 0.5) * size * d
    front = max(_clearance(rim, eye, skin) for eye in eyes) + 1.4 * thickness
    y = eyes[:, 1].mean() - 0.04 * d
    paths = []
    for sign, eye in zip((1.0, -1.0), eyes):
        path = np.column_stack([eye[0] + rim[:, 0], y + rim[:, 1], np.full(len(rim), front)])
        path[:, 2] -= 0.25 * np.maximum(0, sign * (path[:, 0] - eye[0])) ** 2 / d
        paths.append((path, True))
        paths.append((_temple(path, sign, d, eye, skin), False))
    paths.append((_bridge(eyes, rim, y, front, d), False))
    return _join([tube(path, thickness, closed) for path, closed in paths])


def _rim(square: bool) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, RIM_POINTS, endpoint=False)
    power, width, height = (0.45, 0.40, 0.30) if square else (1.0, 0.37, 0.37)
    return np.column_stack(
        [width * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** power, height * np.sign(np.sin(t)) * np.abs(np.sin(t)) ** power]
    )


def _clearance(rim: np.ndarray, eye: np.ndarray, skin: np.ndarray) -> float:
    """The z before which a rim round ``eye`` cuts into brow or cheek; the nose passes between the rims."""
    reach = 1.15 * np.abs(rim).max(axis=0)
    offset = np.abs(skin[:, :2] - eye[:2])
    outer = np.abs(skin[:, 0]) > abs(eye[0]) - 0.75 * reach[0]
    return float(skin[(offset < reach).all(axis=1) & outer & (skin[:, 2] > eye[2]), 2].max())


def _temple(rim_path: np.ndarray, sign: float, d: float, eye: np.ndarray, skin: np.ndarray) -> np.ndarray:
    start = rim_path[np.argmax(sign * rim_path[:, 0] + 0.3 * rim_path[:, 1])]
    level = (np.abs(skin[:, 1] - eye[1]) < 0.2 * d) & (skin[:, 2] < eye[2] - 0.5 * d) & (skin[:, 2] > eye[2] - 1.1 * d)
    width = np.abs(skin[level, 0]).max() + 0.02 * d
    return np.array(
        [
            start,
            [sign * max(width, abs(start[0])), eye[1] + 0.12 * d, eye[2] - 0.45 * d],
            [sign * width, eye[1] + 0.10 * d, eye[2] - 1.3 * d],
        ]
    )


def _bridge(eyes: np.ndarray, rim: np.ndarray, y: float, front: float, d: float) -> np.ndarray:
    t = np.linspace(-1, 1, 7)
    half = 0.5 * (eyes[0, 0] - eyes[1, 0]) - np.abs(rim[:, 0]).max()
    middle = 0.5 * (eyes[0, 0] + eyes[1, 0])
    return np.column_stack([middle + t * half, y + d * (0.09 + 0.05 * (1 - t**2)), front + 0.12 * d * (1 - t**2)])


def _join(parts):
    positions, normals, triangles = zip(*parts)
    starts = np.cumsum([0] + [len(p) for p in positions[:-1]])
    return np.concatenate(positions), np.concatenate(normals), np.concatenate(
        [t + start for t, start in zip(triangles, starts)]
    ).astype(np.int32)


def beard_depth(rest: np.ndarray, lips: np.ndarray) -> np.ndarray:
    """Depth of each skin vertex inside the bearded region, in interocular units; negative outside.

    The depth is nearly linear between vertices, so that the shader draws a smooth edge across the mesh's large triangles.

    Args:
        rest: [K,3], the neutral head in interocular units about the middle of the eyes.
        lips: [J,3], its lip vertices in the same units.

    Returns:
        float64 [K], clipped to ±0.5: moustache, chin, jaw, sideburns and the upper neck; no lips.
    """
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    mouth = lips.mean(axis=0)
    corner = np.abs(lips[:, 0]).max()
    heights = [mouth[1] + 0.24, mouth[1] + 0.19, mouth[1] + 0.05, -0.55, 0.1]
    top = np.interp(x, [0, corner, 1.5 * corner, 0.95, 1.1], heights)
    to_lips = np.sqrt(((rest[:, None] - lips[None]) ** 2).sum(-1)).min(axis=1)
    edges = [top - y, y - (mouth[1] - 1.1), z - (mouth[2] - 1.7), to_lips - 0.02]
    return np.clip(np.min(edges, axis=0), -0.5, 0.5)
