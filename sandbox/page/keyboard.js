// Keys that work everywhere: from part to part, to any conversation, and the list of them.

import { avatar } from './avatar.js';
import { show } from './dialogs.js';
import { el, uid } from './dom.js';
import { icon } from './icons.js';
import { searchList } from './picker.js';
import { go } from './route.js';
import { myDirectMessage, sees, store, unread } from './state.js';

const mac = /mac/i.test(navigator.platform);
const command = mac ? '⌘' : 'Ctrl';

const KEYS = [
  ['F6, Shift + F6', 'To the next or previous part: channels, messages, message box, thread, traffic'],
  [`${command} + K`, 'Jump to a channel, the Home or the direct messages'],
  ['↑ ↓ Home End', 'From message to message, from channel to channel'],
  ['Tab', 'Into the message: its buttons and menus'],
  ['T', 'Open the thread of the message'],
  ['R', 'React to the message'],
  ['M', 'More: shortcuts of the app, link, raw JSON'],
  ['/', 'In the message box: slash commands and shortcuts. Tab completes'],
  ['Escape', 'Close the menu, the form, the thread'],
  [`${command} + /`, 'This list'],
];

/** Where F6 stops, in the order of the page. */
const stops = () =>
  [
    document.querySelector('#sidebar [aria-current="page"]') ?? document.querySelector('#sidebar .nav-row'),
    document.querySelector('#messages .message[tabindex="0"]'),
    document.getElementById('home'),
    document.querySelector('[data-testid="composer-input"]'),
    document.querySelector('#thread .message[tabindex="0"]'),
    document.querySelector('[data-testid="thread-composer-input"]'),
    document.querySelector('#traffic input'),
  ].filter((node) => node?.checkVisibility({ visibilityProperty: true }) && !node.disabled);

const regionOf = (node) => node.closest('#sidebar, .pane-scroll, .pane-foot, #traffic');

function nextPart(step) {
  const all = stops();
  const region = regionOf(document.activeElement ?? document.body);
  const at = all.findIndex((node) => region && regionOf(node) === region);
  const from = at < 0 && step < 0 ? 0 : at;
  all[(from + step + all.length) % all.length]?.focus();
}

function jump() {
  const title = uid('jump');
  const load = (query) => [
    { options: places().filter(({ label }) => label.toLowerCase().includes(query.toLowerCase())) },
  ];
  const { search, list } = searchList({
    label: 'Channels and the app',
    load,
    choose: ({ value }) => {
      dialog.close();
      go(value);
    },
  });
  const dialog = el(
    'dialog',
    { class: 'dialog jump', 'aria-labelledby': title, 'data-testid': 'jump' },
    el('h2', { id: title, class: 'visually-hidden' }, 'Jump to'),
    search,
    list,
  );
  search.placeholder = 'Jump to …';
  show(dialog);
  search.focus();
}

/** Unread ones first, as a person looks for them. */
function places() {
  const { channels, bot } = store.workspace;
  const direct = bot.messages_tab && myDirectMessage();
  const rooms = channels.filter((one) => !one.is_im && sees(one));
  const all = [
    ...rooms.map((one) => ({
      value: one.id,
      label: one.name,
      before: icon(one.is_archived ? 'archive' : one.is_private ? 'lock' : 'hash'),
      count: unread(one).count,
    })),
    bot.home_tab && { value: 'home', label: `${bot.name}: Home`, before: icon('home'), count: 0 },
    direct && {
      value: direct.id,
      label: `${bot.name}: Direct messages`,
      before: avatar(bot.user_id, 'tiny'),
      count: unread(direct).count,
    },
  ].filter(Boolean);
  return all
    .map((one) => ({ ...one, description: one.count ? `${one.count} unread` : undefined }))
    .sort((one, other) => (other.count > 0) - (one.count > 0));
}

export function showKeys() {
  const title = uid('keys');
  const dialog = el(
    'dialog',
    { class: 'dialog keys', 'aria-labelledby': title, 'data-testid': 'keys' },
    el(
      'div',
      { class: 'dialog-head' },
      el('h2', { id: title }, 'Keys'),
      el(
        'button',
        { type: 'button', class: 'icon-button', 'aria-label': 'Close', on: { click: () => dialog.close() } },
        icon('close'),
      ),
    ),
    el(
      'dl',
      { class: 'keys-list', tabindex: '0' },
      KEYS.map(([keys, what]) => el('div', {}, el('dt', {}, el('kbd', {}, keys)), el('dd', {}, what))),
    ),
  );
  show(dialog);
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || !store.workspace || document.querySelector('dialog[open]')) return;
  const held = mac ? event.metaKey : event.ctrlKey;
  const act =
    event.key === 'F6'
      ? () => nextPart(event.shiftKey ? -1 : 1)
      : held && event.key.toLowerCase() === 'k'
        ? jump
        : held && event.key === '/'
          ? showKeys
          : null;
  if (!act) return;
  event.preventDefault();
  act();
});
