// The wall: every identity's newest picture. Only what is in sight has elements, however many identities there are.

import { latest } from './api.js';
import { h, setSource, setText } from './dom.js';
import { openNew } from './composer.js';

const GAP = 16;
const CAPTION = 54;
const SMALLEST = 172;
const SMALLEST_PHONE = 140;
const LARGEST = 300;
const REORDER_MS = 1200;
const OVERSCAN_ROWS = 2;

export function wall({ store, config }) {
  const search = h('input', {
    type: 'search', class: 'search', placeholder: 'Search people', autocomplete: 'off', spellcheck: false,
    'aria-label': 'Search people by name', oninput: () => reorder(true),
  });
  const sort = h('select', { class: 'select', 'aria-label': 'Order', onchange: () => reorder(true) },
    h('option', { value: 'activity' }, 'Latest activity'), h('option', { value: 'name' }, 'Name'));
  const count = h('p', { class: 'count', role: 'status' });
  const grid = h('div', { class: 'grid', role: 'list', 'aria-label': 'Avatars', onkeydown: move });
  const empty = h('div', { class: 'empty', hidden: true },
    h('h2', {}, 'No avatars yet'),
    h('p', {}, config.readOnly ? 'They appear here as requests are carried out.' : 'Drop a photo of a face here, or begin with a few words.'),
    config.readOnly ? null : h('button', { class: 'button', type: 'button', onclick: () => openNew({ config }) }, 'New avatar'));
  const root = h('section', { class: 'wall' },
    h('div', { class: 'bar' }, search, sort, count,
      config.readOnly ? null : h('button', { class: 'button', type: 'button', onclick: () => openNew({ config }) }, 'New avatar')),
    grid, empty);

  let order = [];
  let layout = { columns: 1, size: SMALLEST, row: SMALLEST + CAPTION + GAP };
  let resting = false;
  let timer;
  let frame = 0;
  let focus = 0;
  const tiles = new Map(); // id -> element

  function sorted() {
    const wanted = search.value.trim().toLowerCase();
    const found = [...store.avatars.values()].filter((avatar) => !wanted || avatar.identity.toLowerCase().includes(wanted));
    if (sort.value === 'name') found.sort((a, b) => a.identity.localeCompare(b.identity));
    else found.sort((a, b) => b.activeAt - a.activeAt || b.revision - a.revision);
    return found.map((avatar) => avatar.id);
  }

  function reorder(now = false) {
    clearTimeout(timer);
    timer = undefined;
    // People who aim at a tile do not want it to move.
    if (!now && (resting || grid.contains(document.activeElement))) return;
    order = sorted();
    const total = store.avatars.size;
    setText(count, order.length === total ? `${total} ${total === 1 ? 'person' : 'people'}` : `${order.length} of ${total}`);
    empty.hidden = total > 0;
    measure();
  }

  function measure() {
    const width = grid.clientWidth;
    if (width === 0) return;
    const smallest = width < 520 ? SMALLEST_PHONE : SMALLEST;
    const most = Math.max(1, Math.floor((width + GAP) / (smallest + GAP)));
    // A few people are shown larger, in as few rows as the window holds.
    const fits = (columns) => {
      const rows = Math.ceil(order.length / columns);
      return rows * ((width - (columns - 1) * GAP) / columns + CAPTION + GAP) < window.innerHeight - 150;
    };
    let columns = most;
    while (columns > 1 && width / (columns - 1) < LARGEST && fits(columns - 1)) columns--;
    const size = (width - (columns - 1) * GAP) / columns;
    layout = { columns, size, row: size + CAPTION + GAP };
    grid.style.height = `${Math.max(0, Math.ceil(order.length / columns) * layout.row - GAP)}px`;
    draw();
  }

  function draw() {
    frame = 0;
    const top = Math.max(0, -grid.getBoundingClientRect().top);
    const first = Math.max(0, Math.floor(top / layout.row) - OVERSCAN_ROWS) * layout.columns;
    const rows = Math.ceil(window.innerHeight / layout.row) + 2 * OVERSCAN_ROWS;
    const shown = new Set(order.slice(first, first + rows * layout.columns));
    for (const [id, tile] of tiles) {
      if (!shown.has(id)) {
        tile.remove();
        tiles.delete(id);
      }
    }
    let index = first;
    for (const id of shown) place(id, index++);
  }

  function place(id, index) {
    const avatar = store.avatars.get(id);
    if (!avatar) return;
    let tile = tiles.get(id);
    if (!tile) {
      tile = makeTile(avatar);
      tiles.set(id, tile);
      grid.append(tile);
    }
    const column = index % layout.columns;
    const row = Math.floor(index / layout.columns);
    tile.style.width = `${layout.size}px`;
    tile.style.height = `${layout.size + CAPTION}px`;
    tile.style.transform = `translate(${column * (layout.size + GAP)}px, ${row * layout.row}px)`;
    tile.setAttribute('aria-posinset', index + 1);
    tile.setAttribute('aria-setsize', order.length);
    tile.dataset.index = index;
    tile.firstChild.tabIndex = index === focus ? 0 : -1;
    updateTile(tile, avatar);
  }

  function redraw() {
    if (frame === 0) frame = requestAnimationFrame(draw);
  }

  function move(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: layout.columns, ArrowUp: -layout.columns, Home: -order.length, End: order.length };
    const step = steps[event.key];
    if (step === undefined || order.length === 0) return;
    event.preventDefault();
    focus = Math.min(order.length - 1, Math.max(0, focus + step));
    const top = grid.getBoundingClientRect().top + window.scrollY + Math.floor(focus / layout.columns) * layout.row;
    const header = document.querySelector('.top').offsetHeight + GAP;
    if (top < window.scrollY + header) window.scrollTo({ top: top - header });
    else if (top + layout.size > window.scrollY + window.innerHeight) window.scrollTo({ top: top + layout.row - window.innerHeight });
    draw();
    tiles.get(order[focus])?.firstChild.focus({ preventScroll: true });
  }

  function changed({ detail }) {
    let unknown = false;
    for (const id of detail) {
      const tile = tiles.get(id);
      const avatar = store.avatars.get(id);
      if (tile && avatar) updateTile(tile, avatar);
      else unknown = true;
    }
    if (order.length === 0 || (unknown && order.length < 12)) reorder(true);
    else timer ??= setTimeout(() => reorder(), REORDER_MS);
  }

  grid.addEventListener('pointerenter', (event) => { resting = event.pointerType === 'mouse'; });
  grid.addEventListener('pointerleave', () => { resting = false; timer ??= setTimeout(() => reorder(), 300); });
  grid.addEventListener('focusin', (event) => { focus = Number(event.target.parentElement?.dataset.index ?? focus); });
  const sizes = new ResizeObserver(measure);

  return {
    root,
    title: 'Galatea',
    page: 'wall',
    start() {
      store.addEventListener('change', changed);
      window.addEventListener('scroll', redraw, { passive: true });
      sizes.observe(root);
      reorder(true);
    },
    stop() {
      store.removeEventListener('change', changed);
      window.removeEventListener('scroll', redraw);
      sizes.disconnect();
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    },
  };
}

