// A picture that turns: dragging shows the nearest of the rendered views, and then has the avatar drawn from there.

import { h, setSource, setText } from './dom.js';

const RADIANS_PER_WIDTH = 1.6;
/** How far the head can be turned where the avatar is drawn from anywhere. */
const MOST = { yaw: 0.9, pitch: 0.4 };
/** Places to draw from lie on a grid, so that pictures are found again; a view that is as near needs no drawing. */
const GRID = 0.05;
const KEY_STEP = 0.1;

export function turntable() {
  const pictures = h('div', { class: 'turn-pictures' });
  const drawn = h('img', { class: 'turn-drawn', alt: '', draggable: false });
  const dots = h('div', { class: 'turn-dots', 'aria-hidden': 'true' });
  const hint = h('p', { class: 'turn-hint' });
  const none = h('p', { class: 'turn-none' });
  const root = h('div', {
    class: 'turn', tabIndex: 0, role: 'slider', 'aria-label': 'Turn the head', onkeydown: key,
    onpointerdown: down, onpointermove: drag, onpointerup: up, onpointercancel: up,
  }, none, pictures, drawn, dots, hint);
  let views = [];
  let look;
  let yaw = 0;
  let pitch = 0;
  let from;
  let asking = false;

  /**
   * Shows pictures, each with its yaw, pitch and address; keeps the way the head is turned.
   * `drawnFrom(yaw, pitch)` is the address of the avatar drawn from there; without it, the pictures are all there is.
   */
  function show(next, alt, drawnFrom) {
    views = [...next].sort((a, b) => a.yaw - b.yaw);
    look = views.length > 0 ? drawnFrom : undefined;
    while (pictures.children.length > views.length) pictures.lastChild.remove();
    while (pictures.children.length < views.length) pictures.append(h('img', { alt: '', draggable: false }));
    views.forEach((view, i) => setSource(pictures.children[i], view.url));
    dots.replaceChildren(...(views.length > 1 ? views.map(() => h('i')) : []));
    root.classList.toggle('still', !turns());
    setText(hint, turns() ? 'drag to turn' : '');
    setText(none, views.length === 0 ? alt : '');
    pictures.setAttribute('aria-label', alt);
    root.setAttribute('aria-valuemin', degrees(bounds().least));
    root.setAttribute('aria-valuemax', degrees(bounds().most));
    turnTo(yaw, pitch);
  }

  const turns = () => look !== undefined || views.length > 1;

  const bounds = () => (look ? { least: -MOST.yaw, most: MOST.yaw } : { least: views[0]?.yaw ?? 0, most: views.at(-1)?.yaw ?? 0 });

  function turnTo(nextYaw, nextPitch) {
    yaw = Math.min(bounds().most, Math.max(bounds().least, nextYaw));
    pitch = look ? Math.min(MOST.pitch, Math.max(-MOST.pitch, nextPitch)) : 0;
    const best = nearest();
    [...pictures.children].forEach((image, i) => image.classList.toggle('on', i === best));
    [...dots.children].forEach((dot, i) => dot.classList.toggle('on', i === best));
    const angle = degrees(look ? yaw : views[best]?.yaw ?? 0);
    root.setAttribute('aria-valuenow', angle);
    root.setAttribute('aria-valuetext', angle === 0 ? 'from the front' : `${Math.abs(angle)}° from the ${angle < 0 ? 'left' : 'right'}`);
    draw();
  }

  function nearest() {
    let best = 0;
    views.forEach((view, i) => { if (off(view) < off(views[best])) best = i; });
    return best;
  }

  const off = (view) => Math.hypot(view.yaw - yaw, (view.pitch ?? 0) - pitch);

  /** Has the avatar drawn from where it is turned to: one picture at a time, so that dragging asks for no more than is drawn. */
  function draw() {
    const there = look && off(views[nearest()]) > GRID ? look(onGrid(yaw), onGrid(pitch)) : undefined;
    drawn.classList.toggle('on', there !== undefined && drawn.getAttribute('src') === there);
    if (there === undefined || asking || drawn.getAttribute('src') === there) return;
    asking = true;
    const picture = new Image();
    picture.onload = () => {
      asking = false;
      setSource(drawn, there);
      draw();
      // While the hand moves on, the picture of a moment ago is nearer than any view.
      drawn.classList.toggle('on', look !== undefined && off(views[nearest()]) > GRID);
    };
    picture.onerror = () => { asking = false; };
    picture.src = there;
  }

  function down(event) {
    if (!turns() || event.button > 0) return;
    root.setPointerCapture(event.pointerId);
    root.classList.add('dragging');
    from = { x: event.clientX, y: event.clientY, yaw, pitch };
  }

  // The head follows the hand: to the right shows more of what is at the left.
  function drag(event) {
    if (!from) return;
    const scale = RADIANS_PER_WIDTH / root.clientWidth;
    turnTo(from.yaw - (event.clientX - from.x) * scale, from.pitch + (event.clientY - from.y) * scale);
  }

  function up() {
    from = undefined;
    root.classList.remove('dragging');
  }

  function key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step === undefined || !turns()) return;
    event.preventDefault();
    if (look) turnTo(yaw + KEY_STEP * step[0], pitch + KEY_STEP * step[1]);
    else turnTo(views[Math.min(views.length - 1, Math.max(0, nearest() + step[0]))].yaw, 0);
  }

  return { root, show };
}

const onGrid = (radians) => Number((Math.round(radians / GRID) * GRID).toFixed(2));

const degrees = (radians) => Math.round((radians * 180) / Math.PI);
