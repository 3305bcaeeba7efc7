// Slack's mrkdwn as nodes. `<…>` is recognised first and entities are decoded last, so that an escaped `&lt;!here&gt;`
// can never become a mention. Decoding first is the mistake that hides real injections and shows false ones.

import { el, foreign } from './dom.js';
import { formatted, moment, whenLong } from './dates.js';
import { withEmoji } from './emoji.js';
import { goChannel } from './route.js';
import { channel, group, isBot, nameOf, person, store } from './state.js';

const HOLD = '\uE000'; // stands for a recognised <…> while formatting is found around it
const FENCE = '```';

export const decode = (text) => text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: '&', lt: '<', gt: '>' })[name]);

/** A link only if the address is harmless; anything else stays text. */
export function link(url, ...label) {
  const shown = label.length ? label : [url];
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return el('span', {}, ...shown);
  return el('a', { href: url, target: '_blank', rel: 'noopener noreferrer', title: url }, ...shown);
}

const mention = (label, mine = false) => foreign('span', { class: mine ? 'mention mention-mine' : 'mention' }, label);

export function userMention(id, label) {
  const name = person(id) || isBot(id) ? nameOf(id) : label || id;
  return mention(`@${name}`, id === store.as);
}

export function groupMention(id, label) {
  const known = group(id);
  return mention(`@${known?.handle ?? label?.replace(/^@/, '') ?? id}`, known?.users.includes(store.as));
}

export function channelMention(id, label) {
  const known = channel(id);
  if (!known) return mention(`#${label || id}`);
  return foreign(
    'button',
    { type: 'button', class: 'mention mention-link', on: { click: () => goChannel(id) } },
    `#${known.name}`,
  );
}

export const broadcast = (range) => mention(`@${range}`, true);

export function dateNode(timestamp, format, url, fallback) {
  const text = formatted(timestamp, format) ?? fallback ?? format;
  const time = el(
    'time',
    { title: Number.isFinite(Number(timestamp)) ? whenLong(moment(timestamp)) : undefined },
    text,
  );
  return url ? link(url, time) : time;
}

/** What stands between < and >. */
function special(inside) {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? '' : decode(inside.slice(bar + 1));
  const [kind, rest] = [target[0], target.slice(1)];
  if (kind === '@') return userMention(rest, label);
  if (kind === '#') return channelMention(rest, label);
  if (kind === '!') {
    const [word, ...more] = rest.split('^');
    if (['here', 'channel', 'everyone'].includes(word)) return broadcast(word);
    if (word === 'subteam') return groupMention(more[0], label);
    if (word === 'date') return dateNode(more[0], decode(more[1] ?? ''), more[2] ? decode(more[2]) : null, label);
    return mention(label || `<${inside}>`);
  }
  return link(decode(target), ...(label ? withEmoji(label) : [decode(target)]));
}

/**
 * The nodes of a mrkdwn text. `verbatim` switches automatic links off; `names` makes bare @here and #general references, as
 * Slack may in text objects that are not verbatim.
 */
export function mrkdwn(text, { verbatim = false, names = false } = {}) {
  const held = [];
  const flat = String(text ?? '')
    .replaceAll(HOLD, '')
    .replace(/<([^<>\n]{1,8000})>/g, (_, inside) => (held.push(inside), HOLD));
  const reader = { held, next: 0, verbatim, names: names && !verbatim };
  const nodes = [];
  const pieces = flat.split(FENCE);
  const closed = pieces.length % 2 === 1; // an even count of fences: every one has its end
  const join = [];
  pieces.forEach((piece, index) => {
    const last = index === pieces.length - 1;
    if (index % 2 === 0) join.push({ text: piece });
    else if (!closed && last) join.at(-1).text += FENCE + piece;
    else join.push({ fence: piece });
  });
  join.forEach((part, index) => {
    if (part.fence !== undefined) nodes.push(fence(part.fence, reader));
    else nodes.push(...lines(trimAround(part.text, index > 0, index < join.length - 1), reader));
  });
  return nodes;
}

/** A line break next to a fence belongs to the fence. */
const trimAround = (text, after, before) => {
  let cut = after ? text.replace(/^\n/, '') : text;
  if (before) cut = cut.replace(/\n$/, '');
  return cut;
};

const fence = (text, reader) =>
  el('pre', { class: 'code-block', tabindex: '0' }, el('code', {}, plain(text.replace(/^\n|\n$/g, ''), reader, false)));

function lines(text, reader) {
  const nodes = [];
  let quote = null;
  text.split('\n').forEach((line, index) => {
    const quoted = /^(&gt;|>) ?/.exec(line);
    if (quoted) {
      if (quote) quote.append(el('br'));
      else nodes.push((quote = el('blockquote', {})));
      quote.append(...inline(line.slice(quoted[0].length), reader));
      return;
    }
    if (index > 0 && !quote) nodes.push(el('br'));
    quote = null;
    nodes.push(...inline(line, reader));
  });
  return nodes;
}

