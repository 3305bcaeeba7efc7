// What can be completed before the caret, and how a command is used.

import { avatar } from './avatar.js';
import { el } from './dom.js';
import { emoji, emojiNames } from './emoji.js';
import { icon } from './icons.js';
import { useShortcut } from './actions.js';
import { present, sees, store } from './state.js';

const MANY = 8;
const MOST_VERBS = 20;

/**
 * Each is {text, typed, label, note, before, run}: `typed` is the part before the caret that `text` replaces; `run`, if
 * there is one, is what choosing it does.
 */
export function completions(before, { thread }) {
  const { commands, shortcuts, usergroups, channels, bot } = store.workspace;
  const command = /^\/\S*$/.exec(before)?.[0];
  if (command) {
    if (thread) return [];
    const known = commands
      .filter((one) => one.command.startsWith(command))
      .map((one) => ({
        text: one.command,
        typed: command,
        before: el('span', { class: 'completion-mark' }, icon('slash')),
        label: [el('strong', {}, one.command), ' ', el('span', { class: 'muted' }, one.usage_hint ?? '')],
        note: one.description ?? '',
      }));
    return [...known, ...globalShortcuts(shortcuts, command)].slice(0, MANY);
  }
  const verb = thread ? null : verbs(commands, before);
  if (verb?.length) return verb;
  const [, typed] = /(?:^|[\s(])([@#:][\p{L}\p{N}._+-]*)$/u.exec(before) ?? [];
  if (!typed) return [];
  const word = typed.slice(1).toLowerCase();
  const fits = (...names) => names.some((name) => name?.toLowerCase().startsWith(word));
  if (typed[0] === '#') {
    return channels
      .filter((one) => !one.is_im && sees(one) && fits(one.name))
      .slice(0, MANY)
      .map(({ name, is_private, topic }) => ({
        text: `#${name}`,
        typed,
        before: icon(is_private ? 'lock' : 'hash'),
        label: name,
        note: topic ?? '',
      }));
  }
  if (typed[0] === ':') {
    if (word.length < 2) return [];
    return emojiNames()
      .filter((name) => name.includes(word))
      .slice(0, MANY)
      .map((name) => ({ text: `:${name}:`, typed, before: emoji(name), label: `:${name}:`, note: '' }));
  }
  const found = present()
    .filter(({ name, real_name }) => fits(name, real_name))
    .map(({ id, name, real_name }) => ({
      text: `@${name}`,
      typed,
      before: avatar(id, 'tiny'),
      label: real_name || name,
      note: `@${name}${id === store.as ? ' (you)' : ''}`,
    }));
  if (fits(bot.name))
    found.push({ text: `@${bot.name}`, typed, before: avatar(bot.user_id, 'tiny'), label: bot.name, note: 'App' });
  for (const { handle, name, users } of usergroups) {
    if (fits(handle, name))
      found.push({
        text: `@${handle}`,
        typed,
        before: icon('at'),
        label: `@${handle}`,
        note: `${name}, ${users.length} people`,
      });
  }
  for (const [range, note] of [
    ['here', 'Everybody active in this channel'],
    ['channel', 'Everybody in this channel'],
  ]) {
    if (fits(range)) found.push({ text: `@${range}`, typed, before: icon('at'), label: `@${range}`, note });
  }
  return found.slice(0, MANY);
}

/** The first word after a command: each use that its hint lists, between bars that stand outside of brackets. */
function verbs(commands, before) {
  const [, name, typed] = /^(\/\S+)\s+(\S*)$/.exec(before) ?? [];
  const hint = commands.find((one) => one.command === name)?.usage_hint ?? '';
  return (hint.match(/(?:<[^>]*>|\[[^\]]*\]|[^|])+/g) ?? [])
    .map((use) => /^([a-z][\w-]*)\s*(.*)$/i.exec(use.trim()))
    .filter((use) => use && typed !== undefined && use[1].startsWith(typed.toLowerCase()))
    .slice(0, MOST_VERBS)
    .map(([, verb, rest]) => ({
      text: verb,
      typed,
      before: el('span', { class: 'completion-mark' }, icon('slash')),
      label: el('strong', {}, verb),
      note: rest,
    }));
}

/** Slack lists an app's global shortcuts beside the commands; they run at once and take no words. */
const globalShortcuts = (shortcuts, typed) =>
  shortcuts
    .filter(({ type, name }) => type === 'global' && name.toLowerCase().includes(typed.slice(1).toLowerCase()))
    .map((one) => ({
      text: '',
      typed,
      before: el('span', { class: 'completion-mark' }, icon('bolt')),
      label: el('strong', {}, one.name),
      note: one.description,
      run: () => useShortcut(one.callback_id, { channel: store.route.channel }),
    }));

/** The line that stays while a command is typed. */
export function usage(text, { thread }) {
  if (!text.startsWith('/')) return null;
  if (thread) return el('span', {}, 'Slash commands do not work in threads.');
  const name = text.split(/\s/)[0];
  const known = store.workspace.commands.find((one) => one.command === name);
  if (!known) return null;
  return [
    el('strong', {}, known.command),
    ' ',
    el('span', { class: 'usage-hint', dir: 'auto' }, known.usage_hint ?? ''),
    known.description && el('span', { class: 'muted usage-note', dir: 'auto' }, known.description),
  ];
}
