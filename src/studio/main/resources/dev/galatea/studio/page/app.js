// The page's frame: which page is shown, whether the studio answers, and what is dropped on the window.

import { get } from './api.js';
import { setText } from './dom.js';
import { acceptDrops } from './composer.js';
import { machine } from './machine.js';
import { person } from './person.js';
import { Store } from './store.js';
import { wall } from './wall.js';

const main = document.getElementById('main');
const link = document.getElementById('link');
const notice = document.getElementById('notice');
const store = new Store();
let page;
let wallScroll = 0;

function decode(id) {
  try {
    const bytes = atob(id.slice(1).replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
  } catch {
    return '?';
  }
}

function open(config, first = false) {
  const [, where, id] = location.hash.split('/');
  if (page?.page === 'wall') wallScroll = window.scrollY;
  page?.stop();
  const context = { store, config };
  if (where === 'person' && id?.startsWith('~')) page = person({ ...context, id, identity: decode(id) });
  else if (where === 'machine') page = machine(context);
  else page = wall(context);
  document.title = page.title;
  main.replaceChildren(page.root);
  for (const item of document.querySelectorAll('.nav a')) {
    if (item.dataset.page === page.page) item.setAttribute('aria-current', 'page');
    else item.removeAttribute('aria-current');
  }
  page.start();
  window.scrollTo({ top: page.page === 'wall' ? wallScroll : 0 });
  if (!first) main.focus({ preventScroll: true });
}

function showLink() {
  link.classList.toggle('on', store.online);
  setText(link.lastElementChild, store.online ? 'live' : 'no connection');
}

async function begin() {
  try {
    const config = await get('config');
    notice.hidden = true;
    store.addEventListener('online', showLink);
    store.connect();
    window.addEventListener('hashchange', () => { if (location.hash !== '#main') open(config); });
    if (!config.readOnly) acceptDrops(config, () => page?.person);
    open(config, true);
  } catch (error) {
    notice.hidden = false;
    setText(notice, error.message);
    setTimeout(begin, 3000);
  }
}

begin();
