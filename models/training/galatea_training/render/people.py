"""People as photographs show them: heads with the shapes and moods of real faces, and bodies below them.

A ``Person`` is a ``heads.Head`` with weights of ICT-FaceKit's identity modes and expressions on top. ``PeopleModel`` turns it
into triangles, and tells where the landmarks of its face are.
"""

from dataclasses import dataclass

import numpy as np

from . import heads
from .accessories import beard_depth
from .makehuman import build_mesh, read_obj
from .mesh import HeadModel, Part

#: Hair that has no parameter: a strand of it covers an eye. What words call the nearest style.
MORE_HAIR = {"bob02": "long", "short03": "short"}
#: Points that say where a crop is: shares of its side from its middle, along its own axes.
FRAME = ((0.0, 0.0), (-0.25, 0.0), (0.25, 0.0), (0.0, -0.25), (0.0, 0.25))
#: How far below the eyes a body reaches, interocular units.
BODY_BELOW_EYES = 9.5
#: Named landmarks, in the order of ``PeopleModel.landmarks``.
LANDMARKS = ("eye_right", "eye_left", "nose_tip", "mouth_right", "mouth_left", "chin")
#: Further landmarks: vertices of the front of the face nearest to these places, interocular units about the middle of the eyes.
GRID = [
    (x, y)
    for y in (0.75, 0.35, 0.0, -0.4, -0.8, -1.2, -1.55)
    for x in (-0.95, -0.5, 0.0, 0.5, 0.95)
    if abs(x) < 0.9 or y > -1.3
]
#: Moods by the expressions that make them, each with its greatest weight.
MOODS = {
    "smile": {
        "mouthSmile_L": 1.0,
        "mouthSmile_R": 1.0,
        "cheekSquint_L": 0.6,
        "cheekSquint_R": 0.6,
        "eyeSquint_L": 0.4,
        "eyeSquint_R": 0.4,
    },
    "grin": {
        "mouthSmile_L": 0.9,
        "mouthSmile_R": 0.9,
        "mouthUpperUp_L": 0.6,
        "mouthUpperUp_R": 0.6,
        "mouthLowerDown_L": 0.4,
        "mouthLowerDown_R": 0.4,
    },
    "smirk": {"mouthSmile_L": 0.8, "mouthLeft": 0.3},
    "frown": {"mouthFrown_L": 0.8, "mouthFrown_R": 0.8, "browDown_L": 0.8, "browDown_R": 0.8},
    "wonder": {
        "browInnerUp_L": 0.8,
        "browInnerUp_R": 0.8,
        "browOuterUp_L": 0.8,
        "browOuterUp_R": 0.8,
        "eyeWide_L": 0.8,
        "eyeWide_R": 0.8,
    },
    "pout": {"mouthPucker": 0.7, "mouthRollLower": 0.3},
    "strain": {"mouthStretch_L": 0.7, "mouthStretch_R": 0.7, "noseSneer_L": 0.6, "noseSneer_R": 0.6},
}
_BLINK = ("eyeBlink_L", "eyeBlink_R")


@dataclass(frozen=True)
class Person(heads.Head):
    """A head with the shape and the mood of a real face.

    Attributes:
        identity: weights of ICT-FaceKit's identity modes, float32 [100].
        expression: weights of its expressions by name.
        hair: a style of ``MORE_HAIR`` that is worn in place of the head's own, or "".
    """

    identity: np.ndarray
    expression: dict[str, float]
    hair: str = ""


def sample(rng: np.random.Generator) -> Person:
    """Draws a person: four in five differ by real shapes, the others by the sliders of ``heads`` alone."""
    head = heads.sample(rng)
    real = rng.random() < 0.8
    params = head.params.copy()
    if real:
        for name in heads.MORPHS:
            params[heads.INDEX[name]] *= 0.5
    identity = rng.normal(0, 0.85, 100) if real else np.zeros(100)
    expression: dict[str, float] = {}
    if rng.random() < 0.6:
        mood = rng.choice(list(MOODS), p=[0.3, 0.25, 0.09, 0.09, 0.09, 0.09, 0.09])
        degree = rng.uniform(0.35, 1.0)
        expression = {name: float(most * degree) for name, most in MOODS[mood].items()}
        params[heads.INDEX["smile"]] *= 0.15
        if mood == "grin" and rng.random() < 0.7:
            params[heads.INDEX["open"]] = rng.uniform(0.12, 0.4)
    if rng.random() < 0.3:
        shut = rng.uniform(0.2, 1.0) if rng.random() < 0.4 else rng.uniform(0.1, 0.45)
        expression |= {name: max(expression.get(name, 0.0), float(shut)) for name in _BLINK}
    hair = ""
    if rng.random() < 0.15:
        hair = str(rng.choice(list(MORE_HAIR)))
        for style in heads.HAIR_STYLES:
            params[heads.INDEX[f"hair:{style}"]] = float(style == MORE_HAIR[hair])
    return Person(params, identity.astype(np.float32), expression, hair)