const MARKS = { '*': 'strong', _: 'em', '~': 's', '`': 'code' };
const WORD = /[\p{L}\p{N}]/u;

/** Bold, italic, strike and code within one line. A mark opens after a non-word and closes before one, as in Slack. */
function inline(text, reader, allowed = '`*_~') {
  const nodes = [];
  const hopeless = new Set(); // marks without an end further on; keeps long hostile lines linear
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const mark = text[at];
    if (!allowed.includes(mark) || hopeless.has(mark)) continue;
    if (at > 0 && WORD.test(text[at - 1])) continue;
    const end = closing(text, mark, at);
    if (end < 0) {
      hopeless.add(mark);
      continue;
    }
    if (end === at + 1) continue;
    nodes.push(...plain(text.slice(start, at), reader));
    const inside = text.slice(at + 1, end);
    const content = mark === '`' ? plain(inside, reader, false) : inline(inside, reader, allowed.replace(mark, ''));
    nodes.push(el(MARKS[mark], {}, content));
    at = end;
    start = end + 1;
  }
  nodes.push(...plain(text.slice(start), reader));
  return nodes;
}

function closing(text, mark, open) {
  if (mark !== '`' && /\s/.test(text[open + 1] ?? ' ')) return open + 1; // "2 * 3": not an opening mark
  for (let at = text.indexOf(mark, open + 1); at >= 0; at = text.indexOf(mark, at + 1)) {
    if (at === open + 1) continue;
    if (mark === '`') return at;
    if (!/\s/.test(text[at - 1]) && !WORD.test(text[at + 1] ?? '')) return at;
  }
  return -1;
}

const URL_IN_TEXT = /\bhttps?:\/\/[^\s<>|\uE000]+/g;

/** Text without marks: puts the held <…> back, links bare addresses, decodes entities last. */
function plain(text, reader, rich = true) {
  const nodes = [];
  text.split(HOLD).forEach((part, index) => {
    if (index > 0) nodes.push(special(reader.held[reader.next++]));
    if (!part) return;
    if (!rich) nodes.push(document.createTextNode(decode(part)));
    else if (reader.verbatim) nodes.push(...withEmoji(decode(part)));
    else nodes.push(...autolinked(part, reader.names ? named : withEmoji));
  });
  return nodes;
}

/** An address without the punctuation of the sentence it ends. A loop, as a pattern would be quadratic on hostile text. */
function trimmed(url) {
  let end = url.length;
  while (end > 0 && `.,;:!?)'"*_~]`.includes(url[end - 1])) end--;
  return url.slice(0, end);
}

const BARE = /(?<![\p{L}\p{N}<_/.@#-])(?:@(here|channel|everyone)\b|#([\p{L}\p{N}][\p{L}\p{N}_-]*))/gu;

/** Text in which bare names of channels and groups of all became references. */
function named(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(BARE)) {
    const room = match[2] && store.workspace.channels.find((one) => !one.is_im && one.name === match[2].toLowerCase());
    if (!match[1] && !room) continue;
    nodes.push(...withEmoji(text.slice(end, match.index)), match[1] ? broadcast(match[1]) : channelMention(room.id));
    end = match.index + match[0].length;
  }
  return [...nodes, ...withEmoji(text.slice(end))];
}

function autolinked(text, words) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(URL_IN_TEXT)) {
    const url = trimmed(match[0].split(/&[gl]t;/, 1)[0]);
    if (url.length < 9) continue;
    nodes.push(...words(decode(text.slice(end, match.index))), link(decode(url)));
    end = match.index + url.length;
  }
  nodes.push(...words(decode(text.slice(end))));
  return nodes;
}

/** A text object of Block Kit, or a bare string. */
export function textObject(object) {
  if (object === null || object === undefined) return [];
  if (typeof object === 'string') return withEmoji(object);
  if (object.type === 'mrkdwn') return mrkdwn(object.text, { verbatim: object.verbatim === true, names: true });
  if (object.type === 'rich_text') return [document.createTextNode(richPlain(object))];
  return object.emoji === false ? [document.createTextNode(object.text ?? '')] : withEmoji(object.text ?? '');
}

const richPlain = (node) => node.text ?? node.fallback ?? node.url ?? (node.elements ?? []).map(richPlain).join('');

/** What a screen reader or a short preview says of a mrkdwn text. */
export function plainOf(text) {
  const holder = el('div', {}, mrkdwn(text, { verbatim: true }));
  return holder.textContent.replace(/\s+/g, ' ').trim();
}
