"""GLSL of the head renderer, which draws surfaces without light.

Each sub-pixel gets the surface's albedo, its normal in the head's frame, and its importance to a viewer. Alpha textures are
drawn without sorting: the sub-pixels of a pixel compare alpha with evenly spread thresholds, and their mean is the coverage.
"""

VERTEX = """
#version 330
uniform mat4 view_projection;
in vec3 position;
in vec3 normal;
in vec2 uv;
in vec4 rest;
out vec3 v_position;
out vec3 v_normal;
out vec2 v_uv;
out vec4 v_rest;
void main() {
    v_position = position;
    v_normal = normal;
    v_uv = uv;
    v_rest = rest;
    gl_Position = view_projection * vec4(position, 1.0);
}
"""

FRAGMENT = """
#version 330
const int PLAIN = 0, SKIN = 1, TINTED = 2, SOLID = 3;
uniform int kind;
uniform int supersampling;
uniform float importance;      // 0-1
uniform sampler2D diffuse;
uniform vec3 tint;
uniform vec3 hair;
uniform vec2 beard;      // amount 0-1, reach -1..1
uniform vec3 lips;       // their middle, as v_rest.xyz
in vec3 v_position;
in vec3 v_normal;
in vec2 v_uv;
in vec4 v_rest;          // neutral position, depth inside the bearded region
layout(location = 0) out vec4 albedo_coverage;  // albedo is encoded with gamma 2.2
layout(location = 1) out vec4 normal_importance;      // normal from [-1, 1] to [0, 1]

float hash(vec3 p) {
    return fract(sin(dot(p, vec3(12.9898, 78.233, 37.719))) * 43758.5453);
}

float noise(vec3 p) {
    vec3 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    vec4 low = vec4(hash(i), hash(i + vec3(1, 0, 0)), hash(i + vec3(0, 1, 0)), hash(i + vec3(1, 1, 0)));
    i.z += 1.0;
    vec4 high = vec4(hash(i), hash(i + vec3(1, 0, 0)), hash(i + vec3(0, 1, 0)), hash(i + vec3(1, 1, 0)));
    vec4 z = mix(low, high, f.z);
    return mix(mix(z.x, z.y, f.x), mix(z.z, z.w, f.x), f.y);
}

float threshold() {
    int s = supersampling;
    ivec2 p = ivec2(gl_FragCoord.xy) % s;
    return (float(p.x * s + p.y) + 0.5) / float(s * s);
}

vec3 skin(vec3 albedo) {
    if (beard.x <= 0.0) return albedo;
    vec3 hairs = v_rest.xyz * vec3(30.0, 14.0, 30.0);
    float ragged = v_rest.w + 0.06 * beard.y + 0.06 * (noise(hairs * 0.6) - 0.5);
    float cover = smoothstep(0.0, 0.12, ragged) * beard.x * (0.85 + 0.3 * noise(hairs * 0.7));
    return mix(albedo, hair * (0.6 + 0.8 * noise(hairs)), clamp(cover, 0.0, 1.0));
}

// What lies behind the lips gets little light.
float cavity() {
    vec3 away = abs(v_rest.xyz - lips);
    float behind = smoothstep(0.16, 0.36, lips.z - v_rest.z);
    return away.x < 0.34 && away.y < 0.24 ? 1.0 - 0.85 * behind : 1.0;
}

void main() {
    // The bust ends in a ball about the pivot: the cube that the tri-planes span holds it.
    if (length(v_position * vec3(1.0, 1.0, 0.9)) > 0.47) discard;
    vec4 texel = kind == SOLID ? vec4(1.0) : texture(diffuse, v_uv);
    if (texel.a < threshold()) discard;
    vec3 albedo = pow(texel.rgb, vec3(2.2));
    if (kind == SKIN) albedo = skin(albedo * tint) * cavity();
    else albedo *= tint;
    vec3 n = normalize(gl_FrontFacing ? v_normal : -v_normal);
    albedo_coverage = vec4(pow(clamp(albedo, 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
    normal_importance = vec4(0.5 * n + 0.5, importance);
}
"""
