// The machine room: what the topics and Flink tell of the job's work.

import { get } from './api.js';
import { ago, bytes, duration, h, s, setText } from './dom.js';

const POLL_MS = 2000;
const WIDTH = 600;
const HEIGHT = 90;
const COLOURS = 7;

export function machine({ config }) {
  const cards = {
    steps: card('Steps', 'per second', 'gradient steps of all identities'),
    renders: card('Renders', 'per minute', 'requests completed'),
    first: card('First preview', 'median', 'from the request to its first picture'),
    done: card('Completed', 'median', 'from the request to its final picture'),
  };
  const trouble = h('p', { class: 'notice', role: 'alert', hidden: true });
  const stepsChart = chart('Steps per second over ten minutes');
  const rendersChart = chart('Renders and previews per second over ten minutes');
  const rejectsChart = chart('Rejects by reason over ten minutes');
  const legend = h('ul', { class: 'legend' });
  const flink = h('dl', { class: 'facts' });
  const flinkNote = h('p', { class: 'soft' });
  const studio = h('dl', { class: 'facts' });
  const root = h('section', { class: 'machine' }, h('h1', {}, 'Machine room'), trouble,
    h('div', { class: 'numbers' }, Object.values(cards).map((one) => one.root)),
    h('div', { class: 'charts' },
      h('section', { class: 'card' }, h('h2', {}, 'Steps per second'), stepsChart.root),
      h('section', { class: 'card' }, h('h2', {}, 'Pictures per second'), rendersChart.root,
        h('ul', { class: 'legend' }, h('li', { class: 'c0' }, 'previews'), h('li', { class: 'c1' }, 'final renders'))),
      h('section', { class: 'card' }, h('h2', {}, 'Rejects by reason'), rejectsChart.root, legend)),
    h('div', { class: 'columns' },
      h('section', { class: 'card' }, h('h2', {}, 'Flink'), flinkNote, flink),
      h('section', { class: 'card' }, h('h2', {}, 'This studio'), studio)));
  let timer;
  let stopped = false;

  async function load() {
    try {
      draw(await get('machine'));
    } catch (error) {
      trouble.hidden = false;
      setText(trouble, error.message);
    }
    if (!stopped) timer = setTimeout(load, document.hidden ? 5 * POLL_MS : POLL_MS);
  }

  function draw({ traffic, studio: kept, flink: job, trouble: reason }) {
    trouble.hidden = !reason;
    setText(trouble, reason ?? '');
    cards.steps.set(traffic.stepsPerSecond.toFixed(1));
    cards.renders.set((traffic.rendersPerSecond * 60).toFixed(1));
    cards.first.set(duration(traffic.firstPreviewMs.p50), `p99 ${duration(traffic.firstPreviewMs.p99)} of ${traffic.firstPreviewMs.count}`);
    cards.done.set(duration(traffic.completedMs.p50), `p99 ${duration(traffic.completedMs.p99)} of ${traffic.completedMs.count}`);
    const pieces = traffic.pieces;
    const rate = (value) => value / traffic.pieceSeconds;
    stepsChart.lines([pieces.map((piece) => rate(piece.steps))]);
    rendersChart.lines([pieces.map((piece) => rate(piece.previews)), pieces.map((piece) => rate(piece.finals))]);
    drawRejects(pieces);
    drawFlink(job);
    facts(studio, [
      ['Identities kept', `${kept.identities} of at most ${kept.mostIdentities}`],
      ['Pictures kept', `${bytes(kept.pictureBytes)} of at most ${bytes(kept.maxPictureBytes)}`],
      ['Topics', `${config.topicPrefix}*`],
      ['Requests from this page', config.readOnly ? 'refused: read-only' : 'taken'],
    ]);
  }

  function drawRejects(pieces) {
    const totals = new Map();
    for (const piece of pieces) {
      for (const [reason, count] of Object.entries(piece.rejects)) totals.set(reason, (totals.get(reason) ?? 0) + count);
    }
    const reasons = [...totals.keys()].sort();
    rejectsChart.bars(pieces.map((piece) => reasons.map((reason) => piece.rejects[reason] ?? 0)));
    legend.replaceChildren(...(reasons.length ? reasons.map((reason, i) => h('li', { class: `c${i % COLOURS}` }, `${reason} ${totals.get(reason)}`))
      : [h('li', { class: 'none' }, 'none in the last ten minutes')]));
  }

  function drawFlink(job) {
    setText(flinkNote, !job ? 'The address of Flink’s REST API was not given: --flink-rest shows checkpoints and restarts here.' : job.error ?? '');
    flinkNote.hidden = Boolean(job && !job.error);
    if (!job || job.error) {
      flink.replaceChildren();
      return;
    }
    const last = job.checkpoints;
    facts(flink, [
      ['Job', `${job.state.toLowerCase()}, started ${ago(job.since)}`],
      ['Restarts', String(job.restarts)],
      ['Checkpoints', `${last.completed} completed, ${last.failed} failed`],
      last.at ? ['Last checkpoint', `${ago(last.at)}, ${duration(last.durationMs)}, ${bytes(last.bytes)}`] : null,
      last.failure ? ['Last failure', `${ago(last.failedAt)}: ${last.failure}`] : null,
      ...job.metrics.map(metric),
    ].filter(Boolean));
  }

  return {
    root,
    title: 'Machine room – Galatea',
    page: 'machine',
    start: load,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** A metric of an operator: its last word, spelt out, and the value over all subtasks. */
function metric({ id, min, max, sum }) {
  const words = id.split('.').at(-1).replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ').toLowerCase();
  const label = words[0].toUpperCase() + words.slice(1);
  if (/busy|ratio/i.test(words)) return [label, `${Math.round(max * 100)} %`];
  if (/depth|steps|memory|total/i.test(words)) return [label, round(sum)];
  return [label, min === max ? round(max) : `${round(min)} – ${round(max)}`];
}

const round = (value) => (Number.isInteger(value) ? String(value) : Number(value).toPrecision(3));

function facts(list, rows) {
  list.replaceChildren(...rows.map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))));
}

