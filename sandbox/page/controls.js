// Elements that hold a value. Each becomes {node, read}; read() is the value as the control API takes it.

import { post } from './api.js';
import { el, uid } from './dom.js';
import { textObject } from './mrkdwn.js';
import { whereabouts } from './interact.js';
import { picker } from './picker.js';
import { present, sees, store } from './state.js';
import { fileChooser } from './uploads.js';

const KINDS = {
  plain_text_input: textInput,
  number_input: (part, place, how) => textInput(part, place, how, 'number'),
  email_text_input: (part, place, how) => textInput(part, place, how, 'email'),
  url_text_input: (part, place, how) => textInput(part, place, how, 'url'),
  rich_text_input: (part, place, how) => textInput({ ...part, multiline: true, initial_value: undefined }, place, how),
  datepicker: (part, place, how) => moment(part, place, how, 'date', part.initial_date),
  timepicker: (part, place, how) => moment(part, place, how, 'time', part.initial_time),
  datetimepicker: dateTime,
  checkboxes,
  radio_buttons: radios,
  file_input: fileInput,
};

for (const what of ['static', 'external', 'users', 'conversations', 'channels']) {
  KINDS[`${what}_select`] = (part, place, how) => select(part, place, how, what, false);
  KINDS[`multi_${what}_select`] = (part, place, how) => select(part, place, how, what, true);
}

export const isControl = (type) => Object.hasOwn(KINDS, type);
export const control = (part, place, how) => KINDS[part.type](held(part, place), place, how);

/** What the sandbox says was entered already counts more than what the app proposed. */
function held(part, place) {
  const value = place.values?.[place.block]?.[part.action_id];
  if (value?.type !== part.type) return part;
  const known = {
    initial_value: value.value,
    initial_option: value.selected_option,
    initial_options: value.selected_options,
    initial_user: value.selected_user,
    initial_users: value.selected_users,
    initial_channel: value.selected_channel,
    initial_channels: value.selected_channels,
    initial_conversation: value.selected_conversation,
    initial_conversations: value.selected_conversations,
    initial_date: value.selected_date,
    initial_time: value.selected_time,
    initial_date_time: value.selected_date_time,
  };
  const entered = Object.entries(known).filter(([, one]) => one !== undefined);
  return { ...part, ...Object.fromEntries(entered.map(([name, one]) => [name, one ?? undefined])) };
}

const hooks = (part, place) => ({ blockId: place.block, actionId: part.action_id });
const named = ({ label, labelledBy, describedBy, required }) => ({
  'aria-label': labelledBy ? undefined : label,
  'aria-labelledby': labelledBy,
  'aria-describedby': describedBy,
  'aria-required': required ? 'true' : undefined,
});

function textInput(part, place, how, type = 'text') {
  const node = el(part.multiline ? 'textarea' : 'input', {
    class: 'field',
    type: part.multiline ? undefined : type === 'number' ? 'text' : type,
    inputmode: type === 'number' ? 'decimal' : undefined,
    rows: part.multiline ? 4 : undefined,
    maxlength: part.max_length,
    placeholder: part.placeholder?.text,
    autocomplete: 'off',
    dir: 'auto',
    data: hooks(part, place),
    ...named(how),
    autofocus: part.focus_on_load,
  });
  node.value = part.initial_value ?? '';
  const triggers = part.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || part.multiline || event.isComposing) return;
    if (how.dispatches && triggers.includes('on_enter_pressed')) {
      event.preventDefault();
      how.onChange?.(node.value);
    }
  });
  if (how.dispatches && triggers.includes('on_character_entered'))
    node.addEventListener(
      'input',
      later(() => how.onChange?.(node.value)),
    );
  return { node, read: () => node.value || null, write: (value) => (node.value = value ?? '') };
}

/** Waits until the typing pauses. */
function later(run) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, 500);
  };
}

function moment(part, place, how, type, initial) {
  const node = el('input', { class: 'field field-moment', type, data: hooks(part, place), ...named(how) });
  node.value = initial ?? '';
  // Typing a year passes through 0002 and 0020: wait for a pause and a year that is meant.
  node.addEventListener(
    'change',
    later(() => (type === 'time' || !node.value || node.value >= '1000') && how.onChange?.(node.value || null)),
  );
  return { node, read: () => node.value || null, write: (value) => (node.value = value ?? '') };
}

