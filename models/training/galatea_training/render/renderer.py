"""Renders heads to G-buffers, off-screen with OpenGL (EGL; Mesa's software rasteriser will do)."""

import moderngl
import numpy as np
from PIL import Image

from . import heads, shaders
from .mesh import HeadModel, Part

NEAR, FAR = 1.5, 4.0
_PLAIN, _SKIN, _TINTED, _SOLID = range(4)
_HAIR_MEAN = 0.4


class Renderer:
    """Draws heads. It owns an OpenGL context and works only on the thread that made it.

    Args:
        model: meshes and the folder of textures.
        size: pictures are size × size pixels.
        supersampling: sub-pixels along a side of a pixel; their mean is the pixel.
    """

    def __init__(self, model: HeadModel, size: int = 128, supersampling: int = 3):
        self.model, self.size, self.supersampling = model, size, supersampling
        self.context = moderngl.create_context(standalone=True, backend="egl")
        self.program = self.context.program(vertex_shader=shaders.VERTEX, fragment_shader=shaders.FRAGMENT)
        side = size * supersampling
        targets = [self.context.renderbuffer((side, side), 4) for _ in range(2)]
        self.frame = self.context.framebuffer(targets, self.context.depth_renderbuffer((side, side)))
        self.context.enable(moderngl.DEPTH_TEST)
        self.program["supersampling"] = supersampling
        self.program["lips"].value = tuple(float(x) for x in model.middle_of_lips)
        self._textures: dict[str, moderngl.Texture] = {}
        self._buffers = {name: self._static(name) for name in model.meshes}

    def load(self, head: heads.Head) -> list:
        """Builds and uploads a head. ``draw`` takes the result, until the next call of ``load``."""
        return [(part, self._vertex_array(part), self._material(part, head)) for part in self.model.parts(head)]

    def draw(self, loaded: list, camera25: np.ndarray) -> np.ndarray:
        """The G-buffer of a loaded head at every sub-pixel: uint8 [size·s,size·s,8], channels as in ``shading``.

        Args:
            camera25: [25], docs/pack.md.
        """
        self.frame.use()
        self.frame.clear(0.0, 0.0, 0.0, 0.0)
        self.program["view_projection"].write(view_projection(camera25).T.astype("f4").tobytes())
        for _, array, material in loaded:
            self._apply(material)
            array.render()
        side = self.size * self.supersampling
        read = [self.frame.read(components=4, attachment=i) for i in range(2)]
        return np.concatenate([np.frombuffer(r, np.uint8).reshape(side, side, 4) for r in read], axis=2)[::-1]

    def _static(self, name: str):
        mesh = self.model.meshes[name]
        rest = np.zeros((len(mesh.source), 4), dtype=np.float32)
        if name == "skin":
            rest[:, :3], rest[:, 3] = self.model.rest_of_skin, self.model.beard_of_skin
        buffers = [self.context.buffer(x.astype(t).tobytes()) for x, t in ((mesh.uv, "f4"), (rest, "f4"))]
        dynamic = [self.context.buffer(reserve=len(mesh.source) * 12, dynamic=True) for _ in range(2)]
        return self._array(*dynamic, *buffers, mesh.triangles), dynamic

    def _array(self, positions, normals, uv, rest, triangles):
        content = [(positions, "3f", "position"), (normals, "3f", "normal"), (uv, "2f", "uv"), (rest, "4f", "rest")]
        return self.context.vertex_array(self.program, content, self.context.buffer(triangles.astype("i4").tobytes()))

    def _vertex_array(self, part: Part):
        if part.triangles is not None:
            count = len(part.positions)
            data = (part.positions, part.normals, np.zeros((count, 2), "f4"), np.zeros((count, 4), "f4"))
            return self._array(*(self.context.buffer(x.astype("f4").tobytes()) for x in data), part.triangles)
        array, (positions, normals) = self._buffers[part.name]
        positions.write(part.positions.tobytes())
        normals.write(part.normals.tobytes())
        return array

    def _material(self, part: Part, head: heads.Head) -> dict:
        hair = 10.0 ** head.rgb("hair")
        if part.name == "skin":
            skin = head.choice("skin", heads.SKINS)
            beard = max(0.55 * head["beard_short"], head["beard_full"])
            texture = self._texture(f"skins/{skin}.png")
            tint = np.exp(head.rgb("skin"))
            return {"kind": _SKIN, "diffuse": texture, "tint": tint, "beard": (beard, head["beard_reach"]), "hair": hair * 0.8, "importance": 0.0}
        if part.name == "glasses":
            return {"kind": _SOLID, "tint": 10.0 ** head.rgb("glasses"), "importance": 1.0}
        if part.name in heads.HAIR_STYLES:
            path = f"hair/{heads.HAIR_STYLES[part.name]}/{heads.HAIR_STYLES[part.name]}_diffuse.png"
            return {"kind": _TINTED, "diffuse": self._texture(path, grey=True), "tint": hair / _HAIR_MEAN**2.2, "importance": 0.1}
        if part.name in heads.BROWS:
            path = f"eyebrows/{part.name}/{part.name}.png"
            return {"kind": _TINTED, "diffuse": self._texture(path, grey=True), "tint": 0.6 * hair / _HAIR_MEAN**2.2, "importance": 0.6}
        path = {
            "eyes": f"eyes/{head.choice('eye', heads.EYES)}_eye.png",
            "teeth": "teeth/teeth.png",
            "lashes": "eyelashes/eyelashes01/eyelashes01.png",
        }[part.name]
        tint = (0.7, 0.66, 0.6) if part.name == "teeth" else (1.0, 1.0, 1.0)
        return {"kind": _PLAIN, "diffuse": self._texture(path), "tint": tint, "importance": 1.0}

    def _apply(self, material: dict) -> None:
        for name, value in material.items():
            if name == "diffuse":
                value.use(0)
            elif name in ("kind", "importance"):
                self.program[name].value = value
            else:
                self.program[name].value = tuple(float(x) for x in value)

    def _texture(self, path: str, grey: bool = False) -> moderngl.Texture:
        if path not in self._textures:
            image = np.asarray(Image.open(self.model.folder / path).convert("RGBA"))[::-1]
            pixels = _levelled(image) if grey else image
            texture = self.context.texture(image.shape[1::-1], 4, np.ascontiguousarray(pixels).tobytes())
            texture.build_mipmaps()
            texture.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
            self._textures[path] = texture
        return self._textures[path]