function card(label, unit, hint) {
  const value = h('strong', {}, '–');
  const note = h('span', { class: 'soft' }, hint);
  return {
    root: h('section', { class: 'card number', title: hint }, h('h2', {}, label, h('span', {}, unit)), value, note),
    set(text, more) {
      setText(value, text);
      if (more) setText(note, more);
    },
  };
}

/** A drawing over the last ten minutes, newest at the right. */
function chart(label) {
  const most = s('text', { x: 4, y: 12, class: 'chart-most' });
  const marks = s('g');
  const svg = s('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'chart', role: 'img', 'aria-label': label, preserveAspectRatio: 'none' },
    s('line', { x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5, class: 'chart-floor' }), marks);
  const top = h('span', { class: 'chart-top' });
  const root = h('div', { class: 'chart-box' }, top, svg, h('span', { class: 'chart-left' }, '10 min ago'), h('span', { class: 'chart-right' }, 'now'));
  most.remove();
  const scale = (peak) => {
    setText(top, peak > 0 ? `${round(peak)}` : '');
    return (HEIGHT - 4) / (peak || 1);
  };
  return {
    root,
    lines(series) {
      const y = scale(Math.max(...series.flat()));
      marks.replaceChildren(...series.flatMap((values, i) => {
        const step = WIDTH / (values.length - 1);
        const path = values.map((value, at) => `${(at * step).toFixed(1)},${(HEIGHT - 1 - value * y).toFixed(1)}`).join(' L');
        return [
          s('path', { d: `M0,${HEIGHT} L${path} L${WIDTH},${HEIGHT} Z`, class: `area c${i}` }),
          s('path', { d: `M${path}`, class: `line c${i}`, 'vector-effect': 'non-scaling-stroke' }),
        ];
      }));
    },
    bars(columns) {
      const y = scale(Math.max(0, ...columns.map((column) => column.reduce((a, b) => a + b, 0))));
      const width = WIDTH / columns.length;
      marks.replaceChildren(...columns.flatMap((column, at) => {
        let floor = HEIGHT - 1;
        return column.map((count, i) => {
          const height = count * y;
          floor -= height;
          return count && s('rect', { x: (at * width + 0.5).toFixed(1), y: floor.toFixed(1), width: (width - 1).toFixed(1), height: height.toFixed(1), class: `fill c${i % COLOURS}` });
        }).filter(Boolean);
      }));
    },
  };
}
