// A searchable list, and the select that opens one.

import { add, el, uid } from './dom.js';
import { icon } from './icons.js';
import { announce } from './feedback.js';
import { openPopup } from './popup.js';

/**
 * A search field and the list it filters: {search, list}. `load(query)` returns groups [{label, options}], perhaps later;
 * an option is {value, label, description, before}. `isChosen(option)` marks rows, `choose(option)` is told of a choice.
 */
export function searchList({ label, load, isChosen = () => false, choose, multi = false }) {
  const listId = uid('list');
  const list = el('div', {
    role: 'listbox',
    id: listId,
    class: 'picker-list',
    'aria-label': label,
    'aria-multiselectable': multi || undefined,
  });
  const search = el('input', {
    type: 'text',
    class: 'picker-search',
    role: 'combobox',
    'aria-expanded': 'true',
    'aria-controls': listId,
    'aria-autocomplete': 'list',
    'aria-label': `Search: ${label}`,
    placeholder: 'Search',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  let rows = [];
  let active = 0;
  let asked = 0;

  const point = (index) => {
    rows[active]?.node.classList.remove('active');
    active = Math.max(0, Math.min(index, rows.length - 1));
    rows[active]?.node.classList.add('active');
    rows[active]?.node.scrollIntoView({ block: 'nearest' });
    if (rows[active]) search.setAttribute('aria-activedescendant', rows[active].node.id);
    else search.removeAttribute('aria-activedescendant');
  };
  const marked = ({ node, option }) => node.setAttribute('aria-selected', String(isChosen(option)));
  const take = (option) => {
    choose(option);
    rows.forEach(marked);
  };

  function row(option) {
    const node = el(
      'div',
      {
        role: 'option',
        id: uid('option'),
        class: 'picker-option',
        data: { value: option.value },
        on: { mousedown: (event) => event.preventDefault(), click: () => take(option) },
      },
      option.before,
      el('span', { dir: 'auto' }, option.label, option.description && el('small', {}, option.description)),
      icon('check', 'picker-check'),
    );
    const made = { node, option };
    rows.push(made);
    marked(made);
    return node;
  }

  const say = (words) => list.replaceChildren(el('div', { class: 'picker-empty', role: 'status' }, words));

  async function fill() {
    const turn = ++asked;
    const waiting = setTimeout(() => turn === asked && say('Looking …'), 300);
    let groups;
    try {
      groups = await load(search.value.trim());
    } catch (error) {
      if (turn === asked) say(error.message);
      return;
    } finally {
      clearTimeout(waiting);
    }
    if (turn !== asked) return;
    rows = [];
    list.replaceChildren();
    for (const group of groups.filter(({ options }) => options.length)) {
      const drawn = group.options.map(row);
      list.append(
        group.label
          ? el(
              'div',
              { role: 'group', 'aria-label': group.label },
              el('div', { class: 'picker-group', 'aria-hidden': 'true' }, group.label),
              drawn,
            )
          : add(el('div', { role: 'presentation' }), drawn),
      );
    }
    if (!rows.length) say(groups.note ?? 'Nothing found');
    point(0);
  }

  search.addEventListener('input', fill);
  search.addEventListener('keydown', (event) => {
    const step = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (step !== undefined) point(step);
    else if (event.key === 'Enter') rows[active] && take(rows[active].option);
    else return;
    event.preventDefault();
  });
  fill();
  return { search, list };
}

/** A select: a button that opens a searchable list. `most` limits how many of a multi select may be chosen. */
export function picker({
  options: { load, initial = [], multi = false, most = Infinity, placeholder = 'Choose an option' },
  label,
  data = {},
  onChange,
}) {
  let chosen = [...initial];
  const text = el('span', { class: 'picker-text', dir: 'auto' });
  const button = el(
    'button',
    {
      type: 'button',
      class: 'picker',
      'aria-haspopup': 'listbox',
      'aria-expanded': 'false',
      data,
      on: { click: open },
    },
    text,
    icon('chevron'),
  );
  const show = () => {
    text.textContent = chosen.length ? chosen.map((option) => option.label).join(', ') : placeholder;
    text.classList.toggle('placeholder', !chosen.length);
    button.setAttribute('aria-label', text.textContent === label ? label : `${label}: ${text.textContent}`);
  };
  show();

  const among = (option) => chosen.some(({ value }) => value === option.value);

  function toggle(option) {
    if (!multi) chosen = [option];
    else if (among(option)) chosen = chosen.filter(({ value }) => value !== option.value);
    else if (chosen.length < most) chosen = [...chosen, option];
    else return announce(`At most ${most} can be chosen.`);
    show();
    onChange?.(chosen);
  }

  function open() {
    const { search, list } = searchList({
      label,
      load,
      multi,
      isChosen: among,
      choose: (option) => {
        toggle(option);
        if (!multi) popup.hidePopover();
      },
    });
    const popup = openPopup(button, [search, list], { className: 'picker-popup', focus: search });
  }

  const choose = (options) => {
    chosen = [...options];
    show();
  };
  return { node: button, chosen: () => chosen, choose };
}
