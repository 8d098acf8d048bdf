// Making requests: a photo, a prompt, a light.

import { idOf, sendLight, sendPhoto, sendPrompt } from './api.js';
import { bytes, h, name, toast } from './dom.js';
import { lightControl } from './light.js';

const FEW = 12;
const TYPES = ['image/png', 'image/jpeg', 'image/webp'];

/** What keeps a file from being sent; undefined if nothing does. */
function refusal(file, config) {
  if (!TYPES.includes(file.type)) return 'That is no PNG, JPEG or WebP picture.';
  if (file.size > config.maxImageBytes) return `That picture has ${bytes(file.size)}; ${bytes(config.maxImageBytes)} are allowed.`;
  return undefined;
}

/** Sends a request and tells what became of it; true if Kafka has it. */
async function send(what, sending) {
  try {
    await sending;
    toast(`${what} sent`);
    return true;
  } catch (error) {
    toast(error.message, true);
    return false;
  }
}

export async function sendDropped(id, file, config, aligned = false) {
  const wrong = refusal(file, config);
  if (wrong) {
    toast(wrong, true);
    return false;
  }
  return send('Photo', sendPhoto(id, file, aligned ? { aligned } : {}));
}

/** Tabs for one person. */
export function composer(id, config) {
  const panels = { Photo: photoPanel(id, config), Prompt: promptPanel(id, config), Light: lightPanel(id) };
  const names = Object.keys(panels);
  const tabs = names.map((label) => h('button', {
    class: 'tab', type: 'button', role: 'tab', id: `tab-${label}`, 'aria-controls': `panel-${label}`,
    onclick: () => choose(label), onkeydown: (event) => step(event, label),
  }, label));
  for (const label of names) {
    const panel = panels[label];
    panel.id = `panel-${label}`;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', `tab-${label}`);
  }

  function choose(label) {
    names.forEach((other, i) => {
      tabs[i].setAttribute('aria-selected', String(other === label));
      tabs[i].tabIndex = other === label ? 0 : -1;
      panels[other].hidden = other !== label;
    });
  }

  function step(event, label) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (names.indexOf(label) + by + names.length) % names.length;
    choose(names[next]);
    tabs[next].focus();
  }

  choose('Prompt');
  return h('section', { class: 'card composer', 'aria-label': 'Make a request' },
    h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Kind of request' }, tabs), names.map((label) => panels[label]));
}

function photoPanel(id, config) {
  const input = h('input', {
    type: 'file', accept: TYPES.join(','), class: 'visually-hidden', id: 'photo-file',
    onchange: async () => {
      if (input.files[0]) await sendDropped(id, input.files[0], config, aligned.checked);
      input.value = '';
    },
  });
  const aligned = h('input', { type: 'checkbox', id: 'photo-aligned' });
  return h('div', { class: 'panel' }, input,
    h('label', { class: 'drop', for: 'photo-file' },
      h('strong', {}, 'Drop a photo here, or choose one'),
      h('span', {}, `A face from the front. PNG, JPEG or WebP, up to ${bytes(config.maxImageBytes)}.`)),
    h('label', { class: 'check', for: 'photo-aligned' }, aligned, 'It is cropped as the pack asks already'));
}

function promptPanel(id, config) {
  const text = h('textarea', {
    rows: 2, maxLength: 500, id: 'prompt-text', placeholder: 'wearing round glasses', dir: 'auto',
    onkeydown: (event) => { if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); } },
  });
  async function submit() {
    if (!text.value.trim()) {
      text.focus();
      return;
    }
    if (await send('Prompt', sendPrompt(id, { text: text.value.trim() }))) text.value = '';
  }
  return h('div', { class: 'panel' },
    h('label', { for: 'prompt-text', class: 'field-label' }, 'What the avatar shall look like'), text, suggestions(text, config),
    h('div', { class: 'actions' },
      h('button', { class: 'button', type: 'button', onclick: submit }, 'Send prompt'),
      h('button', { class: 'button quiet', type: 'button', onclick: () => send('Clearing the prompt', sendPrompt(id, { text: '' })) }, 'Clear the prompt')));
}