class PeopleModel(HeadModel):
    """MakeHuman's mesh down to the chest, its morphs and proxies, and the shapes of real faces.

    Args:
        folder: the assets, with ``ict/makehuman_ict.npz``.
    """

    def __init__(self, folder):
        super().__init__(folder)
        _, uvs, groups = read_obj(self.folder / "base.obj")
        faces = [f for f in groups["body"] if all(self._rest[v, 1] > -BODY_BELOW_EYES for v, _ in f)]
        self.meshes["skin"] = build_mesh(faces, uvs)
        self.rest_of_skin = self._rest[self.meshes["skin"].source].astype(np.float32)
        self.beard_of_skin = beard_depth(self.rest_of_skin, self._lips()).astype(np.float32)
        self._read_shapes()
        self.marked = self._marked()

    def parts(self, head: heads.Head) -> list[Part]:
        """The triangles of a head or a person."""
        parts = super().parts(head)
        worn = getattr(head, "hair", "")
        if worn:
            base = self._shape(head)
            parts = [part for part in parts if part.name not in heads.HAIR_STYLES]
            parts.append(self._part(worn, self._place(base)(self._proxies[worn].fit(base))))
        return parts

    def landmarks(self, head: heads.Head) -> np.ndarray:
        """Where ``LANDMARKS`` and the further ones of the grid are, world units: float64 [K,3]."""
        base = self._shape(head)
        world = self._place(base)(base)
        eyes = np.stack([world[v].mean(axis=0) for v in self._eye_vertices])
        return np.concatenate([eyes[np.argsort(eyes[:, 0])], world[self.marked]])

    def _proxy_paths(self) -> dict[str, str]:
        return super()._proxy_paths() | {name: f"hair/{name}/{name}.mhclo" for name in MORE_HAIR}

    def _read_shapes(self) -> None:
        """Displacements of vertices by real shapes; what hangs on the face, eyes, teeth and hair, goes along with what is near."""
        with np.load(self.folder / "ict" / "makehuman_ict.npz") as file:
            vertices = file["vertices"]
            identity, self._expression = file["identity"].astype(np.float32), file["expression"].astype(np.float32)
            names = [str(name) for name in file["expression_names"]]
        self._expression_index = {name: i for i, name in enumerate(names)}
        self._moved = vertices
        others = np.setdiff1d(np.flatnonzero(self._rest[:, 1] > -2.2), vertices)
        near, weight = _nearest(self._rest[others], self._rest[vertices])
        along = np.einsum("vk,mvkc->mvc", weight, identity[:, near])
        for eye in self._eye_vertices:
            middle = self._rest[eye].mean(axis=0)
            lids = np.linalg.norm(self._rest[vertices] - middle, axis=1) < 0.35
            ball = np.linalg.norm(self._rest[others] - middle, axis=1) < 0.36
            along[:, ball] = identity[:, lids].mean(axis=1)[:, None]
        self._carried = np.concatenate([vertices, others])
        self._identity = np.concatenate([identity, along], axis=1).reshape(len(identity), -1)

    def _shape(self, head: heads.Head) -> np.ndarray:
        base = super()._shape(head)
        if isinstance(head, Person):
            base[self._carried] += (head.identity @ self._identity).reshape(-1, 3)
            for name, weight in head.expression.items():
                base[self._moved] += weight * self._expression[self._expression_index[name]]
        return base

    def _marked(self) -> np.ndarray:
        """The base vertices of the landmarks but the eyes."""
        skin = np.unique(self.meshes["skin"].source)
        rest, mouth = self._rest[skin], self.middle_of_lips
        front = rest[:, 2] > -0.75
        middle = front & (np.abs(rest[:, 0]) < 0.06)

        def best(score, among):
            return skin[np.argmax(np.where(among, score, -np.inf))]

        nose = best(rest[:, 2], middle & (rest[:, 1] < -0.3) & (rest[:, 1] > -0.95))
        lips = self._lips()
        corners = [lips[np.argmin(lips[:, 0])], lips[np.argmax(lips[:, 0])]]
        corners = [best(-np.linalg.norm(rest - corner, axis=1), front) for corner in corners]
        chin = best(rest[:, 2] - rest[:, 1], middle & (rest[:, 1] < mouth[1] - 0.3) & (rest[:, 1] > mouth[1] - 0.85))
        grid = [best(-np.hypot(rest[:, 0] - x, rest[:, 1] - y) + 0.02 * rest[:, 2], front) for x, y in GRID]
        return np.array([nose, *corners, chin, *grid])


def _nearest(places: np.ndarray, known: np.ndarray, count: int = 8, chunk: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """For each of places [N,3] the nearest of known [M,3] ones, int [N,count], and how much it follows each, float32 [N,count]."""
    near, weight = [], []
    for part in np.array_split(places, max(1, len(places) // chunk)):
        far = np.linalg.norm(part[:, None].astype(np.float32) - known[None].astype(np.float32), axis=2)
        order = np.argpartition(far, count, axis=1)[:, :count]
        far = np.take_along_axis(far, order, axis=1)
        share = 1.0 / (far + 0.02) ** 2
        near.append(order)
        weight.append(share / share.sum(1, keepdims=True) * np.exp(-((far.min(1, keepdims=True) / 0.8) ** 2)))
    return np.concatenate(near), np.concatenate(weight).astype(np.float32)
