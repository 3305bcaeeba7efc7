// Things that open beside what was pressed: one popover at a time, in the top layer, so that no pane can cut it off.

import { add, el, uid } from './dom.js';
import { icon } from './icons.js';

let current = null;

export const closePopup = () => current?.hidePopover();

/** Opens `content` beside `anchor`. Escape, a press elsewhere or closePopup() ends it; the focus goes back. */
export function openPopup(anchor, content, { className = '', onClose, focus } = {}) {
  closePopup();
  const popup = el('div', { class: `popup ${className}`, popover: 'auto' }, content);
  const home = anchor.closest('dialog, aside, nav, main, section') ?? document.body;
  home.append(popup);
  popup.showPopover();
  place(popup, anchor);
  anchor.setAttribute('aria-expanded', 'true');
  const follow = () => place(popup, anchor);
  window.addEventListener('resize', follow);
  popup.addEventListener('toggle', ({ newState }) => {
    if (newState !== 'closed') return;
    const within = popup.contains(document.activeElement) || document.activeElement === document.body;
    if (current === popup) current = null;
    window.removeEventListener('resize', follow);
    popup.remove();
    anchor.setAttribute('aria-expanded', 'false');
    if (within && anchor.isConnected) anchor.focus({ preventScroll: true });
    onClose?.();
  });
  popup.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    popup.hidePopover();
    anchor.focus({ preventScroll: true });
  });
  current = popup;
  (focus ?? popup.querySelector('input, button, [tabindex="0"], [role="menuitem"]'))?.focus({ preventScroll: true });
  return popup;
}

function place(popup, anchor) {
  const at = anchor.getBoundingClientRect();
  const room = 8;
  const { offsetWidth: width, offsetHeight: height } = popup;
  const below = window.innerHeight - at.bottom - room;
  const top = below >= height || below >= at.top ? at.bottom + 4 : Math.max(room, at.top - height - 4);
  const left = at.left + width > window.innerWidth - room && at.right - width > room ? at.right - width : at.left;
  popup.style.setProperty('top', `${Math.max(room, Math.min(top, window.innerHeight - height - room))}px`);
  popup.style.setProperty('left', `${Math.max(room, Math.min(left, window.innerWidth - width - room))}px`);
  popup.style.setProperty('min-width', `${Math.min(at.width, 320)}px`);
}

/** A menu of {label, note, icon, danger, checked, run}; null draws a line. */
export function openMenu(anchor, items, { label = 'Menu', className = '', onClose } = {}) {
  const menu = el('div', { role: 'menu', 'aria-label': label, class: 'menu', id: uid('menu') });
  for (const item of items) {
    if (!item) {
      menu.append(el('div', { role: 'separator', class: 'menu-line' }));
      continue;
    }
    const radio = item.checked !== undefined;
    menu.append(
      el(
        'button',
        {
          type: 'button',
          role: radio ? 'menuitemradio' : 'menuitem',
          'aria-checked': radio ? String(item.checked) : undefined,
          tabindex: '-1',
          class: `menu-item ${item.danger ? 'danger' : ''}`,
          data: item.data ?? {},
          on: {
            click: () => {
              closePopup();
              item.run();
            },
          },
        },
        item.before ?? (item.icon && icon(item.icon)),
        el('span', { class: 'menu-label', dir: 'auto' }, item.label, item.note && el('small', {}, item.note)),
        item.checked && icon('check', 'menu-check'),
      ),
    );
  }
  menu.addEventListener('keydown', (event) => arrowKeys(event, [...menu.querySelectorAll('button')]));
  const popup = openPopup(anchor, menu, {
    className,
    onClose,
    focus: menu.querySelector('[aria-checked="true"]') ?? menu.querySelector('button'),
  });
  return popup;
}

/** Up, Down, Home and End move the focus through `nodes`; returns whether the key was one of them. */
export function arrowKeys(event, nodes) {
  const at = nodes.indexOf(document.activeElement);
  const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: nodes.length - 1 }[event.key];
  if (target === undefined || !nodes.length) return false;
  event.preventDefault();
  event.stopPropagation();
  nodes[(target + nodes.length) % nodes.length].focus();
  return true;
}

/** A select: a button that opens a searchable list. `load(query)` returns groups [{label, options}], perhaps later. */
export function picker({
  options: { load, initial = [], multi = false, placeholder = 'Choose an option' },
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

  function open() {
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
    const popup = openPopup(button, [search, list], { className: 'picker-popup', focus: search });
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
    const choose = (option) => {
      const already = chosen.some(({ value }) => value === option.value);
      if (multi) chosen = already ? chosen.filter(({ value }) => value !== option.value) : [...chosen, option];
      else chosen = [option];
      show();
      onChange?.(chosen);
      if (!multi) return popup.hidePopover();
      rows.forEach(({ node, option: { value } }) =>
        node.setAttribute('aria-selected', String(chosen.some((one) => one.value === value))),
      );
    };
    const fill = async () => {
      const turn = ++asked;
      let groups;
      try {
        groups = await load(search.value.trim());
      } catch (error) {
        groups = [];
        if (turn === asked) list.replaceChildren(el('div', { class: 'picker-empty' }, error.message));
        return;
      }
      if (turn !== asked) return;
      rows = [];
      list.replaceChildren();
      for (const group of groups) {
        if (!group.options.length) continue;
        const drawn = group.options.map((option) => {
          const node = el(
            'div',
            {
              role: 'option',
              id: uid('option'),
              class: 'picker-option',
              'aria-selected': String(chosen.some(({ value }) => value === option.value)),
              data: { value: option.value },
              on: { mousedown: (event) => event.preventDefault(), click: () => choose(option) },
            },
            el('span', { dir: 'auto' }, option.label, option.description && el('small', {}, option.description)),
            icon('check', 'picker-check'),
          );
          rows.push({ node, option });
          return node;
        });
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
      if (!rows.length) list.append(el('div', { class: 'picker-empty' }, 'Nothing found'));
      point(0);
    };
    search.addEventListener('input', fill);
    search.addEventListener('keydown', (event) => {
      const step = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: rows.length - 1 }[event.key];
      if (step !== undefined) point(step);
      else if (event.key === 'Enter') rows[active] && choose(rows[active].option);
      else return;
      event.preventDefault();
    });
    fill();
  }

  const choose = (options) => {
    chosen = [...options];
    show();
  };
  return { node: button, chosen: () => chosen, choose };
}