function makeTile(avatar) {
  const image = h('img', { alt: '', decoding: 'async', draggable: false });
  const link = h('a', { class: 'tile-link', href: `#/person/${avatar.id}` },
    h('span', { class: 'tile-picture' },
      h('span', { class: 'tile-blank', 'aria-hidden': 'true' }, [...avatar.identity.trim()][0]?.toUpperCase() ?? '?'),
      image,
      h('span', { class: 'tile-bar', 'aria-hidden': 'true' }, h('i'))),
    h('bdi', { class: 'tile-name', title: avatar.identity }, avatar.identity),
    h('bdi', { class: 'tile-note' }));
  const tile = h('div', { class: 'tile', role: 'listitem' }, link);
  image.addEventListener('load', () => tile.classList.add('has-picture'));
  return tile;
}

function updateTile(tile, avatar) {
  if (tile.dataset.revision === String(avatar.revision)) return;
  tile.dataset.revision = avatar.revision;
  if (avatar.picture > 0) setSource(tile.querySelector('img'), latest(avatar));
  const hand = avatar.inHand;
  const refining = hand?.state === 'REFINING';
  tile.classList.toggle('refining', refining);
  tile.classList.toggle('rejected', avatar.rejected && !hand);
  setText(tile.querySelector('.tile-note'), note(avatar));
  tile.querySelector('.tile-bar i').style.transform = `scaleX(${refining && hand.budget ? hand.steps / hand.budget : 0})`;
}

function note(avatar) {
  const hand = avatar.inHand;
  const more = avatar.open > 1 ? ` · ${avatar.open - 1} waiting` : '';
  if (hand?.state === 'REFINING') return `${hand.label} · ${hand.steps}/${hand.budget}${more}`;
  if (hand) return `${hand.label} · waiting`;
  if (avatar.rejected) return 'last request rejected';
  return avatar.version ? `version ${avatar.version}` : '';
}