def _levelled(image: np.ndarray) -> np.ndarray:
    """A hair texture as grey with a fixed mean: uint8 [H,W,4]. One tint then gives the same colour on every style."""
    luminance = image[..., :3].astype(np.float32).mean(axis=-1) + 1.0
    strands = (image[..., 3] > 128) & (luminance > 12)
    relative = np.sqrt(luminance / luminance[strands].mean()) if strands.any() else np.ones_like(luminance)
    level = np.clip(relative * _HAIR_MEAN, 0, 1) * 255
    return np.dstack([level] * 3 + [image[..., 3]]).astype(np.uint8)


def view_projection(camera25: np.ndarray) -> np.ndarray:
    """Clip-space matrix [4,4] of a pack camera; column vectors."""
    pose = np.asarray(camera25[:16], dtype=np.float64).reshape(4, 4)
    fx, _, cx, _, fy, cy = np.asarray(camera25[16:22], dtype=np.float64)
    depth = (FAR + NEAR) / (FAR - NEAR), -2 * FAR * NEAR / (FAR - NEAR)
    projection = np.array(
        [[2 * fx, 0, 2 * cx - 1, 0], [0, -2 * fy, 1 - 2 * cy, 0], [0, 0, depth[0], depth[1]], [0, 0, 1, 0]]
    )
    return projection @ np.linalg.inv(pose)
