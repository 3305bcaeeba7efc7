// Images. The page fetches nothing from elsewhere, so a foreign image shows its alternative text and its address.

import { el, foreign } from './dom.js';
import { icon } from './icons.js';
import { link } from './mrkdwn.js';

export function picture(image, kind) {
  const url = image.image_url ?? image.slack_file?.url ?? image.url ?? '';
  const alt = image.alt_text ?? '';
  const here = ours(url);
  if (!here) return placeholder(url, alt, kind);
  const node = el('img', { src: here, alt, class: `picture ${kind}`, loading: 'lazy' });
  node.addEventListener('error', () => node.replaceWith(placeholder(url, alt, kind)));
  return node;
}

/** The address as this page may load it: inline, or a file of this sandbox under either of its names; else null. */
export function ours(url) {
  if (/^data:image\/(png|jpe?g|gif|svg\+xml)[;,]/i.test(url)) return url;
  try {
    const { protocol, hostname, port, pathname } = new URL(url);
    const same =
      protocol === location.protocol && port === location.port && ['127.0.0.1', 'localhost'].includes(hostname);
    return same ? pathname : null;
  } catch {
    return null;
  }
}

function placeholder(url, alt, kind) {
  if (kind === 'context-image' || kind === 'card-icon')
    return el('span', {
      class: `picture picture-missing ${kind}`,
      role: 'img',
      'aria-label': alt || 'image',
      title: alt,
    });
  return el(
    'div',
    { class: `picture-missing ${kind}` },
    icon('image'),
    foreign(
      'div',
      {},
      el('div', {}, alt || 'Image'),
      url && el('div', { class: 'muted small' }, 'Not loaded here: ', link(url)),
    ),
  );
}
