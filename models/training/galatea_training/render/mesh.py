"""From a head's parameters to triangles, in the pack's world units."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import accessories, heads
from .makehuman import Mesh, build_mesh, read_obj, read_proxy, read_target, vertex_normals

INTEROCULAR = 0.17
PIVOT_BELOW_EYES = 0.42
EYE_DEPTH = 0.12
_PROXIES = {
    "eyes": "eyes/high-poly.mhclo",
    "teeth": "teeth/teeth_base.mhclo",
    "lashes": "eyelashes/eyelashes01/eyelashes01.mhclo",
}
_SKIN_BELOW_EYES = 4.2


@dataclass
class Part:
    """Triangles of one material.

    Attributes:
        name: the material: ``skin``, a hair style, a brow, ``eyes``, ``teeth``, ``lashes`` or ``glasses``.
        positions, normals: float32 [M,3], world units.
        triangles: int32 [T,3], given for glasses only; other parts have those of ``HeadModel.meshes``.
    """

    name: str
    positions: np.ndarray
    normals: np.ndarray
    triangles: np.ndarray | None = None


class HeadModel:
    """MakeHuman's mesh, morphs and proxies, cut down to the head; turns parameters into parts.

    Args:
        folder: the assets, laid out as models/training/README.md tells.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.base, uvs, groups = read_obj(self.folder / "base.obj")
        self._eye_vertices = [self._joint(groups, side) for side in ("l", "r")]
        left, right = (self.base[v].mean(axis=0) for v in self._eye_vertices)
        self._unit = np.linalg.norm(left - right)
        self._rest = (self.base - 0.5 * (left + right)) / self._unit
        faces = [f for f in groups["body"] if all(self._rest[v, 1] > -_SKIN_BELOW_EYES for v, _ in f)]
        self.meshes: dict[str, Mesh] = {"skin": build_mesh(faces, uvs)}
        self._proxies = {name: read_proxy(self.folder / path) for name, path in self._proxy_paths().items()}
        self.meshes |= {name: proxy.mesh for name, proxy in self._proxies.items()}
        self._stack_targets()
        self.rest_of_skin = self._rest[self.meshes["skin"].source].astype(np.float32)
        lips = self._lips()
        self.middle_of_lips = lips.mean(axis=0)
        self.beard_of_skin = accessories.beard_depth(self.rest_of_skin, lips).astype(np.float32)

    def parts(self, head: heads.Head) -> list[Part]:
        """The triangles of a head: skin, brows, eyes, teeth, lashes and, where it has them, hair and glasses."""
        base = self._shape(head)
        place = self._place(base)
        world = place(base)
        skin = self._part("skin", world)
        self._grow_beard(skin, head)
        parts = [skin]
        style = head.choice("hair", heads.HAIR_STYLES)
        names = [head.choice("brow", heads.BROWS), "eyes", "teeth", "lashes"] + ([style] if style != "bald" else [])
        for name in names:
            parts.append(self._part(name, place(self._proxies[name].fit(base))))
        if head["glasses_round"] or head["glasses_square"]:
            eyes = np.stack([world[v].mean(axis=0) for v in self._eye_vertices])
            positions, normals, triangles = accessories.glasses(head, eyes, skin.positions)
            parts.append(Part("glasses", positions.astype(np.float32), normals.astype(np.float32), triangles))
        return parts

    def skin(self, head: heads.Head) -> np.ndarray:
        """Positions `[V,3]` of the skin's vertices in world units. All heads have the same vertices."""
        base = self._shape(head)
        return self._place(base)(base)[np.unique(self.meshes["skin"].source)]

    @staticmethod
    def _joint(groups, side: str) -> np.ndarray:
        return np.unique([v for face in groups[f"joint-{side}-eye"] for v, _ in face])

    def _proxy_paths(self) -> dict[str, str]:
        hair = {style: f"hair/{name}/{name}.mhclo" for style, name in heads.HAIR_STYLES.items() if name}
        brows = {name: f"eyebrows/{name}/{name}.mhclo" for name in heads.BROWS}
        return {**_PROXIES, **hair, **brows}

    def _stack_targets(self) -> None:
        """Stacks all morph targets, one for each named displacement."""
        rows: dict[str, np.ndarray] = {}
        for name, (low, high) in heads.MORPHS.items():
            rows[f"-{name}"], rows[f"+{name}"] = self._target(low), self._target(high)
        for ethnicity in heads.ETHNICITIES:
            for name, units in heads.EXPRESSIONS.items():
                paths = [f"expression/units/{ethnicity}/{unit}" for unit in units]
                rows[f"{name}:{ethnicity}"] = sum(self._target(path) for path in paths)
            for sex in ("female", "male"):
                for age in ("young", "old"):
                    rows[f"{ethnicity}-{sex}-{age}"] = self._target(f"macrodetails/{ethnicity}-{sex}-{age}")
        for sex in ("female", "male"):
            for age in ("young", "old"):
                for weight in ("min", "average", "max"):
                    path = f"macrodetails/universal-{sex}-{age}-averagemuscle-{weight}weight"
                    rows[f"{weight}-{sex}-{age}"] = self._target(path)
        self._target_index = {name: i for i, name in enumerate(rows)}
        self._targets = np.stack(list(rows.values())).reshape(len(rows), -1)

    def _target(self, path: str) -> np.ndarray:
        sides = ["l", "r"] if "*" in path else [""]
        files = [self.folder / "targets" / (path.replace("*", side) + ".target") for side in sides]
        return sum(read_target(file, len(self.base)) for file in files)

    def _weights(self, head: heads.Head) -> np.ndarray:
        w = np.zeros(len(self._target_index), dtype=np.float32)
        for name in heads.MORPHS:
            w[self._target_index[("+" if head[name] > 0 else "-") + name]] = abs(head[name])
        sexes = {"male": head["sex"], "female": 1 - head["sex"]}
        ages = {"old": head["age"], "young": 1 - head["age"]}
        fat = head["weight"]
        bodies = {"max": max(fat, 0), "min": max(-fat, 0), "average": 1 - abs(fat)}
        for ethnicity in heads.ETHNICITIES:
            for name in heads.EXPRESSIONS:
                w[self._target_index[f"{name}:{ethnicity}"]] = head[ethnicity] * head[name]
        for sex, of_sex in sexes.items():
            for age, of_age in ages.items():
                for ethnicity in heads.ETHNICITIES:
                    w[self._target_index[f"{ethnicity}-{sex}-{age}"]] = head[ethnicity] * of_sex * of_age
                for body, of_body in bodies.items():
                    w[self._target_index[f"{body}-{sex}-{age}"]] = of_sex * of_age * of_body
        return w

    def _shape(self, head: heads.Head) -> np.ndarray:
        """All base vertices of a head, base units: [V,3]."""
        w = self._weights(head)
        used = np.flatnonzero(w)
        return self.base + (w[used] @ self._targets[used]).reshape(-1, 3)

    def _place(self, base: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """The function from base units to world units that puts this head's eyes at the crop's fixed place."""
        left, right = (base[v].mean(axis=0) for v in self._eye_vertices)
        scale = INTEROCULAR / np.linalg.norm(left - right)
        eyes = np.array([0.0, PIVOT_BELOW_EYES * INTEROCULAR, EYE_DEPTH])
        return lambda positions: (positions - 0.5 * (left + right)) * scale + eyes

    def _part(self, name: str, positions: np.ndarray) -> Part:
        mesh = self.meshes[name]
        normals = vertex_normals(positions, mesh.source[mesh.triangles])
        return Part(name, positions[mesh.source].astype(np.float32), normals[mesh.source].astype(np.float32))

    def _lips(self) -> np.ndarray:
        """The neutral head's lip vertices [J,3], interocular units about the middle of the eyes."""
        moved = np.zeros(len(self.base))
        for row in ("+upper_lip", "+lower_lip"):
            moved += np.linalg.norm(self._targets[self._target_index[row]].reshape(-1, 3), axis=1)
        return self._rest[moved > 0.3 * moved.max()]

    def _grow_beard(self, skin: Part, head: heads.Head) -> None:
        length = 0.016 * head["beard_full"]
        if length:
            cover = np.clip(self.beard_of_skin / 0.15, 0, 1)
            skin.positions += length * cover[:, None] * skin.normals
