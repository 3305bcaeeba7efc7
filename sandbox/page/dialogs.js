// Short dialogs of the page: the confirmation an element asks for, and the raw JSON of a message.

import { el, uid } from './dom.js';
import { icon } from './icons.js';
import { textObject } from './mrkdwn.js';
import { raiseToasts } from './feedback.js';

/** Opens a dialog that goes when it is closed; the focus returns to where it was. */
export function show(dialog) {
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
  });
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close('no'));
  dialog.showModal();
  raiseToasts();
  return dialog;
}

/** A confirm object of Block Kit; resolves to whether the person agreed. */
export function confirmation(confirm) {
  const title = uid('confirm');
  const words = uid('confirm');
  const dialog = el(
    'dialog',
    {
      class: 'dialog confirm',
      role: 'alertdialog',
      'aria-labelledby': title,
      'aria-describedby': words,
      'data-testid': 'confirm',
    },
    el('h2', { id: title, dir: 'auto' }, textObject(confirm.title)),
    el('div', { id: words, class: 'confirm-text', dir: 'auto' }, textObject(confirm.text)),
    el(
      'div',
      { class: 'dialog-foot' },
      el(
        'button',
        { type: 'button', class: 'button', 'data-testid': 'confirm-deny', on: { click: () => dialog.close('no') } },
        textObject(confirm.deny ?? 'Cancel'),
      ),
      el(
        'button',
        {
          type: 'button',
          class: `button ${confirm.style === 'danger' ? 'danger' : 'primary'}`,
          'data-testid': 'confirm-yes',
          autofocus: true,
          on: { click: () => dialog.close('yes') },
        },
        textObject(confirm.confirm ?? 'Yes'),
      ),
    ),
  );
  return new Promise((resolve) => {
    show(dialog).addEventListener('close', () => resolve(dialog.returnValue === 'yes'));
  });
}

export function jsonDialog(heading, value) {
  const title = uid('json');
  const text = JSON.stringify(value, null, 2);
  const copy = el(
    'button',
    {
      type: 'button',
      class: 'button',
      on: {
        click: async () => {
          await navigator.clipboard?.writeText(text);
          copy.textContent = 'Copied';
        },
      },
    },
    'Copy',
  );
  const dialog = el(
    'dialog',
    { class: 'dialog json', 'aria-labelledby': title, 'data-testid': 'json' },
    el(
      'div',
      { class: 'dialog-head' },
      el('h2', { id: title }, heading),
      el(
        'button',
        { type: 'button', class: 'icon-button', 'aria-label': 'Close', on: { click: () => dialog.close() } },
        icon('close'),
      ),
    ),
    el('pre', { class: 'json-text', tabindex: '0' }, text),
    el(
      'div',
      { class: 'dialog-foot' },
      copy,
      el('button', { type: 'button', class: 'button primary', on: { click: () => dialog.close() } }, 'Close'),
    ),
  );
  show(dialog);
}