function dateTime(part, place, how) {
  const node = el('input', {
    class: 'field field-moment',
    type: 'datetime-local',
    data: hooks(part, place),
    ...named(how),
  });
  const local = (seconds) =>
    new Date(seconds * 1000 - new Date(seconds * 1000).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  node.value = part.initial_date_time ? local(part.initial_date_time) : '';
  const read = () => (node.value ? Math.floor(new Date(node.value).getTime() / 1000) : null);
  node.addEventListener(
    'change',
    later(() => how.onChange?.(read())),
  );
  return { node, read };
}

function choices(part, place, how, type) {
  const name = uid('choice');
  const initial = new Set(
    [...(part.initial_options ?? []), ...(part.initial_option ? [part.initial_option] : [])].map(({ value }) => value),
  );
  const boxes = [];
  const rows = (part.options ?? []).map((option) => {
    const box = el('input', {
      type,
      name,
      value: option.value,
      checked: initial.has(option.value),
      data: { ...hooks(part, place), value: option.value },
    });
    boxes.push(box);
    return el(
      'label',
      { class: 'choice' },
      box,
      el(
        'span',
        { dir: 'auto' },
        textObject(option.text),
        option.description && el('small', {}, textObject(option.description)),
      ),
    );
  });
  const node = el(
    'div',
    {
      class: 'choices',
      role: type === 'radio' ? 'radiogroup' : 'group',
      ...named(how),
      'aria-required': type === 'radio' && how.required ? 'true' : undefined,
    },
    rows,
  );
  return { node, checked: () => boxes.filter((box) => box.checked).map((box) => box.value), boxes };
}

function checkboxes(part, place, how) {
  const { node, checked, boxes } = choices(part, place, how, 'checkbox');
  node.addEventListener('change', () => how.onChange?.(checked()));
  return {
    node,
    read: checked,
    write: (values) => boxes.forEach((box) => (box.checked = (values ?? []).includes(box.value))),
  };
}

function radios(part, place, how) {
  const { node, checked, boxes } = choices(part, place, how, 'radio');
  const read = () => checked()[0] ?? null;
  node.addEventListener('change', () => how.onChange?.(read()));
  return { node, read, write: (value) => boxes.forEach((box) => (box.checked = box.value === value)) };
}

function fileInput(part, place, how) {
  const chooser = fileChooser({
    most: part.max_files ?? 10,
    accept: (part.filetypes ?? []).map((kind) => `.${kind}`).join(','),
    data: hooks(part, place),
    attributes: named(how),
  });
  return { node: chooser.node, read: chooser.ids, hold: chooser.files, write: chooser.choose };
}

const asOption = (option) => ({
  value: option.value,
  label: option.text?.text ?? option.value,
  description: option.description?.text,
});

const groupsOf = (part) =>
  part.option_groups?.length
    ? part.option_groups.map((group) => ({ label: group.label?.text, options: group.options.map(asOption) }))
    : [{ options: (part.options ?? []).map(asOption) }];

function workspaceOptions(what, filter = {}) {
  const persons = present().map(({ id, real_name, name }) => ({
    value: id,
    label: real_name || name,
    description: `@${name}`,
  }));
  const rooms = store.workspace.channels
    .filter((one) => !one.is_im && !one.is_archived && sees(one))
    .map(({ id, name, is_private }) => ({ value: id, label: `#${name}`, kind: is_private ? 'private' : 'public' }));
  const wanted = (kind) => !filter.include || filter.include.includes(kind);
  const conversations = [...rooms.filter(({ kind }) => wanted(kind)), ...(wanted('im') ? persons : [])];
  return { users: persons, channels: rooms.filter(({ kind }) => kind === 'public'), conversations }[what];
}

function initialOf(part, what) {
  const keys = {
    users: ['initial_user', 'initial_users'],
    channels: ['initial_channel', 'initial_channels'],
    conversations: ['initial_conversation', 'initial_conversations'],
  }[what];
  if (!keys)
    return [...(part.initial_option ? [part.initial_option] : []), ...(part.initial_options ?? [])].map(asOption);
  const ids = [...(part[keys[0]] ? [part[keys[0]]] : []), ...(part[keys[1]] ?? [])];
  const known = workspaceOptions(what);
  return ids.map((id) => known.find(({ value }) => value === id) ?? { value: id, label: id });
}

function select(part, place, how, what, multi) {
  const contains = (option, query) =>
    `${option.label} ${option.description ?? ''}`.toLowerCase().includes(query.toLowerCase());
  const load = async (query) => {
    if (what === 'external') return suggestions(part, place, query);
    const groups = what === 'static' ? groupsOf(part) : [{ options: workspaceOptions(what, part.filter) }];
    return groups.map(({ label, options }) => ({
      label,
      options: options.filter((option) => contains(option, query)),
    }));
  };
  const made = picker({
    label: how.label,
    data: hooks(part, place),
    options: {
      load,
      multi,
      most: part.max_selected_items,
      initial: initialOf(part, what),
      placeholder: part.placeholder?.text ?? (multi ? 'Choose options' : 'Choose an option'),
    },
    onChange: () => how.onChange?.(read()),
  });
  const read = () => {
    const values = made.chosen().map(({ value }) => value);
    return multi ? values : (values[0] ?? null);
  };
  if (how.describedBy) made.node.setAttribute('aria-describedby', how.describedBy);
  return { node: made.node, read, hold: made.chosen, write: made.choose };
}

async function suggestions(part, place, query) {
  const least = part.min_query_length ?? 3;
  if (query.length < least) return Object.assign([], { note: `Type at least ${least} characters` });
  const { options, option_groups: grouped } = await post('suggest', {
    ...whereabouts(place),
    block_id: place.block,
    action_id: part.action_id,
    value: query,
  });
  return groupsOf({ options: options ?? [], option_groups: grouped });
}
