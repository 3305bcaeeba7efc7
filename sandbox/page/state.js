// What the page knows: the workspace as the sandbox tells it, who we act as, and where we look.

import { get, sameStart } from './api.js';

export const store = {
  workspace: null, // the answer of /_control/state
  as: null,
  route: { home: false, channel: null, thread: null },
  live: false, // the event stream is open
  traffic: [],
  local: new Map(), // channel id → messages that only this page knows, such as "Not delivered"
};

const listeners = new Set();
export const subscribe = (listener) => listeners.add(listener);
export const changed = (event = { type: 'local' }) => listeners.forEach((listener) => listener(event));

/** Opens the event stream first and asks for the state then, so that nothing falls between the two. */
export function connect() {
  let waiting = null; // what happened since the state was asked for
  let turn = 0;
  const source = new EventSource('/_control/events');
  const sync = async () => {
    const mine = ++turn; // a newer question makes the answer to this one stale
    waiting = [];
    try {
      const [workspace, log] = await Promise.all([get('state'), get('log?after=0'), sameStart()]);
      if (mine !== turn) return;
      store.workspace = workspace;
      store.traffic = log.entries ?? [];
      store.live = true;
    } catch {
      if (mine !== turn) return;
      waiting = null;
      return setTimeout(sync, 1000);
    }
    const missed = waiting;
    waiting = null;
    missed.forEach(apply);
    changed({ type: 'state' });
  };
  const receive = ({ data }) => {
    const event = JSON.parse(data);
    if (event.type === 'reset') {
      store.local.clear();
      return sync();
    }
    if (waiting) return waiting.push(event);
    if (!store.workspace) return;
    apply(event);
    changed(event);
  };
  source.addEventListener('open', sync);
  source.addEventListener('error', () => {
    store.live = false;
    changed({ type: 'connection' });
    // A refused request ends an EventSource for good; a lost one reconnects by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  });
  source.onmessage = receive;
}

function apply(event) {
  const { workspace } = store;
  const handlers = {
    message: () => put(channel(event.channel)?.messages, event.message),
    message_deleted: () => take(channel(event.channel)?.messages, event.ts),
    home: () => (workspace.homes[event.user] = event.view),
    modals: () => (workspace.modals[event.user] = event.stack),
    toast: () => workspace.toasts.some(({ n }) => n === event.toast.n) || workspace.toasts.push(event.toast),
    channel: () => putChannel(event.channel),
    bot: () => (workspace.bot.online = event.online),
    traffic: () => putTraffic(event.entry),
  };
  handlers[event.type]?.();
}

function put(messages, message) {
  if (!messages) return;
  const at = messages.findIndex(({ ts }) => ts === message.ts);
  if (at >= 0) messages[at] = message;
  else {
    let index = messages.length;
    while (index > 0 && later(messages[index - 1].ts, message.ts)) index--;
    messages.splice(index, 0, message);
  }
}

function take(messages, ts) {
  const at = messages?.findIndex((message) => message.ts === ts) ?? -1;
  if (at >= 0) messages.splice(at, 1);
}

function putChannel(update) {
  const known = channel(update.id);
  if (update.deleted) store.workspace.channels = store.workspace.channels.filter(({ id }) => id !== update.id);
  else if (known) Object.assign(known, update);
  else store.workspace.channels.push({ messages: [], read: {}, ...update });
}

function putTraffic(entry) {
  if (store.traffic.length && store.traffic.at(-1).n >= entry.n) return;
  store.traffic.push(entry);
  if (store.traffic.length > 2000) store.traffic.splice(0, store.traffic.length - 2000);
}

/** Compares two timestamps "seconds.micros" without losing the micros to floating point. */
export function later(one, other) {
  const [seconds, micros = '0'] = String(one).split('.');
  const [otherSeconds, otherMicros = '0'] = String(other).split('.');
  return Number(seconds) === Number(otherSeconds)
    ? Number(micros) > Number(otherMicros)
    : Number(seconds) > Number(otherSeconds);
}

export const channel = (id) => store.workspace?.channels.find((one) => one.id === id);
export const person = (id = store.as) => store.workspace?.people.find((one) => one.id === id);
/** Who has not left; guests among them. */
export const present = () => store.workspace.people.filter(({ deleted }) => !deleted);
export const group = (id) => store.workspace?.usergroups.find((one) => one.id === id);
export const isBot = (id) => id === store.workspace?.bot.user_id || id === store.workspace?.bot.bot_id;
export const zone = () => person()?.tz ?? 'UTC';
/** Private channels are for their members; guests see only channels they are in. */
export function sees(one) {
  if (!one || one.is_im) return one?.user === store.as && store.as !== null;
  return (!one.is_private && !person()?.is_restricted) || !one.members || one.members.includes(store.as);
}

export const myDirectMessage = () => store.workspace.channels.find((one) => one.is_im && one.user === store.as);

export function nameOf(id) {
  if (isBot(id)) return store.workspace.bot.name;
  const known = person(id);
  return known ? known.real_name || known.name : (id ?? 'somebody');
}

const visible = (message) => !message.ephemeral_for || message.ephemeral_for === store.as;
export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

function everything(id) {
  const known = channel(id)?.messages ?? [];
  const local = (store.local.get(id) ?? []).filter(visible);
  return local.length ? [...known, ...local].sort((one, other) => (later(one.ts, other.ts) ? 1 : -1)) : known;
}

export const messagesOf = (id) =>
  everything(id).filter((message) => visible(message) && (!isReply(message) || message.subtype === 'thread_broadcast'));

export const threadOf = (id, ts) =>
  everything(id).filter((message) => visible(message) && (message.ts === ts || message.thread_ts === ts));

export const messageAt = (id, ts) => channel(id)?.messages.find((message) => message.ts === ts);

/** How much of a channel the acting person has not read, and whether any of it names them. */
export function unread(one) {
  const read = one.read?.[store.as] ?? '0';
  let count = 0;
  let mentions = 0;
  for (const message of one.messages ?? []) {
    if (!later(message.ts, read) || message.user === store.as || !visible(message)) continue;
    if (isReply(message) && message.subtype !== 'thread_broadcast') continue;
    count++;
    if (one.is_im || namesMe(message)) mentions++;
  }
  return { count, mentions };
}

/** Looks where Slack looks: in mrkdwn texts and in rich text elements, not in literal text; bare @here counts if not verbatim. */
function namesMe(node) {
  if (Array.isArray(node)) return node.some(namesMe);
  if (!node || typeof node !== 'object') return false;
  if (node.type === 'user') return node.user_id === store.as;
  if (node.type === 'usergroup') return myGroups().includes(node.usergroup_id);
  if (node.type === 'broadcast') return true;
  if ((node.type === 'mrkdwn' || node.type === 'message') && typeof node.text === 'string') {
    if (
      node.type === 'mrkdwn' &&
      !node.verbatim &&
      /(?<![\p{L}\p{N}<_/.@#-])@(here|channel|everyone)\b/u.test(node.text)
    )
      return true;
    const marks = [...node.text.matchAll(/<(?:@(\w+)|!subteam\^(\w+)|!(here|channel|everyone))\b/g)];
    if (marks.some(([, user, team, range]) => user === store.as || myGroups().includes(team) || range)) return true;
  }
  return Object.values(node).some(namesMe);
}

const myGroups = () => store.workspace.usergroups.filter(({ users }) => users.includes(store.as)).map(({ id }) => id);

/** Adds a message that only the acting person sees and only this page remembers. */
export function sayLocally(channelId, message) {
  const last = messagesOf(channelId).at(-1)?.ts ?? '0';
  const now = `${(Date.now() / 1000).toFixed(3)}000`;
  const [seconds, micros] = last.split('.');
  const ts = later(now, last) ? now : `${seconds}.${String(Number(micros ?? 0) + 1).padStart(6, '0')}`;
  const said = { type: 'message', ts, ephemeral_for: store.as, local: true, ...message };
  store.local.set(channelId, [...(store.local.get(channelId) ?? []), said]);
  changed({ type: 'message', channel: channelId, message: said });
}

export function forgetLocally(channelId, ts) {
  store.local.set(
    channelId,
    (store.local.get(channelId) ?? []).filter((message) => message.ts !== ts),
  );
  changed();
}
