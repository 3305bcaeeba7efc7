// The modal on top of the acting person's stack.

import { post } from './api.js';
import { blocks } from './blocks.js';
import { el, put } from './dom.js';
import { raiseToasts, toast } from './feedback.js';
import { icon } from './icons.js';
import { valuesOf, whereabouts } from './interact.js';
import { textObject } from './mrkdwn.js';
import { closePopup } from './popup.js';
import { store } from './state.js';

const dialog = document.getElementById('modal');
const shown = { signature: '', view: null, fields: new Map(), busy: false };
let opener = null;

export function drawModal() {
  const stack = store.workspace.modals[store.as] ?? [];
  const view = stack.at(-1);
  if (!view) return leave();
  const signature = JSON.stringify([
    view.id,
    view.hash,
    view.title,
    view.blocks,
    view.submit,
    view.close,
    stack.length,
  ]);
  if (signature === shown.signature && dialog.open) return;
  const arrived = shown.view?.id !== view.id || !dialog.open;
  shown.signature = signature;
  draw(view, stack.length > 1);
  if (!dialog.open) {
    closePopup();
    opener = document.activeElement;
    dialog.showModal();
    raiseToasts();
  }
  if (arrived || !dialog.contains(document.activeElement) || document.activeElement === dialog) first()?.focus();
}

const first = () =>
  dialog.querySelector('.modal-body [autofocus], .modal-body :is(input, textarea, button):not([disabled])') ??
  dialog.querySelector('.dialog-foot button:last-child, button');

function leave() {
  if (!dialog.open) return;
  dialog.close();
  Object.assign(shown, { signature: '', view: null, fields: new Map() });
  put(dialog);
  const target =
    opener?.isConnected && opener !== document.body ? opener : document.querySelector('[data-testid="composer-input"]');
  target?.focus({ preventScroll: true });
}

function draw(view, stacked) {
  const sameView = shown.view?.id === view.id;
  const held = sameView ? new Map([...shown.fields].map(([key, field]) => [key, field.hold?.()])) : new Map();
  const focused = sameView && dialog.contains(document.activeElement) ? { ...document.activeElement.dataset } : null;
  const scroll = sameView ? dialog.querySelector('.modal-body')?.scrollTop : 0;
  const fields = new Map();
  shown.view = view;
  shown.fields = fields;
  shown.busy = false;
  const body = el(
    'div',
    { class: 'modal-body', tabindex: '-1' },
    blocks(view.blocks, { kind: 'modal', view: view.id, fields, values: view.state?.values }),
  );
  const form = el(
    'form',
    {
      class: 'modal-form',
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          submit(form);
        },
      },
    },
    el(
      'header',
      { class: 'dialog-head' },
      stacked &&
        el(
          'button',
          {
            type: 'button',
            class: 'icon-button',
            'aria-label': 'Back',
            'data-testid': 'modal-back',
            on: { click: () => close(false) },
          },
          icon('back'),
        ),
      el('h2', { id: 'modal-title', dir: 'auto' }, textObject(view.title)),
      el(
        'button',
        {
          type: 'button',
          class: 'icon-button',
          'aria-label': 'Close all',
          title: 'Close',
          'data-testid': 'modal-x',
          on: { click: () => close(true) },
        },
        icon('close'),
      ),
    ),
    body,
    el('div', { class: 'modal-problem', role: 'alert', hidden: true }),
    el(
      'footer',
      { class: 'dialog-foot' },
      el(
        'button',
        { type: 'button', class: 'button', 'data-testid': 'modal-close', on: { click: () => close(false) } },
        view.close ? textObject(view.close) : view.submit ? 'Cancel' : 'Close',
      ),
      view.submit &&
        el(
          'button',
          { type: 'submit', class: 'button primary', 'data-testid': 'modal-submit' },
          textObject(view.submit),
        ),
    ),
  );
  put(dialog, form);
  dialog.dataset.viewId = view.id;
  // A view that the app updates keeps what was typed where block and action stayed the same.
  for (const [key, value] of held) if (value !== undefined) fields.get(key)?.write?.(value);
  body.scrollTop = scroll;
  if (focused?.actionId)
    [...dialog.querySelectorAll('[data-action-id]')]
      .find(({ dataset }) => dataset.actionId === focused.actionId && dataset.blockId === focused.blockId)
      ?.focus();
}

async function close(all) {
  try {
    await post('close', { as: store.as, view_id: shown.view.id, all });
  } catch (error) {
    toast(error.message, 'warning');
    leave();
  }
}

dialog.addEventListener('cancel', (event) => {
  event.preventDefault();
  close(false);
});
// Chromium closes a dialog on the second Escape without asking; the stack still decides.
dialog.addEventListener('close', () => shown.view && drawModal());

function missing(field) {
  const value = field.read();
  const empty = value === null || value === '' || (Array.isArray(value) && !value.length);
  if (field.required && empty) return 'Please complete this required field.';
  if (!empty && field.least && String(value).length < field.least)
    return `Please write at least ${field.least} characters.`;
  return null;
}

async function submit(form) {
  if (shown.busy) return;
  const inputs = [...shown.fields.values()].filter(({ complain }) => complain);
  if (show(inputs.map((field) => [field, missing(field)]))) return;
  const button = form.querySelector('[type="submit"]');
  const problem = form.querySelector('.modal-problem');
  shown.busy = true;
  problem.hidden = true;
  button.classList.add('busy');
  button.setAttribute('aria-busy', 'true');
  let words = '';
  try {
    const { acked, errors, error } = await post('submit', {
      as: store.as,
      view_id: shown.view.id,
      values: valuesOf(shown.fields),
    });
    if (error) words = `The answer of the app was refused: ${error}`;
    else if (acked === false && !errors)
      words = 'The app did not answer within 3 seconds. Your entries are still here; try again.';
    if (errors) show(inputs.map((field) => [field, errors[field.block]]));
    const unplaced = Object.entries(errors ?? {}).filter(([block]) => !inputs.some((field) => field.block === block));
    if (unplaced.length) words = unplaced.map(([block, text]) => `${block}: ${text}`).join('\n');
  } catch (error) {
    words = error.message;
  }
  shown.busy = false;
  button.classList.remove('busy');
  button.removeAttribute('aria-busy');
  problem.textContent = words;
  problem.hidden = !words;
}

/** Shows each complaint under its field and goes to the first; returns whether there was one. */
function show(complaints) {
  let target = null;
  for (const [field, message] of complaints) {
    const node = field.complain(message ?? null);
    if (message) target ??= node;
  }
  target?.focus();
  return complaints.some(([, message]) => message);
}