function suggestions(text, config) {
  if (config.suggestions.length === 0) return null;
  const more = h('button', { class: 'chip more', type: 'button', onclick: () => fill(config.suggestions.length) }, 'more …');
  const list = h('div', { class: 'chips', role: 'group', 'aria-label': 'What the pack understands' });
  function add(words) {
    const now = text.value.trim();
    text.value = now ? `${now}, ${words}` : words;
    text.focus();
  }
  function fill(most) {
    list.replaceChildren(...config.suggestions.slice(0, most).map((words) =>
      h('button', { class: 'chip', type: 'button', onclick: () => add(words) }, words)));
    if (most < config.suggestions.length) list.append(more);
  }
  // Spread over the list, since it is grouped by what it is about.
  const step = Math.max(1, config.suggestions.length / FEW);
  const few = Array.from({ length: Math.min(FEW, config.suggestions.length) }, (_, i) => config.suggestions[Math.floor(i * step)]);
  list.append(...few.map((words) => h('button', { class: 'chip', type: 'button', onclick: () => add(words) }, words)));
  if (few.length < config.suggestions.length) list.append(more);
  return list;
}

function lightPanel(id) {
  const light = lightControl();
  return h('div', { class: 'panel' }, light.root,
    h('div', { class: 'actions' },
      h('button', { class: 'button', type: 'button', onclick: () => send('Light', sendLight(id, light.value())) }, 'Send light'),
      h('button', { class: 'button quiet', type: 'button', onclick: () => send('Clearing the light', sendLight(id, { clear: true })) }, 'Clear the light')));
}

/** A dialog for a new identity, with a photo that was dropped or without. */
export function openNew({ config, file }) {
  let chosen = file;
  const identity = h('input', { type: 'text', id: 'new-name', required: true, maxLength: 120, autocomplete: 'off', dir: 'auto', placeholder: 'ada' });
  const preview = h('img', { class: 'new-photo', alt: 'The photo that will be sent', hidden: true });
  const input = h('input', { type: 'file', accept: TYPES.join(','), class: 'visually-hidden', id: 'new-file', onchange: () => choose(input.files[0]) });
  const prompt = h('input', { type: 'text', id: 'new-prompt', maxLength: 500, dir: 'auto', placeholder: 'a young woman with red hair' });
  const drop = h('label', { class: 'drop', for: 'new-file' }, preview, h('strong', {}, 'Choose a photo'), h('span', {}, 'or leave it out and begin with words'));
  const form = h('form', { method: 'dialog', class: 'new', onsubmit: submit },
    h('h2', {}, 'New avatar'),
    h('label', { for: 'new-name', class: 'field-label' }, 'Name'), identity,
    input, drop,
    h('label', { for: 'new-prompt', class: 'field-label' }, 'In words'), prompt,
    h('div', { class: 'actions' },
      h('button', { class: 'button', type: 'submit' }, 'Begin'),
      h('button', { class: 'button quiet', type: 'button', onclick: () => dialog.close() }, 'Cancel')));
  const dialog = h('dialog', { class: 'dialog', 'aria-label': 'New avatar', onclose: () => dialog.remove() }, form);

  function choose(next) {
    const wrong = next && refusal(next, config);
    if (wrong) {
      toast(wrong, true);
      return;
    }
    chosen = next;
    preview.hidden = !next;
    if (!next) return;
    const url = URL.createObjectURL(next);
    preview.onload = () => URL.revokeObjectURL(url);
    preview.src = url;
  }

  async function submit(event) {
    event.preventDefault();
    const id = idOf(identity.value.trim());
    if (!identity.value.trim()) return;
    if (!chosen && !prompt.value.trim()) {
      toast('Choose a photo, or say in words what the avatar shall look like', true);
      return;
    }
    const photo = !chosen || await send('Photo', sendPhoto(id, chosen));
    const words = !prompt.value.trim() || !photo || await send('Prompt', sendPrompt(id, { text: prompt.value.trim() }));
    if (photo && words) {
      dialog.close();
      location.hash = `#/person/${id}`;
    }
  }

  document.body.append(dialog);
  dialog.showModal();
  if (file) choose(file);
  identity.focus();
}

/** What the whole window does about pictures that are dropped on it. */
export function acceptDrops(config, target) {
  const zone = document.getElementById('dropzone');
  let depth = 0;
  const holdsFile = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  const show = (on) => {
    zone.hidden = !on;
    const person = target();
    zone.firstElementChild.replaceChildren(...(person ? ['A new photo of ', name(person.identity)] : ['Drop to begin a new avatar']));
  };
  window.addEventListener('dragenter', (event) => { if (holdsFile(event)) { depth++; show(true); } });
  window.addEventListener('dragleave', (event) => { if (holdsFile(event) && --depth <= 0) { depth = 0; show(false); } });
  window.addEventListener('dragover', (event) => { if (holdsFile(event)) event.preventDefault(); });
  window.addEventListener('drop', (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    depth = 0;
    show(false);
    const file = event.dataTransfer.files[0];
    const person = target();
    if (!file) return;
    if (person) sendDropped(person.id, file, config);
    else openNew({ config, file });
  });
}
