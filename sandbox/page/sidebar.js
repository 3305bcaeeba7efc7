// The sidebar: the workspace, whom we act as, the app, the channels.

import { avatar } from './avatar.js';
import { el, foreign, put } from './dom.js';
import { icon } from './icons.js';
import { arrowKeys, openMenu } from './popup.js';
import { useShortcut } from './actions.js';
import { showKeys } from './keyboard.js';
import { actAs, go, goChannel } from './route.js';
import { myDirectMessage, nameOf, person, present, sees, store, unread } from './state.js';

const sidebar = document.getElementById('sidebar');
const scrim = document.getElementById('scrim');

export function toggleDrawer() {
  setDrawer(!document.body.classList.contains('drawer-open'));
}

export function setDrawer(open) {
  if (open === document.body.classList.contains('drawer-open')) return;
  document.body.classList.toggle('drawer-open', open);
  scrim.hidden = !open;
  if (open) (sidebar.querySelector('[aria-current="page"]') ?? sidebar.querySelector('button')).focus();
  else if (sidebar.contains(document.activeElement)) document.querySelector('.drawer-button')?.focus();
}

scrim.addEventListener('click', () => setDrawer(false));
sidebar.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') setDrawer(false);
  if (event.target.classList.contains('nav-row')) arrowKeys(event, [...sidebar.querySelectorAll('.nav-row')]);
});

export function drawSidebar() {
  const { workspace, route } = store;
  const rows = workspace.channels.filter((one) => !one.is_im && sees(one)).map((one) => ({ one, ...unread(one) }));
  const direct = myDirectMessage();
  const directUnread = direct ? unread(direct) : null;
  const signature = JSON.stringify([
    workspace.workspace,
    workspace.bot,
    store.as,
    workspace.people,
    workspace.shortcuts,
    route,
    directUnread,
    direct?.id,
    rows.map(({ one: { id, name, is_private, is_archived, is_member }, count, mentions }) => [
      id,
      name,
      is_private,
      is_archived,
      is_member,
      count,
      mentions,
    ]),
  ]);
  document.title = title(rows, directUnread);
  if (sidebar.dataset.drawn === signature) return;
  sidebar.dataset.drawn = signature;
  const focused = sidebar.contains(document.activeElement) ? document.activeElement.dataset.focusKey : null;
  put(
    sidebar,
    head(workspace),
    el(
      'div',
      { class: 'nav' },
      section(
        'Channels',
        rows.map((row) => channelRow(row, route)),
      ),
      section('App', [
        workspace.bot.home_tab && homeRow(workspace, route),
        direct && workspace.bot.messages_tab && directRow(workspace, direct, directUnread, route),
      ]),
    ),
    foot(workspace),
  );
  if (focused)
    [...sidebar.querySelectorAll('[data-focus-key]')].find(({ dataset }) => dataset.focusKey === focused)?.focus();
}

function title(rows, directUnread) {
  const { route, workspace } = store;
  const mentions = rows.reduce((sum, row) => sum + row.mentions, 0) + (directUnread?.mentions ?? 0);
  const one = workspace.channels.find(({ id }) => id === route.channel);
  const where = route.home || one?.is_im ? workspace.bot.name : `#${one?.name ?? ''}`;
  return `${mentions ? `(${mentions}) ` : ''}${where} · ${workspace.workspace.name}`;
}

function head(workspace) {
  const { name } = workspace.workspace;
  const acting = person();
  const switcher = el(
    'button',
    {
      type: 'button',
      class: 'person-switch',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      data: { testid: 'person-switch', focusKey: 'person', person: store.as },
      on: { click: choosePerson },
    },
    avatar(store.as, 'small'),
    el(
      'span',
      { class: 'person-words' },
      el('span', { class: 'person-label' }, 'Acting as'),
      foreign('span', { class: 'person-name' }, nameOf(store.as), acting?.is_restricted && ' (guest)'),
    ),
    icon('chevron'),
  );
  return el(
    'div',
    { class: 'sidebar-head' },
    el(
      'div',
      { class: 'workspace' },
      el('span', { class: 'workspace-mark', 'aria-hidden': 'true' }, [...name][0]?.toUpperCase()),
      el(
        'span',
        { class: 'workspace-words' },
        foreign('span', { class: 'workspace-name' }, name),
        el('span', { class: 'workspace-note' }, 'Sandbox on this machine'),
      ),
    ),
    switcher,
  );
}

