// Images. The page fetches nothing from elsewhere, so a foreign image shows its alternative text and its address.

import { el, foreign } from './dom.js';
import { icon } from './icons.js';
import { link } from './mrkdwn.js';

export function picture(image, kind) {
  const url = image.image_url ?? image.slack_file?.url ?? image.url ?? '';
  const alt = image.alt_text ?? '';
  if (!own(url)) return placeholder(url, alt, kind);
  const node = el('img', { src: url, alt, class: `picture ${kind}`, loading: 'lazy' });
  node.addEventListener('error', () => node.replaceWith(placeholder(url, alt, kind)));
  return node;
}

function own(url) {
  if (/^data:image\/(png|jpe?g|gif|svg\+xml)[;,]/i.test(url)) return true;
  try {
    return new URL(url, location.href).origin === location.origin && url !== '';
  } catch {
    return false;
  }
}

function placeholder(url, alt, kind) {
  if (kind === 'context-image' || kind === 'card-icon') return el('span', { class: `picture picture-missing ${kind}`, role: 'img', 'aria-label': alt || 'image', title: alt });
  return el('div', { class: `picture-missing ${kind}` }, icon('image'),
    foreign('div', {}, el('div', {}, alt || 'Image'), url && el('div', { class: 'muted small' }, 'Not loaded here: ', link(url))));
}
