// Faces: coloured initials for people, a drawn mark for the bot.

import { el, svg } from './dom.js';
import { isBot, nameOf, person } from './state.js';

const COLORS = ['#a8325a', '#2f6d3c', '#7a4a9e', '#9a5b13', '#1f6391', '#5d6b1e', '#8a3f2d', '#32607a'];

function hash(text) {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) >>> 0, 7);
}

export function avatar(id, className = '') {
  if (isBot(id)) return botMark(className);
  const known = person(id);
  const name = nameOf(id);
  const node = el('span', { class: `avatar ${className}`, 'aria-hidden': 'true' }, initials(name));
  const color = /^#[0-9a-f]{6}$/i.test(known?.color ?? '') ? known.color : COLORS[hash(String(id)) % COLORS.length];
  node.style.setProperty('--face', color);
  return node;
}

function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)].map((word) => [...word][0]) : [...name].slice(0, 1);
  return letters.join('').toUpperCase();
}

function botMark(className) {
  return el(
    'span',
    { class: `avatar avatar-bot ${className}`, 'aria-hidden': 'true' },
    svg(
      'svg',
      {
        viewBox: '0 0 32 32',
        fill: 'none',
        stroke: '#fff',
        'stroke-width': 2.8,
        'stroke-linecap': 'round',
        'stroke-linejoin': 'round',
      },
      svg('circle', { cx: 16, cy: 16, r: 8.5, 'stroke-dasharray': '42 12', transform: 'rotate(-70 16 16)' }),
      svg('path', { d: 'm12.500 16.200 2.600 2.600 5-5.200' }),
    ),
  );
}
