// Elements without markup: what comes from topics is only ever text, never HTML.

const SVG = 'http://www.w3.org/2000/svg';

/** An element. Properties that begin with "on" listen; "class", "data-…", "aria-…" and "role" are attributes. */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** An element of SVG; all properties are attributes. */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class' || name === 'role' || name === 'for' || name === 'list' || /^(aria|data)-/.test(name)) {
      element.setAttribute(name, value === true ? '' : value);
    } else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Changes text only where it differs, so that screen readers are not told again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setSource(image, url) {
  if (image.getAttribute('src') !== url) image.setAttribute('src', url);
}

/** A name of a person in whatever script, kept from turning the text around it. */
export function name(text, className = '') {
  return h('bdi', { class: className, title: text }, text);
}

let toastTimer;

/** Tells something for a few seconds. */
export function toast(text, bad = false) {
  const box = document.getElementById('toasts');
  box.replaceChildren(h('p', { class: bad ? 'toast bad' : 'toast' }, text));
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.replaceChildren(), bad ? 9000 : 4000);
}

export function ago(ms, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 5) return 'now';
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} days ago`;
}

export function duration(ms) {
  if (ms === undefined) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 90000) return `${(ms / 1000).toFixed(ms < 10000 ? 1 : 0)} s`;
  return `${(ms / 60000).toFixed(1)} min`;
}

export function bytes(count) {
  if (count === undefined) return '–';
  if (count < 1 << 20) return `${Math.round(count / 1024)} KiB`;
  return `${(count / (1 << 20)).toFixed(count < 10 << 20 ? 1 : 0)} MiB`;
}
