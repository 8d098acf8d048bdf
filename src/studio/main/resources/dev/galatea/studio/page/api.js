// The studio's HTTP, as openapi.json describes it.

async function answer(response) {
  const json = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(json.error ?? `the studio answered ${response.status}`);
  return json;
}

export const get = (path) => fetch(`/api/${path}`).then(answer);

const post = (path, type, body) => fetch(`/api/${path}`, { method: 'POST', headers: { 'Content-Type': type }, body }).then(answer);

/** An identity as a segment of a path. */
export function idOf(identity) {
  let bytes = '';
  for (const byte of new TextEncoder().encode(identity)) bytes += String.fromCharCode(byte);
  return '~' + btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function sendPhoto(id, file, about = {}) {
  const query = new URLSearchParams(about).toString();
  return post(`avatars/${id}/photo${query && '?' + query}`, file.type || 'application/octet-stream', file);
}

export const sendPrompt = (id, prompt) => post(`avatars/${id}/prompt`, 'application/json', JSON.stringify(prompt));

export const sendLight = (id, light) => post(`avatars/${id}/light`, 'application/json', JSON.stringify(light));

export const cancel = (id, requestId) => post(`avatars/${id}/cancel`, 'application/json', JSON.stringify({ requestId }));

export const forget = (id) => post(`avatars/${id}/forget`, 'application/json', '{}');

/** The avatar as it is, drawn from an angle; `number` is its version. */
export const look = (id, number, yaw, pitch) => `/api/avatars/${id}/look.png?r=${number}&yaw=${yaw}&pitch=${pitch}`;

export const latest = (avatar, view) => `/api/avatars/${avatar.id}/latest.png?r=${avatar.picture}${view === undefined ? '' : `&view=${view}`}`;

export const version = (id, number, view) => `/api/avatars/${id}/versions/${number}.png${view === undefined ? '' : `?view=${view}`}`;

export const photo = (id, key) => `/api/avatars/${id}/photo?r=${key}`;
