// Things that open beside what was pressed: one popover at a time, in the top layer, so that no pane can cut it off.

import { el, uid } from './dom.js';
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
