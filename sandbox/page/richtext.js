// rich_text blocks: literal text, so nothing in a `text` element is ever parsed.

import { el, foreign } from './dom.js';
import { emoji, withEmoji } from './emoji.js';
import { broadcast, channelMention, dateNode, groupMention, link, userMention } from './mrkdwn.js';

export const richText = (block) => foreign('div', { class: 'rich-text' }, (block.elements ?? []).map(part));

function part(element) {
  const builders = {
    rich_text_section: () => el('div', { class: 'rich-section' }, inlines(element)),
    rich_text_list: () => list(element),
    rich_text_quote: () => el('blockquote', {}, inlines(element)),
    rich_text_preformatted: () =>
      el('pre', { class: 'code-block', tabindex: '0', dir: 'auto' }, el('code', {}, inlines(element, true))),
  };
  return builders[element.type]?.() ?? el('div', {}, inlines(element));
}

function list(element) {
  const indent = Math.min(Number(element.indent) || 0, 8);
  const attributes = { class: `rich-list indent-${indent}`, 'data-indent': indent };
  if (element.style === 'ordered' && element.offset) attributes.start = element.offset + 1;
  const items = (element.elements ?? []).map((item) => foreign('li', {}, inlines(item)));
  return el(element.style === 'ordered' ? 'ol' : 'ul', attributes, items);
}

const inlines = (element, literal = false) => (element.elements ?? []).map((one) => inline(one, literal));

function inline(one, literal) {
  const builders = {
    text: () => styled(one, literal ? document.createTextNode(one.text) : broken(one.text ?? '')),
    link: () => styled(one, link(one.url ?? '', ...(one.text ? withEmoji(one.text) : []))),
    emoji: () => emoji(one.name),
    user: () => styled(one, userMention(one.user_id)),
    usergroup: () => styled(one, groupMention(one.usergroup_id)),
    channel: () => styled(one, channelMention(one.channel_id)),
    broadcast: () => styled(one, broadcast(one.range)),
    date: () => styled(one, dateNode(one.timestamp, one.format ?? '{date} {time}', one.url, one.fallback)),
    color: () => document.createTextNode(one.value ?? ''),
  };
  return builders[one.type]?.() ?? document.createTextNode(one.text ?? one.fallback ?? '');
}

const broken = (text) => text.split('\n').flatMap((line, index) => [index > 0 && el('br'), ...withEmoji(line)]);

function styled(one, content) {
  const style = one.style ?? {};
  let nodes = content;
  if (style.code) nodes = el('code', {}, nodes);
  if (style.bold) nodes = el('strong', {}, nodes);
  if (style.italic) nodes = el('em', {}, nodes);
  if (style.strike) nodes = el('s', {}, nodes);
  if (style.underline) nodes = el('u', {}, nodes);
  return nodes;
}
