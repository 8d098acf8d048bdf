// A person's page: the avatar to turn, the way of each request, and the versions.

import { cancel, forget, get, latest, look, photo, revert, version } from './api.js';
import { ago, h, s, setSource, setText, toast } from './dom.js';
import { composer } from './composer.js';
import { turntable } from './turntable.js';

const KINDS = { IMAGE: 'Photo', PROMPT: 'Prompt', LIGHT: 'Light', REVERT: 'Revert', ADOPT: 'Adopted' };
const REFETCH_MS = 150;

export function person({ store, config, id, identity }) {
  const turn = turntable();
  const title = h('bdi', {}, identity);
  const subtitle = h('p', { class: 'person-state', role: 'status' });
  const back = h('button', { class: 'button quiet small', type: 'button', hidden: true, onclick: () => select(undefined) }, 'Back to the newest');
  const again = h('button', { class: 'button small', type: 'button', hidden: true, onclick: () => goBack(selected) }, 'Make this the newest');
  const sent = h('figure', { class: 'sent', hidden: true },
    h('span', { class: 'sent-photo' }, h('img', { alt: 'The photo as it was sent', onload: drawPhoto })), h('figcaption', {}, 'photo as sent'));
  const scores = h('dl', { class: 'scores' });
  const film = h('div', { class: 'film', role: 'list', 'aria-label': 'Versions, oldest first' });
  const filmCard = h('section', { class: 'card film-card', 'aria-label': 'Versions' }, h('h2', {}, 'Versions'), film);
  const requests = h('ol', { class: 'requests' });
  const none = h('p', { class: 'soft' }, 'Nothing has been asked yet.');
  const sure = h('dialog', { class: 'sure', 'aria-label': 'Forget this person' },
    h('p', {}, 'Forget ', h('bdi', {}, identity), '? The avatar and all that waits are erased. This cannot be undone.'),
    h('form', { method: 'dialog', class: 'sure-buttons' },
      h('button', { class: 'button quiet', value: 'no' }, 'Keep'),
      h('button', { class: 'button', type: 'button', onclick: erase }, 'Forget')));
  const root = h('section', { class: 'person' },
    h('div', { class: 'person-head' }, h('a', { class: 'back', href: '#/', 'aria-label': 'Back to the wall' }, '←'), h('h1', {}, title), subtitle,
      config.readOnly ? null : h('button', { class: 'button quiet small forget', type: 'button', onclick: () => sure.showModal() }, 'Forget …')),
    sure,
    h('div', { class: 'person-body' },
      h('div', { class: 'person-left' },
        turn.root,
        h('div', { class: 'under' }, sent, back, again, scores)),
      h('div', { class: 'person-right' },
        config.readOnly ? null : composer(id, config),
        h('section', { class: 'card', 'aria-label': 'Requests' }, h('h2', {}, 'Requests'), none, requests))),
    filmCard);

  let detail;
  let selected;
  let timer;
  let asking = false;
  let photoKey = '';

  async function load() {
    timer = undefined;
    if (asking) {
      timer = setTimeout(load, REFETCH_MS);
      return;
    }
    asking = true;
    try {
      detail = await get(`avatars/${id}`);
      draw();
    } catch (error) {
      setText(subtitle, error.message);
    } finally {
      asking = false;
    }
  }

  async function erase() {
    sure.close();
    try {
      await forget(id);
      toast(`${identity} is being forgotten`);
      location.hash = '#/';
    } catch (error) {
      toast(error.message, true);
    }
  }

  async function stop(requestId) {
    try {
      await cancel(id, requestId);
    } catch (error) {
      toast(error.message, true);
    }
  }

  async function goBack(number) {
    try {
      await revert(id, number);
      toast(`Going back to version ${number}`);
      select(undefined);
    } catch (error) {
      toast(error.message, true);
    }
  }

  function select(number) {
    selected = number;
    draw();
  }

  function draw() {
    if (!detail) return;
    setText(title, detail.identity);
    const shown = detail.versions.find((render) => render.version === selected) ?? detail.newest;
    const old = shown && shown !== detail.newest;
    back.hidden = !old;
    again.hidden = !old || config.readOnly;
    setText(subtitle, old ? `version ${shown.version} of ${detail.version}` : state(detail));
    if (shown) {
      const url = old ? (view) => version(id, shown.version, view) : (view) => latest(detail, view);
      const views = shown.views.map((view, i) => ({ yaw: view.yaw, pitch: view.pitch, url: url(i) }));
      // What is drawn is the avatar as it is: neither an old version nor a request that is still in hand.
      const drawn = !config.readOnly && !old && shown.stage === 'FINAL' ? (yaw, pitch) => look(id, detail.version, yaw, pitch) : undefined;
      turn.show(views, `The avatar of ${detail.identity}`, drawn);
      drawScores(shown);
    } else turn.show([], 'No picture yet');
    drawPhoto();
    drawFilm(shown);
    drawRequests();
  }

  function drawPhoto() {
    const [frame, caption] = sent.children;
    const image = frame.firstChild;
    const last = detail.requests.filter((request) => request.kind === 'IMAGE').at(-1);
    sent.hidden = !detail.hasPhoto;
    if (!detail.hasPhoto) return;
    if (photoKey !== last?.requestId) {
      photoKey = last?.requestId;
      setSource(image, photo(id, encodeURIComponent(photoKey ?? '')));
    }
    const made = [detail.newest, ...detail.versions].find((render) => render?.requestId === photoKey && render.photo)?.photo;
    setText(caption, made ? `photo as sent, face found (${Math.round(100 * made.confidence)} %)` : 'photo as sent');
    frame.querySelector('svg')?.remove();
    if (made && image.naturalWidth) {
      // The crop's outline, cut as the picture's own edges are.
      frame.append(s('svg', { viewBox: `0 0 ${image.naturalWidth} ${image.naturalHeight}`, preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true' },
        s('polygon', { points: made.corners.map((corner) => corner.join(',')).join(' '), 'vector-effect': 'non-scaling-stroke' })));
    }
  }

  function drawScores(render) {
    const before = detail.versions.filter((other) => other.version < render.version).at(-1)?.scores ?? {};
    scores.replaceChildren(...Object.entries(render.scores).map(([key, value]) => {
      const former = before[key];
      const change = former === undefined ? '' : value < former ? 'better' : value > former ? 'worse' : '';
      return h('div', { class: change, title: former === undefined ? 'unweighted loss; lower is nearer' : `was ${former.toPrecision(3)} at the version before` },
        h('dt', {}, key.replaceAll('-', ' ')), h('dd', {}, Number(value).toPrecision(3)));
    }));
  }

  function drawFilm(shown) {
    filmCard.hidden = detail.versions.length === 0;
    const atEnd = film.scrollLeft + film.clientWidth >= film.scrollWidth - 30;
    const known = new Map([...film.children].map((frame) => [frame.dataset.version, frame]));
    film.replaceChildren(...detail.versions.map((render) => {
      const request = detail.requests.find((other) => other.requestId === render.requestId);
      const frame = known.get(String(render.version)) ?? makeFrame(render);
      const button = frame.firstChild;
      button.setAttribute('aria-pressed', String(render === shown && render.version === (selected ?? -1)));
      setText(frame.querySelector('.frame-what'), request?.label ?? KINDS[render.kind]);
      frame.querySelector('.frame-what').title = request?.label ?? '';
      const gone = render.views.length === 0;
      button.classList.toggle('gone', gone);
      if (!gone) setSource(frame.querySelector('img'), version(id, render.version));
      return frame;
    }));
    if (atEnd) film.scrollLeft = film.scrollWidth;
  }

  function makeFrame(render) {
    const frame = h('div', { class: 'frame', role: 'listitem' },
      h('button', { type: 'button', onclick: () => select(selected === render.version ? undefined : render.version) },
        h('img', { alt: '', loading: 'lazy', draggable: false }),
        h('span', { class: 'frame-number' }, `v${render.version}`),
        h('bdi', { class: 'frame-what' }),
        h('span', { class: 'frame-steps' }, `${render.steps} steps${render.converged ? ', converged' : ''}`)));
    frame.dataset.version = render.version;
    return frame;
  }

  function drawRequests() {
    none.hidden = detail.requests.length > 0;
    const known = new Map([...requests.children].map((row) => [row.dataset.request, row]));
    const waiting = detail.requests.filter((request) => request.state === 'SENT' || request.state === 'ACCEPTED');
    requests.replaceChildren(...[...detail.requests].reverse().map((request) => {
      const row = known.get(request.requestId) ?? makeRow(request, config.readOnly ? undefined : stop);
      updateRow(row, request, waiting.indexOf(request) + (detail.inHand?.state === 'REFINING' ? 1 : 0));
      return row;
    }));
  }

  function changed({ detail: ids }) {
    if (ids.has(id)) timer ??= setTimeout(load, REFETCH_MS);
  }

  const clock = setInterval(() => detail && drawRequests(), 10000);

  return {
    root,
    title: `${identity} – Galatea`,
    page: 'person',
    person: { id, identity },
    start() {
      store.addEventListener('change', changed);
      load();
    },
    stop() {
      store.removeEventListener('change', changed);
      clearTimeout(timer);
      clearInterval(clock);
    },
  };
}

function state(detail) {
  const hand = detail.inHand;
  if (hand?.state === 'REFINING') return `${hand.label} · step ${hand.steps} of ${hand.budget}`;
  if (hand) return `${hand.label} · waiting`;
  return detail.version ? `version ${detail.version} · ${ago(detail.activeAt)}` : 'no picture yet';
}

function makeRow(request, stop) {
  const row = h('li', { class: 'request' },
    h('span', { class: 'request-kind' }, KINDS[request.kind] ?? 'Request'),
    h('bdi', { class: 'request-label' }),
    h('span', { class: 'request-state' }),
    h('span', { class: 'request-bar', 'aria-hidden': 'true' }, h('i')),
    h('p', { class: 'request-why' }),
    h('p', { class: 'request-remedy' }),
    stop && h('button', { class: 'request-cancel', type: 'button', onclick: () => stop(request.requestId) }, 'Cancel'));
  row.dataset.request = request.requestId;
  return row;
}

function updateRow(row, request, before) {
  const [kind, label, status, bar, why, remedy, cancelling] = row.children;
  setText(kind, KINDS[request.kind] ?? 'Request');
  setText(label, request.kind === 'IMAGE' ? '' : request.label);
  row.dataset.state = request.state;
  row.title = request.origin ? `${request.origin.topic}-${request.origin.partition} @ ${request.origin.offset}` : '';
  setText(status, words(request, before));
  bar.hidden = request.state !== 'REFINING';
  bar.firstChild.style.transform = `scaleX(${request.budget ? request.steps / request.budget : 0})`;
  if (cancelling) cancelling.hidden = !['SENT', 'ACCEPTED', 'REFINING'].includes(request.state);
  why.hidden = remedy.hidden = !request.rejected;
  if (request.rejected) {
    setText(why, `${request.rejected.reason}: ${request.rejected.message}`);
    setText(remedy, request.rejected.remedy);
  }
}

function words(request, before) {
  const when = request.sentAt ? ago(request.sentAt) : '';
  switch (request.state) {
    case 'SENT': return ['sent', when].filter(Boolean).join(' · ');
    case 'ACCEPTED': return [before > 0 ? `accepted, ${before} before it` : 'accepted, next', when].filter(Boolean).join(' · ');
    case 'REFINING': return `step ${request.steps} of ${request.budget}`;
    case 'DONE': return [`done, v${request.version}`, when].filter(Boolean).join(' · ');
    default: return ['rejected', when].filter(Boolean).join(' · ');
  }
}
