// A file on a message: a picture in place, text with its beginning, anything else as a link.

import { el, foreign } from './dom.js';
import { icon } from './icons.js';
import { link } from './mrkdwn.js';
import { ours, picture } from './picture.js';
import { size } from './uploads.js';

const LINES = 8;

export function file(one) {
  const name = one.title || one.name || one.id;
  const url = one.url_private ?? one.permalink ?? '';
  if (one.mimetype?.startsWith('image/') && url)
    return el(
      'figure',
      { class: 'file-image' },
      foreign('figcaption', {}, name),
      picture({ image_url: url, alt_text: one.alt_txt ?? name }, 'image-large'),
    );
  const card = el(
    'div',
    { class: 'file' },
    icon('file'),
    foreign(
      'span',
      { class: 'file-name' },
      url ? link(url, name) : name,
      el('span', { class: 'muted small' }, ` ${[one.filetype || one.mimetype, size(one.size ?? 0)].join(', ')}`),
    ),
  );
  return one.mimetype?.startsWith('text/') && ours(url)
    ? el('div', { class: 'snippet' }, card, beginning(url, name))
    : card;
}

/** Fetched when it is drawn: it lies in this sandbox. */
function beginning(url, name) {
  const text = el('code', {});
  const label = `Beginning of ${name}`;
  const box = el('pre', { class: 'code-block', tabindex: '0', role: 'group', 'aria-label': label, dir: 'auto' }, text);
  fetch(ours(url))
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.statusText))))
    .then((whole) => {
      const lines = whole.split('\n');
      text.textContent = lines.slice(0, LINES).join('\n').slice(0, 2000) + (lines.length > LINES ? '\n…' : '');
    })
    .catch(() => box.remove());
  return box;
}
