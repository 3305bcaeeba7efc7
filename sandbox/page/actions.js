// What a person can do with a message: react, reply, use a shortcut of the app, look at its JSON.

import { post } from './api.js';
import { jsonDialog } from './dialogs.js';
import { el } from './dom.js';
import { emoji, emojiNames, REACTIONS } from './emoji.js';
import { toast } from './feedback.js';
import { icon } from './icons.js';
import { closePopup, openMenu, openPopup } from './popup.js';
import { goThread } from './route.js';
import { store } from './state.js';

export async function toggleReaction(message, channel, name) {
  const mine = message.reactions?.find((one) => one.name === name)?.users?.includes(store.as);
  await tell('react', { as: store.as, channel, ts: message.ts, name, remove: Boolean(mine) });
}

/** Posts and says what went wrong, if something did. */
export async function tell(path, body) {
  try {
    return await post(path, body);
  } catch (error) {
    toast(error.message, 'warning');
    return null;
  }
}

export function toolbar(message, { channel, inThread }) {
  const tool = (name, drawing, run, key) =>
    el(
      'button',
      {
        type: 'button',
        class: 'icon-button',
        'aria-label': name,
        title: name,
        data: { focusKey: `tool ${name}`, tool: key },
        on: { click: ({ currentTarget }) => run(currentTarget) },
      },
      drawing,
    );
  const quick = message.ephemeral_for
    ? []
    : ['eyes', 'white_check_mark'].map((name) =>
        tool(`React with ${name.replaceAll('_', ' ')}`, emoji(name), () => toggleReaction(message, channel, name)),
      );
  return el(
    'div',
    { class: 'message-tools', role: 'toolbar', 'aria-label': 'Message actions' },
    quick,
    !message.ephemeral_for &&
      tool('Add reaction', icon('smile'), (anchor) => reactionPicker(anchor, message, channel), 'react'),
    !inThread &&
      !message.ephemeral_for &&
      tool('Reply in thread', icon('reply'), () => goThread(channel, message.thread_ts ?? message.ts), 'reply'),
    tool('More actions', icon('more'), (anchor) => more(anchor, message, channel), 'more'),
  );
}

function more(anchor, message, channel) {
  const shortcuts = message.ephemeral_for
    ? []
    : (store.workspace.shortcuts ?? []).filter(({ type }) => type === 'message');
  const items = shortcuts.map((shortcut) => ({
    label: shortcut.name,
    note: `${store.workspace.bot.name}: ${shortcut.description}`,
    icon: 'bolt',
    data: { callbackId: shortcut.callback_id },
    run: () => useShortcut(shortcut.callback_id, { channel, ts: message.ts }),
  }));
  if (items.length) items.push(null);
  items.push({
    label: 'Copy link to this message',
    icon: 'link',
    run: () => navigator.clipboard?.writeText(`${location.origin}/#${channel}/${message.thread_ts ?? message.ts}`),
  });
  items.push({ label: 'Raw JSON', icon: 'code', run: () => jsonDialog(`Message ${message.ts}`, message) });
  openMenu(anchor, items, { label: 'More actions' });
}

export async function useShortcut(callbackId, where = {}) {
  await tell('shortcut', { as: store.as, callback_id: callbackId, ...where });
}

function reactionPicker(anchor, message, channel) {
  const choose = (name) => {
    closePopup();
    toggleReaction(message, channel, name);
  };
  const grid = el('div', { class: 'emoji-grid' });
  const draw = (names) =>
    grid.replaceChildren(
      ...names.slice(0, 48).map((name) =>
        el(
          'button',
          {
            type: 'button',
            class: 'icon-button',
            'aria-label': name.replaceAll('_', ' '),
            title: `:${name}:`,
            data: { emojiName: name },
            on: { click: () => choose(name) },
          },
          emoji(name),
        ),
      ),
    );
  const search = el('input', {
    type: 'text',
    class: 'picker-search',
    placeholder: 'Find a reaction',
    'aria-label': 'Find a reaction',
    on: {
      input: () =>
        draw(search.value ? emojiNames().filter((name) => name.includes(search.value.toLowerCase())) : REACTIONS),
      keydown: (event) => event.key === 'Enter' && grid.firstChild && (event.preventDefault(), grid.firstChild.click()),
    },
  });
  draw(REACTIONS);
  openPopup(anchor, [search, grid], { className: 'emoji-popup', focus: search });
}
