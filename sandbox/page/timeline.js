// The messages of a channel or thread: days, the "new" line, grouping, scroll position, keyboard.

import { dayHeading, dayKey, moment } from './dates.js';
import { el, reconcile } from './dom.js';
import { messageNode } from './messages.js';
import { isBot, later, nameOf, store } from './state.js';

const GROUP_SECONDS = 300;
const NEAR = 60;

const written = new WeakMap(); // message → its JSON; a changed message is a new object
function asJson(message) {
  if (!written.has(message)) written.set(message, JSON.stringify(message));
  return written.get(message);
}

/** What the app draws stands on its own; short texts of one author follow each other. */
const isCard = (message) => isBot(message.bot_id) && (message.blocks?.length > 0 || message.attachments?.length > 0);

/** Draws `messages` into `list`, whose scroller is `scroller`. `newAfter` is the read mark at the time of opening. */
export function drawTimeline(
  list,
  scroller,
  messages,
  { channel, inThread = false, newAfter = null, opening = false },
) {
  const sent = justSent(list, messages);
  const pinned = opening || sent || stayed(scroller);
  const people = JSON.stringify([
    store.as,
    store.workspace.people,
    store.workspace.usergroups,
    store.workspace.bot.name,
    store.workspace.channels.map(({ id, name }) => [id, name]),
  ]);
  const items = [];
  let before = null;
  let lastDay = null;
  let newShown = newAfter === null;
  for (const message of messages) {
    const day = dayKey(moment(message.ts));
    if (!inThread && day !== lastDay) {
      const heading = dayHeading(moment(message.ts));
      items.push({
        key: `day ${day}`,
        signature: heading,
        build: () => el('div', { class: 'day' }, el('span', {}, heading)),
      });
    }
    const unread = !newShown && later(message.ts, newAfter) && message.user !== store.as && !message.local;
    if (unread) {
      newShown = true;
      items.push({
        key: 'new',
        signature: newAfter,
        build: () => el('div', { class: 'new-line', 'data-testid': 'new-line' }, el('span', {}, 'New')),
      });
    }
    const author = `${message.user ?? message.bot_id}${message.ephemeral_for ? ' only you' : ''}`;
    const grouped =
      !unread &&
      !isCard(message) &&
      before?.day === day &&
      before.author === author &&
      Number(message.ts) - before.seconds < GROUP_SECONDS;
    items.push({
      key: message.ts,
      signature: `${grouped} ${people} ${asJson(message)}`,
      build: () => messageNode(message, { channel, inThread, grouped }),
    });
    if (inThread && message === messages[0] && messages.length > 1) items.push(repliesLine(messages.length - 1));
    lastDay = day;
    before =
      (inThread && message === messages[0]) || message.subtype ? null : { day, author, seconds: Number(message.ts) };
  }
  reconcile(list, items);
  keepOneTabStop(list);
  if (opening)
    (list.querySelector('.new-line') ?? list.lastElementChild)?.scrollIntoView({
      block: list.querySelector('.new-line') ? 'center' : 'end',
    });
  else if (pinned) scroller.scrollTop = scroller.scrollHeight;
  look(scroller);
  return pinned;
}

/** What grows later, as a picture that has loaded, leaves a reader at the end at the end. */
export function followEnd(list, scroller) {
  // A scroll event may come late, when the list has grown since: then it says nothing about the reader.
  const moved = () => seen.get(scroller)?.extent === extent(scroller) && look(scroller);
  scroller.addEventListener('scroll', moved, { passive: true });
  const grown = new ResizeObserver(() => {
    if (stayed(scroller)) scroller.scrollTop = scroller.scrollHeight;
    look(scroller);
  });
  grown.observe(list);
  grown.observe(scroller); // the message box takes its room when it grows
}

const atEnd = (scroller) => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
const extent = (scroller) => `${scroller.scrollHeight} ${scroller.clientHeight}`;

const seen = new WeakMap(); // scroller → {end: whether its end was in sight, extent: how high it was then}
const look = (scroller) => seen.set(scroller, { end: atEnd(scroller), extent: extent(scroller) });

/** Whether the reader is at the end. When the list has grown since the last look, what was seen then counts. */
function stayed(scroller) {
  const last = seen.get(scroller);
  return last && last.extent !== extent(scroller) ? last.end : atEnd(scroller);
}

const newest = new WeakMap(); // list → the timestamp of its last message

/** Whether the acting person has just added the last message: whoever writes wants to see it. */
function justSent(list, messages) {
  const last = messages.at(-1);
  const before = newest.get(list);
  newest.set(list, last?.ts);
  return before !== undefined && last?.user === store.as && last.ts !== before;
}

function repliesLine(count) {
  const words = `${count} ${count === 1 ? 'reply' : 'replies'}`;
  return { key: 'replies', signature: words, build: () => el('div', { class: 'replies-line' }, el('span', {}, words)) };
}

/** One message is in the tab order; arrow keys move to the others. */
function keepOneTabStop(list) {
  const rows = [...list.querySelectorAll('.message')];
  const current = rows.find((row) => row.tabIndex === 0) ?? rows.at(-1);
  for (const row of rows) row.tabIndex = row === current ? 0 : -1;
}

export function timelineKeys(list) {
  list.addEventListener('keydown', (event) => {
    if (!event.target.classList.contains('message')) return;
    const tool = { t: 'reply', r: 'react', m: 'more' }[event.key.toLowerCase()];
    if (tool && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const button = event.target.querySelector(`[data-tool="${tool}"]`);
      if (button) event.preventDefault();
      return button?.click();
    }
    const rows = [...list.querySelectorAll('.message')];
    const at = rows.indexOf(event.target);
    const target = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (target === undefined || !rows[target]) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    rows[target].tabIndex = 0;
    rows[target].focus();
  });
}

/** What stands where there are no messages yet. */
export function emptyChannel(channel) {
  const bot = store.workspace.bot.name;
  if (channel.is_im)
    return el(
      'div',
      { class: 'empty' },
      el('h2', {}, bot),
      el('p', {}, `This is the direct message between ${nameOf(store.as)} and ${bot}. Write something below.`),
    );
  return el(
    'div',
    { class: 'empty' },
    el('h2', {}, `#${channel.name}`),
    el(
      'p',
      {},
      channel.is_member
        ? `Nothing has been said here yet. Type “/” to see what ${bot} can do.`
        : `${bot} is not in this channel; it neither reads nor writes here.`,
    ),
  );
}
