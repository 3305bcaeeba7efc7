// The main pane (header, messages, composer) and the thread pane.

import { tell } from './actions.js';
import { composer } from './composer.js';
import { el, foreign, put } from './dom.js';
import { drawHome, openHome } from './home.js';
import { icon } from './icons.js';
import { link } from './mrkdwn.js';
import { closeThread, go, goChannel } from './route.js';
import { channel, later, messagesOf, myDirectMessage, store, threadOf, unread } from './state.js';
import { toggleDrawer } from './sidebar.js';
import { darkNow, toggleTheme } from './theme.js';
import { drawTimeline, emptyChannel, followEnd, timelineKeys } from './timeline.js';
import { toggleTraffic, trafficShown } from './traffic.js';

const byId = (id) => document.getElementById(id);
const messages = byId('messages');
const list = el('div', { class: 'messages-list' });
messages.append(list);
timelineKeys(list);
followEnd(list, messages);

const shown = { place: null, newAfter: null, thread: null };
const channelComposer = composer({ testid: 'composer' });
byId('composer-slot').append(channelComposer.node);

export function drawMain(event) {
  const { route } = store;
  drawHeader();
  drawNotice();
  messages.hidden = route.home;
  byId('composer-slot').hidden = route.home;
  byId('home').hidden = !route.home;
  const place = `${store.as} ${route.home ? 'home' : route.channel}`;
  const opening = place !== shown.place;
  shown.place = place;
  if (route.home) {
    if (opening || event.type === 'state') openHome('home');
    return drawHome(byId('home'), opening);
  }
  const one = channel(route.channel);
  if (!one) return put(list, el('div', { class: 'empty' }, 'There is no channel.'));
  if (opening) {
    shown.newAfter = unread(one).count ? (one.read?.[store.as] ?? '0') : null;
    list.querySelector('.empty')?.remove();
    if (one.is_im) openHome('messages');
  }
  const said = messagesOf(one.id);
  list.querySelector('.empty')?.remove();
  const atEnd = drawTimeline(list, messages, said, { channel: one.id, newAfter: shown.newAfter, opening });
  if (!said.length) list.append(emptyChannel(one));
  if (atEnd) markRead(one, said);
  messages.setAttribute('aria-label', `Messages in ${one.is_im ? store.workspace.bot.name : one.name}`);
  channelComposer.show({
    channel: one.id,
    thread: null,
    off: closedBecause(one),
    placeholder: one.is_im ? `Message ${store.workspace.bot.name}` : `Message #${one.name}`,
  });
}

/** Why nobody can write here; null where one can. */
function closedBecause(one) {
  if (one?.is_archived) return 'This channel is archived.';
  if (one?.is_im && !store.workspace.bot.messages_open) return 'Sending messages to this app has been turned off.';
  return null;
}

const latest = el(
  'button',
  {
    type: 'button',
    class: 'latest',
    hidden: true,
    'data-testid': 'latest',
    on: { click: () => messages.scrollTo({ top: messages.scrollHeight }) },
  },
  icon('arrowDown'),
  'Newest',
);
byId('composer-slot').prepend(latest);

messages.addEventListener(
  'scroll',
  () => {
    latest.hidden = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 300;
  },
  { passive: true },
);

messages.addEventListener('scrollend', () => {
  const one = channel(store.route.channel);
  if (one && messages.scrollHeight - messages.scrollTop - messages.clientHeight < 60) markRead(one, messagesOf(one.id));
});

/** Tells the sandbox how far the acting person has read, once per message. */
function markRead(one, said) {
  const last = said.findLast(({ local }) => !local)?.ts;
  if (!last || document.hidden || !later(last, one.read?.[store.as] ?? '0')) return;
  (one.read ??= {})[store.as] = last;
  tell('read', { as: store.as, channel: one.id, ts: last });
}

function drawHeader() {
  const { route, workspace } = store;
  const one = channel(route.channel);
  const app = route.home || one?.is_im;
  const header = byId('pane-header');
  const signature = JSON.stringify([
    route,
    app,
    one?.name,
    one?.topic,
    one?.is_archived,
    one?.is_private,
    one?.is_member,
    one?.bookmarks,
    workspace.bot,
    store.as,
    trafficShown(),
    darkNow(),
  ]);
  if (header.dataset.drawn === signature) return;
  header.dataset.drawn = signature;
  const focused = header.contains(document.activeElement) ? document.activeElement.dataset.focusKey : null;
  const mark = app ? el('span', { class: 'app-dot' }) : icon(one?.is_private ? 'lock' : 'hash', 'title-icon');
  put(
    header,
    el(
      'button',
      {
        type: 'button',
        class: 'icon-button drawer-button',
        'aria-label': 'Channels and people',
        data: { focusKey: 'drawer' },
        on: { click: toggleDrawer },
      },
      icon('menu'),
    ),
    el(
      'div',
      { class: 'title' },
      el(
        'h1',
        { id: 'pane-title' },
        !app && mark,
        foreign('span', { class: 'title-name' }, app ? workspace.bot.name : (one?.name ?? '')),
      ),
      app && el('span', { class: 'app-badge' }, 'APP'),
      one?.is_archived && el('span', { class: 'tag' }, 'archived'),
      !app && one && !one.is_member && el('span', { class: 'tag' }, `${workspace.bot.name} is not here`),
      !app && one?.topic && foreign('span', { class: 'topic', title: one.topic }, one.topic),
    ),
    el(
      'div',
      { class: 'header-tools' },
      tool('Traffic', 'traffic', 'Show what the app and Slack say to each other', trafficShown(), toggleTraffic),
      tool(null, darkNow() ? 'sun' : 'moon', darkNow() ? 'Light colours' : 'Dark colours', undefined, toggleTheme),
    ),
    app && tabs(route.home),
    one?.bookmarks?.length > 0 && !app && bookmarks(one.bookmarks),
  );
  if (focused) header.querySelector(`[data-focus-key="${focused}"]`)?.focus();
}

