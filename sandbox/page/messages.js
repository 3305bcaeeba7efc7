// One message: who, when, what, and what can be done with it.

import { blocks } from './blocks.js';
import { avatar } from './avatar.js';
import { clock, moment, whenLong, whenShort } from './dates.js';
import { el, foreign } from './dom.js';
import { emoji } from './emoji.js';
import { icon } from './icons.js';
import { toolbar, toggleReaction } from './actions.js';
import { link, mrkdwn, plainOf } from './mrkdwn.js';
import { file } from './files.js';
import { picture } from './picture.js';
import { goThread } from './route.js';
import { forgetLocally, isBot, isReply, messageAt, nameOf, store } from './state.js';

/** `how` is {channel, inThread, grouped}: grouped messages leave out who speaks. */
export function messageNode(message, how) {
  const { channel, inThread, grouped } = how;
  const when = moment(message.ts);
  const shown = grouped && !message.ephemeral_for && !(message.subtype === 'thread_broadcast' && !inThread);
  const node = el(
    'article',
    {
      class: `message ${shown ? 'grouped' : ''} ${message.ephemeral_for ? 'ephemeral' : ''}`,
      tabindex: '-1',
      data: { ts: message.ts, testid: 'message', user: message.user },
      'aria-label': `${nameOf(author(message))}, ${clock(when)}: ${preview(message).slice(0, 200)}`,
    },
    el(
      'div',
      { class: 'message-side' },
      shown ? el('span', { class: 'side-time', 'aria-hidden': 'true' }, clock(when)) : avatar(author(message)),
    ),
    el(
      'div',
      { class: 'message-body' },
      message.pinned && el('div', { class: 'pinned' }, icon('pin'), 'Pinned'),
      message.ephemeral_for &&
        el(
          'div',
          { class: 'only-you' },
          icon('eye'),
          'Only visible to you',
          message.local && dismiss(channel, message),
        ),
      !shown && byline(message, when),
      message.subtype === 'thread_broadcast' && !inThread && repliedTo(message, channel),
      content(message, how),
      reactions(message, channel),
      !inThread && threadLink(message, channel),
    ),
    !message.local && toolbar(message, how),
  );
  return node;
}

const author = (message) => message.user ?? message.bot_id;

/** The words of a message, for previews and screen readers. */
export const preview = (message) =>
  plainOf(message.text || message.attachments?.[0]?.fallback || '') || 'Message without text';

function byline(message, when) {
  const id = author(message);
  return el(
    'div',
    { class: 'byline' },
    foreign('span', { class: 'author' }, message.author ?? nameOf(id)),
    isBot(id) && el('span', { class: 'app-badge' }, 'APP'),
    el('time', { class: 'when', title: whenLong(when) }, clock(when)),
  );
}

const dismiss = (channel, message) =>
  el(
    'button',
    { type: 'button', class: 'text-button', on: { click: () => forgetLocally(channel, message.ts) } },
    'Dismiss',
  );

function repliedTo(message, channel) {
  const root = messageAt(channel, message.thread_ts);
  return el(
    'div',
    { class: 'replied-to' },
    'replied to a thread: ',
    el(
      'button',
      { type: 'button', class: 'text-button', dir: 'auto', on: { click: () => goThread(channel, message.thread_ts) } },
      root ? preview(root).slice(0, 80) : 'a message',
    ),
  );
}

function content(message, { channel }) {
  const surface = { kind: 'message', channel, ts: message.ts, local: message.local, fields: new Map() };
  const hasBlocks = message.blocks?.length > 0;
  const text = !hasBlocks && message.text && foreign('div', { class: 'text' }, mrkdwn(message.text), edited(message));
  return el(
    'div',
    { class: 'content' },
    text,
    hasBlocks && drawn(message, surface),
    hasBlocks && edited(message),
    (message.attachments ?? []).map((one) => attachment(one, surface)),
    message.files?.length > 0 && el('div', { class: 'files' }, message.files.map(file)),
  );
}

/** A message that a person typed is one rich_text block; it reads like text, not like a card. */
function drawn(message, surface) {
  const node = blocks(message.blocks, surface);
  if (!isBot(author(message))) node.classList.add('blocks-plain');
  return node;
}

const edited = (message) =>
  message.edited &&
  el(
    'span',
    { class: 'edited', title: message.edited.ts ? whenLong(moment(message.edited.ts)) : undefined },
    ' (edited)',
  );

const NAMED = { good: '#2a9d5c', warning: '#daa038', danger: '#d0313d' };

function attachment(one, surface) {
  const node = el(
    'div',
    { class: 'attachment', 'data-testid': 'attachment' },
    one.pretext && foreign('div', { class: 'text' }, mrkdwn(one.pretext)),
    one.title &&
      foreign(
        'div',
        { class: 'attachment-title' },
        one.title_link ? link(one.title_link, one.title) : mrkdwn(one.title),
      ),
    !one.blocks?.length &&
      (one.text || one.fallback) &&
      foreign('div', { class: 'text' }, mrkdwn(one.text || one.fallback)),
    one.fields?.length > 0 &&
      el(
        'div',
        { class: 'section-fields' },
        one.fields.map((field) =>
          foreign('div', { class: 'section-field' }, el('strong', {}, field.title), el('br'), mrkdwn(field.value)),
        ),
      ),
    one.blocks?.length > 0 && blocks(one.blocks, surface),
    one.image_url && picture({ image_url: one.image_url, alt_text: one.fallback ?? '' }, 'image-large'),
    one.footer && foreign('div', { class: 'muted small' }, mrkdwn(one.footer)),
  );
  const color =
    NAMED[one.color] ?? (/^#?[0-9a-f]{3,6}$/i.test(one.color ?? '') ? `#${one.color.replace('#', '')}` : null);
  if (color) node.style.setProperty('--bar', color);
  return node;
}

function reactions(message, channel) {
  if (!message.reactions?.length) return null;
  return el(
    'div',
    { class: 'reactions', role: 'group', 'aria-label': 'Reactions' },
    message.reactions.map((one) => {
      const mine = one.users?.includes(store.as);
      const who = (one.users ?? []).map(nameOf).join(', ');
      return el(
        'button',
        {
          type: 'button',
          class: `reaction ${mine ? 'mine' : ''}`,
          'aria-pressed': String(Boolean(mine)),
          title: `${who} reacted with :${one.name}:`,
          'aria-label': `${one.count} ${one.name.replaceAll('_', ' ')}, by ${who}`,
          data: { focusKey: `reaction ${one.name}`, reaction: one.name },
          on: { click: () => toggleReaction(message, channel, one.name) },
        },
        emoji(one.name),
        el('span', {}, String(one.count ?? one.users?.length ?? 1)),
      );
    }),
  );
}

function threadLink(message, channel) {
  if (isReply(message) || !message.reply_count) return null;
  const count = `${message.reply_count} ${message.reply_count === 1 ? 'reply' : 'replies'}`;
  const last = message.latest_reply && whenShort(moment(message.latest_reply));
  return el(
    'button',
    {
      type: 'button',
      class: 'thread-link',
      data: { focusKey: 'thread', testid: 'thread-link' },
      on: { click: () => goThread(channel, message.ts) },
    },
    (message.reply_users ?? []).slice(0, 4).map((id) => avatar(id, 'tiny')),
    el('span', { class: 'thread-count' }, count),
    last && el('span', { class: 'muted small thread-last' }, ` Last reply ${last}`),
  );
}
