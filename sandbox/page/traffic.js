// Everything that the app and Slack say to each other, newest last.

import { el, put, reconcile } from './dom.js';
import { icon } from './icons.js';
import { changed, store } from './state.js';

const KEY = 'sandbox-traffic';
const SHOWN = 200;
const pane = document.getElementById('traffic');
const parts = {};
const open = new Set(); // numbers of the entries whose JSON is shown
let visible = sessionStorage.getItem(KEY) === 'yes' || new URLSearchParams(location.search).has('traffic');

export const trafficShown = () => visible;

export function toggleTraffic() {
  visible = !visible;
  sessionStorage.setItem(KEY, visible ? 'yes' : 'no');
  changed();
  drawTraffic();
  if (visible) parts.search.focus();
}

export function drawTraffic() {
  pane.hidden = !visible;
  document.body.classList.toggle('has-traffic', visible);
  if (!visible) return;
  if (!parts.list) build();
  const words = parts.search.value.trim().toLowerCase();
  const wanted = store.traffic.filter((entry) => matches(entry, words, parts.direction.value));
  const pinned = parts.scroller.scrollHeight - parts.scroller.scrollTop - parts.scroller.clientHeight < 40;
  reconcile(
    parts.list,
    wanted
      .slice(-SHOWN)
      .map((entry) => ({ key: entry.n, signature: `${open.has(entry.n)} ${entry.status}`, build: () => row(entry) })),
  );
  parts.count.textContent =
    wanted.length === store.traffic.length ? `${wanted.length} entries` : `${wanted.length} of ${store.traffic.length}`;
  if (pinned) parts.scroller.scrollTop = parts.scroller.scrollHeight;
}

function matches(entry, words, direction) {
  if (direction && entry.direction !== direction) return false;
  return (
    !words ||
    `${entry.what} ${entry.status} ${JSON.stringify([entry.body, entry.answer])}`.toLowerCase().includes(words)
  );
}

function build() {
  const refresh = { input: drawTraffic, change: drawTraffic };
  parts.search = el('input', {
    type: 'search',
    class: 'field small',
    placeholder: 'Filter, e.g. chat.update or 429',
    'aria-label': 'Filter the traffic',
    on: refresh,
  });
  parts.direction = el(
    'select',
    { class: 'field small', 'aria-label': 'Direction', on: refresh },
    el('option', { value: '' }, 'Both ways'),
    el('option', { value: 'in' }, 'From the app'),
    el('option', { value: 'out' }, 'To the app'),
  );
  parts.count = el('span', { class: 'muted small', role: 'status' });
  parts.list = el('ol', { class: 'traffic-list' });
  parts.scroller = el(
    'div',
    { class: 'pane-scroll', tabindex: '0', role: 'region', 'aria-label': 'Traffic entries' },
    parts.list,
  );
  put(
    pane,
    el(
      'header',
      { class: 'traffic-head' },
      el('h2', {}, 'Traffic'),
      parts.search,
      parts.direction,
      parts.count,
      el(
        'button',
        { type: 'button', class: 'icon-button', 'aria-label': 'Close the traffic pane', on: { click: toggleTraffic } },
        icon('close'),
      ),
    ),
    parts.scroller,
  );
}

function stamp(at) {
  const date = new Date(typeof at === 'number' ? at * 1000 : at);
  return Number.isFinite(date.getTime()) ? date.toISOString().slice(11, 23) : String(at);
}

function row(entry) {
  const from = entry.direction === 'in';
  const bad =
    entry.answer?.ok === false ||
    Number(entry.status) >= 400 ||
    /timeout|lost|refused|error|not acked/i.test(String(entry.status ?? ''));
  const status = entry.answer?.ok === false ? (entry.answer.error ?? entry.status) : entry.status;
  const shown = open.has(entry.n);
  const toggle = () => {
    const closing = open.delete(entry.n);
    if (!closing) open.add(entry.n);
    drawTraffic();
    if (!closing) document.querySelector(`[data-entry="${entry.n}"]`)?.scrollIntoView({ block: 'start' });
  };
  return el(
    'li',
    { class: bad ? 'bad' : '', data: { testid: 'traffic-entry', entry: entry.n } },
    el(
      'button',
      {
        type: 'button',
        class: 'traffic-row',
        'aria-expanded': String(shown),
        data: { focusKey: `traffic ${entry.n}` },
        on: { click: toggle },
      },
      icon('chevron', 'traffic-arrow'),
      el('span', { class: 'traffic-time' }, stamp(entry.at)),
      el('span', { class: `traffic-way ${from ? 'from' : 'to'}` }, from ? 'app → Slack' : 'Slack → app'),
      el('span', { class: 'traffic-what' }, String(entry.what ?? '')),
      el('span', { class: 'traffic-status' }, String(status ?? '')),
    ),
    shown && el('div', { class: 'traffic-json' }, json('Sent', entry.body), json('Answer', entry.answer)),
  );
}

const json = (name, value) =>
  value !== undefined &&
  value !== null &&
  el(
    'div',
    {},
    el('h3', {}, name),
    el(
      'pre',
      { tabindex: '0', 'aria-label': name, role: 'group' },
      typeof value === 'string' ? value : JSON.stringify(value, null, 2),
    ),
  );