function tool(label, drawing, name, pressed, run) {
  return el(
    'button',
    {
      type: 'button',
      class: `tool-button ${pressed ? 'on' : ''}`,
      title: name,
      'aria-label': label ?? name,
      'aria-pressed': pressed === undefined ? undefined : String(pressed),
      data: { focusKey: label ?? 'theme', testid: label ? `${label.toLowerCase()}-toggle` : 'theme-toggle' },
      on: { click: run },
    },
    icon(drawing),
    label && el('span', {}, label),
  );
}

function tabs(atHome) {
  const direct = myDirectMessage();
  const tab = (name, here, run) =>
    el(
      'button',
      {
        type: 'button',
        class: 'tab',
        'aria-current': here ? 'page' : undefined,
        data: { focusKey: `tab ${name}`, testid: `tab-${name.toLowerCase()}` },
        on: { click: run },
      },
      name,
    );
  return el(
    'nav',
    { class: 'tabs', 'aria-label': 'App' },
    store.workspace.bot.home_tab && tab('Home', atHome, () => go('home')),
    direct && store.workspace.bot.messages_tab && tab('Messages', !atHome, () => goChannel(direct.id)),
  );
}

const bookmarks = (list) =>
  el(
    'nav',
    { class: 'bookmarks', 'aria-label': 'Bookmarks' },
    list.map((one) => foreign('span', { class: 'bookmark' }, icon('bookmark'), link(one.link, one.title))),
  );

function drawNotice() {
  const { bot } = store.workspace;
  const words = !store.live
    ? 'The connection to the sandbox is lost. Trying again …'
    : bot.online
      ? ''
      : `${bot.name} is not connected: clicks and commands will not reach it until it is started.`;
  const notice = byId('notice');
  if (notice.textContent === words) return;
  notice.hidden = !words;
  put(notice, words && [icon('warning'), el('span', {}, words)]);
}

const thread = byId('thread');
const threadParts = {};

export function drawThread() {
  const { channel: id, thread: ts } = store.route;
  thread.hidden = !ts;
  document.body.classList.toggle('has-thread', Boolean(ts));
  if (!ts) {
    shown.thread = null;
    return;
  }
  const said = threadOf(id, ts);
  if (!threadParts.list) buildThread();
  const place = `${store.as} ${id} ${ts}`;
  const opening = shown.thread !== place;
  shown.thread = place;
  const one = channel(id);
  threadParts.where.textContent = one?.is_im ? store.workspace.bot.name : `#${one?.name ?? ''}`;
  drawTimeline(threadParts.list, threadParts.scroller, said, { channel: id, inThread: true, opening });
  if (!said.length) put(threadParts.list, el('div', { class: 'empty' }, 'This message is no longer there.'));
  threadParts.composer.show({
    channel: id,
    thread: ts,
    placeholder: 'Reply …',
    off: closedBecause(one),
  });
  if (opening) threadParts.composer.focus();
}

function buildThread() {
  threadParts.list = el('div', { class: 'messages-list' });
  threadParts.where = el('span', { class: 'muted thread-where', dir: 'auto' });
  threadParts.scroller = el(
    'div',
    { class: 'pane-scroll', role: 'region', 'aria-label': 'Messages in the thread', tabindex: '-1' },
    threadParts.list,
  );
  threadParts.composer = composer({ testid: 'thread-composer', thread: true });
  timelineKeys(threadParts.list);
  followEnd(threadParts.list, threadParts.scroller);
  put(
    thread,
    el(
      'header',
      { class: 'pane-header' },
      el('div', { class: 'title' }, el('h2', {}, 'Thread'), threadParts.where),
      el(
        'button',
        {
          type: 'button',
          class: 'icon-button',
          'aria-label': 'Close the thread',
          'data-testid': 'thread-close',
          on: { click: leaveThread },
        },
        icon('close'),
      ),
    ),
    threadParts.scroller,
    el('div', { class: 'pane-foot' }, threadParts.composer.node),
  );
}

/** Closes the thread and gives the focus back to the message it belongs to. */
export function leaveThread() {
  const { thread: ts } = store.route;
  closeThread();
  const row = [...list.querySelectorAll('.message')].find((node) => node.dataset.ts === ts);
  (row ?? channelComposer.input).focus({ preventScroll: true });
}

export const focusComposer = () => (store.route.home ? byId('home') : channelComposer.input).focus();
