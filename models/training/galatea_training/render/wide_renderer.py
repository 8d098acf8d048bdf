"""Renders people in wider pictures than the pack's crop, with what photographs have beside the head: a body and its clothes.

One draw gives the picture of a photograph and the pack's own picture of the same head: where the pack ends the bust, and how far
down the body a place of the skin lies, are channels of the buffer.
"""

import numpy as np

from . import heads, shaders
from .people import MORE_HAIR, PeopleModel
from .renderer import _HAIR_MEAN, _TINTED, Renderer

#: Channels: encoded albedo (3), coverage (1), normal (3), importance (1), inside the pack's bust (1), height on the body (1).
CHANNELS = 10
#: Heights of ``body`` that its channel spans, from 0 to 1: interocular units below the middle of the eyes, at the front.
HEIGHTS = (-6.0, -1.4)
#: What the shader of heads says, and what is said in its place for people.
_CHANGES = {
    "uniform int kind;": "uniform int kind;\nuniform vec2 heights;",
    "    if (length(v_position * vec3(1.0, 1.0, 0.9)) > 0.47) discard;\n": "",
    "void main() {": "layout(location = 2) out vec4 places;  // inside the pack's bust, height on the body\n\nvoid main() {",
    "    normal_importance = vec4(0.5 * n + 0.5, importance);": """    normal_importance = vec4(0.5 * n + 0.5, importance);
    float bust = length(v_position * vec3(1.0, 1.0, 0.9)) > 0.47 ? 0.0 : 1.0;
    float height = kind == SKIN ? (v_rest.y + 0.3 * min(v_rest.z, 0.0) - heights.x) / (heights.y - heights.x) : 1.0;
    places = vec4(bust, clamp(height, 0.0, 1.0), 0.0, 1.0);""",
}


def fragment_shader() -> str:
    """The shader of heads, changed for people; raises ValueError where it does not say what is changed."""
    shader = shaders.FRAGMENT
    for said, instead in _CHANGES.items():
        if shader.count(said) != 1:
            raise ValueError(f"the shader of heads should say once: {said.strip()}")
        shader = shader.replace(said, instead)
    return shader


class WideRenderer(Renderer):
    """Draws people; owns an OpenGL context, so use it on the thread that made it.

    Args:
        model: meshes and the folder of textures.
        size: pictures are size × size pixels.
        supersampling: sub-pixels a side; their box mean is the pixel.
    """

    def __init__(self, model: PeopleModel, size: int, supersampling: int = 2):
        super().__init__(model, size, supersampling)
        self.program = self.context.program(vertex_shader=shaders.VERTEX, fragment_shader=fragment_shader())
        side = size * supersampling
        targets = [self.context.renderbuffer((side, side), 4) for _ in range(3)]
        self.frame = self.context.framebuffer(targets, self.context.depth_renderbuffer((side, side)))
        self.program["supersampling"] = supersampling
        self.program["lips"].value = tuple(float(x) for x in model.middle_of_lips)
        self.program["heights"].value = HEIGHTS
        self._buffers = {name: self._static(name) for name in model.meshes}

    def draw(self, loaded: list, camera25: np.ndarray) -> np.ndarray:
        """The buffer of a loaded person: uint8 [size,size,CHANNELS], means over the covered sub-pixels; coverage over all."""
        self.frame.use()
        self.frame.clear(0.0, 0.0, 0.0, 0.0)
        self.program["view_projection"].write(projection_of(camera25).T.astype("f4").tobytes())
        for _, array, material in loaded:
            self._apply(material)
            array.render()
        side, s = self.size * self.supersampling, self.supersampling
        read = [
            np.frombuffer(self.frame.read(components=4, attachment=i), np.uint8).reshape(side, side, 4)
            for i in range(3)
        ]
        fine = np.concatenate([read[0], read[1], read[2][..., :2]], axis=2)[::-1]
        total = sum(fine[i::s, j::s].astype(np.uint16) for i in range(s) for j in range(s))
        count = np.maximum(total[..., 3:4] // 255, 1)
        mean = (total + count // 2) // count
        mean[..., 3] = total[..., 3] // (s * s)
        return mean.astype(np.uint8)

    def _material(self, part, head: heads.Head) -> dict:
        if part.name not in MORE_HAIR:
            return super()._material(part, head)
        path = f"hair/{part.name}/{part.name}_diffuse.png"
        tint = 10.0 ** head.rgb("hair") / _HAIR_MEAN**2.2
        return {"kind": _TINTED, "diffuse": self._texture(path, grey=True), "tint": tint, "importance": 0.1}


def projection_of(camera25: np.ndarray) -> np.ndarray:
    """Clip-space matrix [4,4] of a pack camera at any distance of 0.8 or more; column vectors."""
    pose = np.asarray(camera25[:16], dtype=np.float64).reshape(4, 4)
    fx, _, cx, _, fy, cy = np.asarray(camera25[16:22], dtype=np.float64)
    distance = np.linalg.norm(pose[:3, 3])
    near, far = max(0.1, distance - 1.5), distance + 2.0
    depth = (far + near) / (far - near), -2 * far * near / (far - near)
    projection = np.array(
        [[2 * fx, 0, 2 * cx - 1, 0], [0, -2 * fy, 1 - 2 * cy, 0], [0, 0, depth[0], depth[1]], [0, 0, 1, 0]]
    )
    return projection @ np.linalg.inv(pose)


def seen_at(points: np.ndarray, camera25: np.ndarray) -> np.ndarray:
    """Where world points [K,3] are in the picture, as shares of its side, x right and y down: [K,2]."""
    pose = np.asarray(camera25[:16], dtype=np.float64).reshape(4, 4)
    fx, _, cx, _, fy, cy = np.asarray(camera25[16:22], dtype=np.float64)
    x, y, z = ((points - pose[:3, 3]) @ pose[:3, :3]).T
    return np.stack([fx * x / z + cx, fy * y / z + cy], axis=1)
