// The message box: sends messages and slash commands, completes what begins with / @ # and :.

import { post } from './api.js';
import { completions, usage } from './completion.js';
import { el, put, uid } from './dom.js';
import { toast } from './feedback.js';
import { icon } from './icons.js';
import { sayLocally, store } from './state.js';
import { encoded } from './typed.js';
import { fileChooser } from './uploads.js';

const drafts = new Map();

/** One message box; show({channel, thread, placeholder, off}) says what it writes to. */
export function composer({ testid, thread = false }) {
  let where = { channel: null, thread: null };
  let options = [];
  let active = 0;
  const listId = uid('completions');
  const input = el('textarea', {
    class: 'composer-input',
    rows: 1,
    dir: 'auto',
    autocomplete: 'off',
    spellcheck: 'true',
    data: { testid: `${testid}-input` },
    'aria-autocomplete': 'list',
    'aria-controls': listId,
    'aria-haspopup': 'listbox',
  });
  const list = el('div', {
    class: 'completions',
    id: listId,
    role: 'listbox',
    'aria-label': 'Suggestions',
    'data-testid': 'completions',
    hidden: true,
  });
  const hint = el('div', { class: 'usage', role: 'status', 'data-testid': 'usage', hidden: true });
  const send = el(
    'button',
    { type: 'submit', class: 'send', 'aria-label': 'Send', title: 'Send (Enter)', disabled: true },
    icon('send'),
  );
  const chooser = fileChooser({ bare: true, onChange: typed });
  const insert = (text) => () => {
    input.setRangeText(text, input.selectionStart, input.selectionEnd, 'end');
    input.focus();
    typed();
  };
  const tool = (name, drawing, run) =>
    el(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': name, title: name, on: { click: run } },
      icon(drawing),
    );
  const slash = () => {
    if (!input.value.startsWith('/')) input.value = '/';
    input.focus();
    typed();
  };
  const node = el(
    'form',
    {
      class: 'composer',
      data: { testid },
      on: {
        submit: (event) => {
          event.preventDefault();
          deliver();
        },
      },
    },
    list,
    hint,
    el(
      'div',
      { class: 'composer-box' },
      input,
      chooser.node,
      el(
        'div',
        { class: 'composer-tools' },
        tool('Attach a file', 'plus', chooser.open),
        !thread && tool('Slash commands', 'slash', slash),
        tool('Mention somebody', 'at', insert('@')),
        tool('Name a channel', 'hash', insert('#')),
        el('span', { class: 'composer-note' }, 'Shift + Enter for a new line'),
        send,
      ),
    ),
  );

  function show(next) {
    if (next.channel !== where.channel || next.thread !== where.thread) {
      where = { channel: next.channel, thread: next.thread };
      chooser.clear();
      input.value = drafts.get(key()) ?? '';
      typed();
    }
    input.placeholder = next.off ?? next.placeholder;
    input.setAttribute('aria-label', next.placeholder);
    input.disabled = Boolean(next.off);
  }

  const key = () => `${where.channel} ${where.thread ?? ''}`;

  function typed() {
    drafts.set(key(), input.value);
    send.disabled = !input.value.trim() && !chooser.ids().length;
    input.style.setProperty('height', 'auto');
    input.style.setProperty('height', `${Math.min(input.scrollHeight + 2, 220)}px`);
    complete();
  }

  function complete() {
    const before = input.value.slice(0, input.selectionStart);
    options = input.selectionStart === input.selectionEnd ? completions(before, { thread }) : [];
    const help = usage(input.value, { thread });
    hint.classList.remove('usage-problem');
    hint.hidden = !help || options.length > 0;
    put(hint, help);
    list.hidden = !options.length;
    put(
      list,
      options.map((option, index) =>
        el(
          'div',
          {
            role: 'option',
            id: `${listId}-${index}`,
            class: 'completion',
            'aria-selected': 'false',
            data: { value: option.text },
            on: {
              mousedown: (event) => {
                event.preventDefault();
                choose(option);
              },
            },
          },
          option.before,
          el('span', { class: 'completion-name', dir: 'auto' }, option.label),
          el('span', { class: 'completion-note', dir: 'auto' }, option.note),
        ),
      ),
    );
    point(0);
  }

  function point(index) {
    active = options.length ? (index + options.length) % options.length : 0;
    [...list.children].forEach((row, at) => row.setAttribute('aria-selected', String(at === active)));
    if (options.length) input.setAttribute('aria-activedescendant', `${listId}-${active}`);
    else input.removeAttribute('aria-activedescendant');
    list.children[active]?.scrollIntoView({ block: 'nearest' });
  }

  function choose(option) {
    const words = option.run ? '' : `${option.text} `;
    input.setRangeText(words, input.selectionStart - option.typed.length, input.selectionStart, 'end');
    typed();
    option.run?.();
  }

  input.addEventListener('input', typed);
  input.addEventListener('click', complete);
  input.addEventListener('blur', () => (list.hidden = true));
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (options.length && !list.hidden) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        return point(active + (event.key === 'ArrowDown' ? 1 : -1));
      }
      if (event.key === 'Escape') {
        event.preventDefault();
        event.stopPropagation();
        options = [];
        list.hidden = true;
        return;
      }
      const whole = options[active].typed === options[active].text;
      if (event.key === 'Tab' || (event.key === 'Enter' && !whole && !event.shiftKey)) {
        event.preventDefault();
        return choose(options[active]);
      }
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      deliver();
    }
  });

  async function deliver() {
    const text = input.value.trim();
    const files = chooser.files();
    if ((!text && !files.length) || input.disabled) return;
    if (thread && text.startsWith('/')) {
      hint.hidden = false;
      hint.classList.add('usage-problem');
      return put(
        hint,
        icon('warning'),
        el(
          'span',
          {},
          `Slash commands do not work in threads. Use ${text.split(/\s/)[0]} in the channel, or a message shortcut.`,
        ),
      );
    }
    const here = { ...where };
    input.value = '';
    typed();
    if (text.startsWith('/')) return command(text, here);
    chooser.clear();
    try {
      await post('message', {
        as: store.as,
        channel: here.channel,
        text: encoded(text),
        files: files.map(({ id }) => id),
        ...(here.thread ? { thread_ts: here.thread } : {}),
      });
    } catch (error) {
      toast(error.message, 'warning');
      drafts.set(`${here.channel} ${here.thread ?? ''}`, text);
      if (!input.value) input.value = text;
      if (!chooser.files().length) chooser.choose(files);
      typed();
    }
  }

  return { node, input, show, focus: () => input.focus({ preventScroll: true }) };
}

async function command(text, { channel }) {
  const [, name, rest] = /^(\S+)\s*([\s\S]*)$/.exec(text);
  const known = store.workspace.commands.some(({ command: one }) => one === name);
  const say = (words) => sayLocally(channel, { user: 'slack', author: 'Slack', text: words });
  if (!known) return say(`\`${encoded(name).replaceAll('`', '')}\` is not a command that this workspace knows.`);
  try {
    const { acked } = await post('command', { as: store.as, channel, command: name, text: rest });
    if (acked === false) say(`Not delivered: the app did not answer. (\`${encoded(text).replaceAll('`', '')}\`)`);
  } catch (error) {
    say(`Not delivered: ${encoded(error.message)}`);
  }
}
