// A light that is dragged around a sphere. The sphere is shaded as the light would shade it.

import { h, setText } from './dom.js';

const SIZE = 160;
const EDGE = 0.985;

export function lightControl() {
  const light = { x: -0.55, y: 0.35, strength: 1.2, ambient: 0.35 };
  const canvas = h('canvas', { width: SIZE, height: SIZE, 'aria-hidden': 'true' });
  const handle = h('span', { class: 'light-handle', 'aria-hidden': 'true' });
  const sphere = h('div', {
    class: 'light-sphere', tabIndex: 0, role: 'slider', 'aria-label': 'Where the light comes from',
    'aria-valuemin': -180, 'aria-valuemax': 180,
    onpointerdown: (event) => { sphere.setPointerCapture(event.pointerId); point(event); },
    onpointermove: (event) => { if (sphere.hasPointerCapture(event.pointerId)) point(event); },
    onkeydown: key,
  }, canvas, handle);
  const strength = range('Strength', 0, 2.5, light.strength, (value) => { light.strength = value; });
  const ambient = range('Ambient', 0, 1.2, light.ambient, (value) => { light.ambient = value; });
  const words = h('output', { class: 'light-words' });
  const root = h('div', { class: 'light' }, sphere, h('div', { class: 'light-sides' }, words, strength, ambient));

  function range(label, min, max, value, set) {
    const shown = h('output', {}, value.toFixed(2));
    const input = h('input', {
      type: 'range', min, max, step: 0.05, value,
      oninput: () => { set(Number(input.value)); shown.textContent = Number(input.value).toFixed(2); draw(); },
    });
    return h('label', { class: 'range' }, h('span', {}, label, shown), input);
  }

  function point(event) {
    const box = sphere.getBoundingClientRect();
    set((2 * (event.clientX - box.left)) / box.width - 1, 1 - (2 * (event.clientY - box.top)) / box.height);
  }

  function set(x, y) {
    const length = Math.hypot(x, y);
    const inside = Math.min(1, EDGE / (length || 1));
    light.x = x * inside;
    light.y = y * inside;
    draw();
  }

  function key(event) {
    const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
    if (!step) return;
    event.preventDefault();
    set(light.x + step[0], light.y + step[1]);
  }

  const depth = () => Math.sqrt(Math.max(0, 1 - light.x ** 2 - light.y ** 2));

  function draw() {
    const z = depth();
    shade(canvas.getContext('2d'), [light.x, light.y, z], light.strength, light.ambient);
    handle.style.transform = `translate(${(light.x * 50 + 50) * (SIZE / 100)}px, ${(50 - light.y * 50) * (SIZE / 100)}px)`;
    const text = side(light.x, light.y);
    setText(words, text);
    sphere.setAttribute('aria-valuenow', Math.round((Math.atan2(light.x, z) * 180) / Math.PI));
    sphere.setAttribute('aria-valuetext', text);
  }

  draw();
  return { root, value: () => ({ from: [light.x, light.y, depth()], strength: light.strength, ambient: light.ambient }) };
}

function side(x, y) {
  const across = Math.abs(x) < 0.2 ? '' : x < 0 ? 'the left' : 'the right';
  const along = Math.abs(y) < 0.2 ? '' : y > 0 ? 'above' : 'below';
  return `from ${[across, along].filter(Boolean).join(', ') || 'the front'}`;
}

/** A white sphere in the light, as spherical harmonics of the second order shade it (Ramamoorthi and Hanrahan, 2001). */
function shade(context, [lx, ly, lz], strength, ambient) {
  const picture = context.createImageData(SIZE, SIZE);
  const half = SIZE / 2;
  for (let row = 0, at = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++, at += 4) {
      const x = (column + 0.5 - half) / half;
      const y = (half - row - 0.5) / half;
      const r2 = x * x + y * y;
      if (r2 > 1) continue;
      const cosine = x * lx + y * ly + Math.sqrt(1 - r2) * lz;
      // Bands 0, 1 and 2 of a light that shades what faces it with 1.
      const facing = (0.25 + 0.5 * cosine + 0.15625 * (3 * cosine * cosine - 1)) * (16 / 17);
      const value = 235 * Math.min(1.08, Math.max(0, 0.72 * (ambient + strength * facing))) ** 0.7;
      picture.data[at] = value;
      picture.data[at + 1] = value * 0.965;
      picture.data[at + 2] = value * 0.91;
      picture.data[at + 3] = 255 * Math.min(1, (1 - Math.sqrt(r2)) * half);
    }
  }
  context.putImageData(picture, 0, 0);
}
