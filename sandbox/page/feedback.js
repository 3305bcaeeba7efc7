// What the page says without being asked: toasts, and the live region for screen readers.

import { el } from './dom.js';
import { icon } from './icons.js';

const region = document.getElementById('toasts');
const live = document.getElementById('live');

/** Puts the toasts above a dialog that has just opened. */
export function raiseToasts() {
  if (!region.childElementCount) return;
  if (region.matches(':popover-open')) region.hidePopover();
  region.showPopover();
}

export function toast(text, kind = 'plain') {
  const close = () => {
    node.remove();
    if (!region.childElementCount && region.matches(':popover-open')) region.hidePopover();
  };
  const node = el(
    'div',
    { class: `toast toast-${kind}` },
    kind === 'warning' && icon('warning'),
    el('span', { dir: 'auto' }, text),
    el(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': 'Dismiss', on: { click: close } },
      icon('close'),
    ),
  );
  region.append(node);
  while (region.childElementCount > 4) region.firstChild.remove();
  raiseToasts();
  announce(text);
  setTimeout(close, 8000);
}

export function announce(text) {
  live.append(el('p', {}, text));
  while (live.childElementCount > 8) live.firstChild.remove();
}
