// Input blocks: a label, a control, a hint, and the place for an error.

import { el, uid } from './dom.js';
import { control, isControl } from './controls.js';
import { press } from './interact.js';
import { textObject } from './mrkdwn.js';

export function inputBlock(block, place) {
  const part = block.element ?? {};
  const labelId = uid('label');
  const hintId = uid('hint');
  const errorId = uid('error');
  const label = block.label?.text ?? part.action_id ?? 'Field';
  const box = el('div', { class: 'control' });
  const hint = block.hint && el('div', { class: 'hint', id: hintId, dir: 'auto' }, textObject(block.hint));
  const error = el('div', { class: 'field-error', id: errorId, role: 'alert', hidden: true });
  if (!isControl(part.type)) box.append(el('span', { class: 'unknown-element' }, `Unknown element “${part.type}”`));
  else {
    const made = control(part, place, {
      label,
      labelledBy: labelId,
      describedBy: [hint && hintId, errorId].filter(Boolean).join(' '),
      required: !block.optional,
      dispatches: block.dispatch_action === true,
      onChange: block.dispatch_action ? (selected) => press(part, place, box, { selected }) : undefined,
    });
    box.append(made.node);
    place.fields?.set(`${place.block} ${part.action_id}`, {
      block: place.block,
      action: part.action_id,
      read: made.read,
      hold: made.hold ?? made.read,
      write: made.write,
      required: !block.optional,
      least: part.min_length,
      complain: (message) => complain(message),
    });
  }
  function complain(message) {
    error.textContent = message ?? '';
    error.hidden = !message;
    const target = box.querySelector('[data-action-id]');
    if (message) target?.setAttribute('aria-invalid', 'true');
    else target?.removeAttribute('aria-invalid');
    box.classList.toggle('invalid', Boolean(message));
    return target;
  }
  const words = [textObject(block.label), block.optional && el('span', { class: 'optional' }, ' (optional)')];
  return el('div', { class: 'input-block' }, labelOf(box, labelId, words), box, hint, error);
}

/** A real label where there is one field to focus; else words that the group or button points to. */
function labelOf(box, id, words) {
  const field = box.querySelector(':scope > :is(input, textarea)');
  if (!field) return el('div', { class: 'label', id, dir: 'auto' }, words);
  field.id = uid('field');
  field.removeAttribute('aria-labelledby');
  return el('label', { class: 'label', id, for: field.id, dir: 'auto' }, words);
}
