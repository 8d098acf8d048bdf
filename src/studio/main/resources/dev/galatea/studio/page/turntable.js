// A picture that turns: the rendered views, one above the other; dragging shows the nearest.

import { h, setSource, setText } from './dom.js';

const RADIANS_PER_WIDTH = 1.6;

export function turntable() {
  const pictures = h('div', { class: 'turn-pictures' });
  const dots = h('div', { class: 'turn-dots', 'aria-hidden': 'true' });
  const hint = h('p', { class: 'turn-hint' });
  const none = h('p', { class: 'turn-none' });
  const root = h('div', {
    class: 'turn', tabIndex: 0, role: 'slider', 'aria-label': 'Turn the head', onkeydown: key,
    onpointerdown: down, onpointermove: drag, onpointerup: up, onpointercancel: up,
  }, none, pictures, dots, hint);
  let views = [];
  let yaw = 0;
  let from;

  /** Shows pictures, each with its yaw and address; keeps the way the head is turned. */
  function show(next, alt) {
    views = [...next].sort((a, b) => a.yaw - b.yaw);
    while (pictures.children.length > views.length) pictures.lastChild.remove();
    while (pictures.children.length < views.length) pictures.append(h('img', { alt: '', draggable: false }));
    views.forEach((view, i) => setSource(pictures.children[i], view.url));
    dots.replaceChildren(...(views.length > 1 ? views.map(() => h('i')) : []));
    root.classList.toggle('still', views.length < 2);
    setText(hint, views.length > 1 ? 'drag to turn' : '');
    setText(none, views.length === 0 ? alt : '');
    pictures.setAttribute('aria-label', alt);
    root.setAttribute('aria-valuemin', degrees(views[0]?.yaw ?? 0));
    root.setAttribute('aria-valuemax', degrees(views.at(-1)?.yaw ?? 0));
    choose();
  }

  function choose() {
    let best = 0;
    views.forEach((view, i) => { if (Math.abs(view.yaw - yaw) < Math.abs(views[best].yaw - yaw)) best = i; });
    [...pictures.children].forEach((image, i) => image.classList.toggle('on', i === best));
    [...dots.children].forEach((dot, i) => dot.classList.toggle('on', i === best));
    const angle = degrees(views[best]?.yaw ?? 0);
    root.setAttribute('aria-valuenow', angle);
    root.setAttribute('aria-valuetext', angle === 0 ? 'from the front' : `${Math.abs(angle)}° from the ${angle < 0 ? 'left' : 'right'}`);
    return best;
  }

  function turnTo(next) {
    yaw = Math.min(views.at(-1)?.yaw ?? 0, Math.max(views[0]?.yaw ?? 0, next));
    choose();
  }

  function down(event) {
    if (views.length < 2 || event.button > 0) return;
    root.setPointerCapture(event.pointerId);
    root.classList.add('dragging');
    from = { x: event.clientX, yaw };
  }

  // The head follows the hand: to the right shows more of what is at the left.
  function drag(event) {
    if (from) turnTo(from.yaw - ((event.clientX - from.x) / root.clientWidth) * RADIANS_PER_WIDTH);
  }

  function up() {
    from = undefined;
    root.classList.remove('dragging');
  }

  function key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || views.length < 2) return;
    event.preventDefault();
    const next = Math.min(views.length - 1, Math.max(0, choose() + step));
    turnTo(views[next].yaw);
  }

  return { root, show };
}

const degrees = (radians) => Math.round((radians * 180) / Math.PI);
