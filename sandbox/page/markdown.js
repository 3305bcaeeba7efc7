// The markdown block: headings, lists, quotes, fences, rules, emphasis, code and links. Anything else stays as written.

import { el, foreign } from './dom.js';
import { withEmoji } from './emoji.js';
import { link } from './mrkdwn.js';

export function markdown(text) {
  const lines = String(text ?? '').split('\n');
  const nodes = [];
  while (lines.length) nodes.push(block(lines));
  return foreign('div', { class: 'markdown' }, nodes);
}

const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;

function block(lines) {
  const line = lines.shift();
  if (!line.trim()) return null;
  if (/^\s*```/.test(line)) return fenced(lines);
  if (/^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/.test(line)) return el('hr');
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (heading)
    return el(
      'p',
      {
        class: `md-heading md-heading-${heading[1].length}`,
        role: 'heading',
        'aria-level': Math.max(heading[1].length, 2),
      },
      inline(heading[2]),
    );
  if (/^\s*>/.test(line)) return el('blockquote', {}, gather(line, lines, /^\s*> ?(.*)$/).flatMap(broken));
  if (ITEM.test(line)) return items(line, lines);
  if (line.includes('|') && /^\s*\|?\s*:?-+/.test(lines[0] ?? '') && lines[0].includes('|')) return table(line, lines);
  return paragraph(line, lines);
}

const broken = (line, index) => [index > 0 && el('br'), ...inline(line)];

function fenced(lines) {
  const code = [];
  while (lines.length && !/^\s*```/.test(lines[0])) code.push(lines.shift());
  lines.shift();
  return el('pre', { class: 'code-block', tabindex: '0' }, el('code', {}, code.join('\n')));
}

/** The first group of `pattern` in this line and the following ones that match. */
function gather(line, lines, pattern) {
  const found = [pattern.exec(line)[1]];
  while (lines.length && pattern.test(lines[0])) found.push(pattern.exec(lines.shift())[1]);
  return found;
}

function items(line, lines) {
  const ordered = ITEM.exec(line)[1];
  const texts = [ITEM.exec(line)[2]];
  while (lines.length && ITEM.test(lines[0])) texts.push(ITEM.exec(lines.shift())[2]);
  return el(ordered ? 'ol' : 'ul', { start: ordered && ordered !== '1' ? ordered : undefined }, texts.map(item));
}

function item(text) {
  const task = /^\[([ xX])\]\s+(.*)$/.exec(text);
  if (!task) return el('li', {}, inline(text));
  const box = el('input', { type: 'checkbox', disabled: true, checked: task[1] !== ' ', 'aria-label': task[2] });
  return el('li', { class: 'task-item' }, box, ' ', inline(task[2]));
}

function table(line, lines) {
  const cells = (row) =>
    row
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim());
  lines.shift();
  const rows = [];
  while (lines.length && lines[0].includes('|')) rows.push(cells(lines.shift()));
  const head = el(
    'tr',
    {},
    cells(line).map((cell) => el('th', { scope: 'col' }, inline(cell))),
  );
  const body = rows.map((row) =>
    el(
      'tr',
      {},
      row.map((cell) => el('td', {}, inline(cell))),
    ),
  );
  return el(
    'div',
    { class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': 'Table' },
    el('table', { class: 'grid-table' }, el('thead', {}, head), el('tbody', {}, body)),
  );
}

function paragraph(line, lines) {
  const texts = [line];
  const ends = /^\s*(?:```|>|#{1,6}\s|[-*+]\s|\d+[.)]\s|$)/;
  while (lines.length && !ends.test(lines[0])) texts.push(lines.shift());
  return el('p', {}, texts.flatMap(broken));
}

// Bounded, so that no hostile line takes long.
const SPANS = [
  [/`([^`]{1,2000})`/, (match) => el('code', {}, match[1])],
  [/\[([^\][]{0,500})\]\(([^()\s]{1,3000})\)/, (match) => link(match[2], ...inline(match[1]))],
  [/(\*\*|__)(?=\S)(.{1,1000}?)(?<=\S)\1/, (match) => el('strong', {}, inline(match[2]))],
  [/~~(?=\S)(.{1,1000}?)(?<=\S)~~/, (match) => el('s', {}, inline(match[1]))],
  [/(?<![\w*])([*_])(?=\S)([^*_]{1,1000}?)(?<=\S)\1(?![\w*])/, (match) => el('em', {}, inline(match[2]))],
  [/https?:\/\/[^\s<>)\]]+/, (match) => link(match[0])],
];

function inline(text) {
  let first = null;
  for (const [pattern, build] of SPANS) {
    const match = pattern.exec(text);
    if (match && (!first || match.index < first.match.index)) first = { match, build };
  }
  if (!first) return withEmoji(text);
  const { match, build } = first;
  return [...withEmoji(text.slice(0, match.index)), build(match), ...inline(text.slice(match.index + match[0].length))];
}
