"""Reads MakeHuman's files: the base mesh, its morph targets, and the proxies that follow it.

Formats: Wavefront ``.obj``; ``.target`` (lines ``vertex dx dy dz``); ``.mhclo`` (each proxy vertex is a weighted sum of
three base vertices plus a scaled offset, or one base vertex).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass
class Mesh:
    """A triangle mesh whose texture seams are split.

    Attributes:
        source: int [M], the position that each drawn vertex takes.
        uv: float32 [M,2], v up.
        triangles: int32 [T,3], indices of drawn vertices.
    """

    source: np.ndarray
    uv: np.ndarray
    triangles: np.ndarray


@dataclass
class Proxy:
    """A mesh that follows the base mesh.

    Attributes:
        mesh: its drawn triangles.
        vertices: int [K,3], base vertices of each position.
        weights: float [K,3].
        offsets: float [K,3], base units before scaling.
        scales: three of (base vertex, base vertex, reference distance) for x, y and z.
    """

    mesh: Mesh
    vertices: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray
    scales: list[tuple[int, int, float]]

    def fit(self, base: np.ndarray) -> np.ndarray:
        """Positions [K,3] on the base mesh [V,3]."""
        scale = np.array([abs(base[a, i] - base[b, i]) / d for i, (a, b, d) in enumerate(self.scales)])
        return np.einsum("kj,kjc->kc", self.weights, base[self.vertices]) + self.offsets * scale


def read_obj(path: Path) -> tuple[np.ndarray, np.ndarray, dict[str, list[list[tuple[int, int]]]]]:
    """Positions [V,3], texture coordinates [U,2], and by group the faces as lists of (position, uv) indices."""
    positions, uvs, groups, group = [], [], {}, "default"
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            fields = line.split()
            if not fields:
                continue
            if fields[0] == "v":
                positions.append([float(f) for f in fields[1:4]])
            elif fields[0] == "vt":
                uvs.append([float(f) for f in fields[1:3]])
            elif fields[0] == "g":
                group = fields[1]
            elif fields[0] == "f":
                corners = [corner.split("/") for corner in fields[1:]]
                groups.setdefault(group, []).append([(int(c[0]) - 1, int(c[1]) - 1) for c in corners])
    return np.array(positions), np.array(uvs, dtype=np.float32), groups


def build_mesh(faces: list[list[tuple[int, int]]], uvs: np.ndarray) -> Mesh:
    """Triangulates faces; corners that share position and texture coordinate become one drawn vertex."""
    index: dict[tuple[int, int], int] = {}
    triangles = []
    for face in faces:
        corners = [index.setdefault(corner, len(index)) for corner in face]
        triangles += [(corners[0], corners[i], corners[i + 1]) for i in range(1, len(corners) - 1)]
    pairs = np.array(list(index))
    return Mesh(pairs[:, 0], uvs[pairs[:, 1]], np.array(triangles, dtype=np.int32))


def read_target(path: Path, vertices: int) -> np.ndarray:
    """A morph target as dense displacements float32 [vertices,3]."""
    displacement = np.zeros((vertices, 3), dtype=np.float32)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            fields = line.split()
            if len(fields) == 4 and not fields[0].startswith("#"):
                displacement[int(fields[0])] = [float(f) for f in fields[1:]]
    return displacement


def read_proxy(path: Path) -> Proxy:
    """A ``.mhclo`` file and the ``.obj`` that it names."""
    scales: dict[str, tuple[int, int, float]] = {}
    rows: list[list[float]] = []
    obj = None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            fields = line.split()
            if not fields or fields[0].startswith("#"):
                continue
            if fields[0] in ("x_scale", "y_scale", "z_scale"):
                scales[fields[0][0]] = (int(fields[1]), int(fields[2]), float(fields[3]))
            elif fields[0] == "obj_file":
                obj = path.parent / fields[1]
            elif fields[0].lstrip("-").isdigit() and len(fields) in (1, 9):
                rows.append([float(f) for f in fields] if len(fields) == 9 else _single_vertex(fields[0]))
    if obj is None or len(scales) != 3:
        raise ValueError(f"{path}: expected obj_file and x_scale, y_scale, z_scale")
    _, uvs, groups = read_obj(obj)
    table = np.array(rows)
    mesh = build_mesh([face for faces in groups.values() for face in faces], uvs)
    return Proxy(mesh, table[:, :3].astype(int), table[:, 3:6], table[:, 6:], [scales[axis] for axis in "xyz"])


def _single_vertex(index: str) -> list[float]:
    return [float(index), 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def vertex_normals(positions: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals [V,3] weighted by area; triangles index positions."""
    a, b, c = (positions[triangles[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    normals = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(face[:, i], 3), len(positions)) for i in range(3)], axis=1
    )
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