function choosePerson({ currentTarget }) {
  openMenu(
    currentTarget,
    present().map((one) => ({
      label: one.real_name || one.name,
      note: [`@${one.name}`, one.tz, one.is_restricted && 'guest'].filter(Boolean).join(' · '),
      before: avatar(one.id, 'small'),
      checked: one.id === store.as,
      data: { person: one.id },
      run: () => actAs(one.id),
    })),
    { label: 'Act as', className: 'person-menu' },
  );
}

const section = (name, rows) =>
  el(
    'div',
    { class: 'nav-section' },
    el('h2', { class: 'nav-heading' }, name),
    el(
      'ul',
      {},
      rows.filter(Boolean).map((row) => el('li', {}, row)),
    ),
  );

function row({ key, here, drawing, name, note, count = 0, mentions = 0, dim, data, run }) {
  return el(
    'button',
    {
      type: 'button',
      class: `nav-row ${count ? 'unread' : ''} ${dim ? 'dim' : ''}`,
      'aria-current': here ? 'page' : undefined,
      'aria-label': [name, note, mentions ? `${mentions} for you` : count ? 'unread' : ''].filter(Boolean).join(', '),
      data: { focusKey: key, ...data },
      on: {
        click: () => {
          run();
          setDrawer(false);
        },
      },
    },
    drawing,
    foreign('span', { class: 'nav-name' }, name),
    note && el('span', { class: 'nav-note' }, note),
    mentions > 0 &&
      el(
        'span',
        { class: 'badge', 'aria-hidden': 'true', 'data-testid': 'badge' },
        mentions > 99 ? '99+' : String(mentions),
      ),
  );
}

function channelRow({ one, count, mentions }, route) {
  const drawing = icon(one.is_archived ? 'archive' : one.is_private ? 'lock' : 'hash');
  return row({
    key: one.id,
    here: !route.home && route.channel === one.id,
    drawing,
    name: one.name,
    count,
    mentions,
    dim: one.is_archived || !one.is_member,
    data: { channel: one.id },
    run: () => goChannel(one.id),
  });
}

const homeRow = (workspace, route) =>
  row({
    key: 'home',
    here: route.home,
    drawing: icon('home'),
    name: 'Home',
    data: { channel: 'home' },
    run: () => go('home'),
  });

const directRow = (workspace, direct, { count, mentions }, route) =>
  row({
    key: direct.id,
    here: route.channel === direct.id,
    drawing: avatar(workspace.bot.user_id, 'tiny'),
    name: workspace.bot.name,
    note: 'Direct message',
    count,
    mentions,
    data: { channel: direct.id },
    run: () => goChannel(direct.id),
  });

function foot(workspace) {
  const { bot } = workspace;
  const global = (workspace.shortcuts ?? []).filter(({ type }) => type !== 'message');
  const open = ({ currentTarget }) =>
    openMenu(
      currentTarget,
      global.map((one) => ({
        label: one.name,
        icon: 'bolt',
        data: { callbackId: one.callback_id },
        note: one.description,
        run: () => useShortcut(one.callback_id, { channel: store.route.channel ?? '' }),
      })),
      { label: 'Shortcuts' },
    );
  return el(
    'div',
    { class: 'sidebar-foot' },
    el(
      'span',
      { class: `bot-state ${bot.online ? 'online' : ''}`, 'data-testid': 'bot-state' },
      el('span', { class: 'dot' }),
      el('span', { class: 'visually-hidden' }, `${bot.name} is `),
      bot.online ? 'connected' : 'not connected',
    ),
    el(
      'button',
      {
        type: 'button',
        class: 'foot-button',
        'aria-label': 'Keys',
        title: 'Keys',
        data: { focusKey: 'keys', testid: 'keys-button' },
        on: { click: showKeys },
      },
      icon('keys'),
    ),
    global.length > 0 &&
      el(
        'button',
        {
          type: 'button',
          class: 'foot-button',
          'aria-haspopup': 'menu',
          data: { focusKey: 'shortcuts', testid: 'shortcuts' },
          on: { click: open },
        },
        icon('bolt'),
        'Shortcuts',
      ),
  );
}
