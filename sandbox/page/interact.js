// A press on an element of the app: asks for confirmation if the element wants one, tells the sandbox, shows what came of it.

import { post } from './api.js';
import { confirmation } from './dialogs.js';
import { toast } from './feedback.js';
import { icon } from './icons.js';
import { store } from './state.js';

/** What identifies where an element stands. */
export const whereabouts = (place) =>
  place.view ? { as: store.as, view_id: place.view } : { as: store.as, channel: place.channel, ts: place.ts };

/** The values of all fields of a surface: {block_id: {action_id: value}}. */
export function valuesOf(fields) {
  const values = {};
  for (const { block, action, read } of fields?.values() ?? []) (values[block] ??= {})[action] = read();
  return values;
}

/** `chosen` is {value} for a button or {selected} for a control. Returns whether the press was sent. */
export async function press(part, place, node, chosen) {
  if (place.local) return toast('This message is only on this page; its buttons reach nobody.', 'warning');
  if (part.confirm && !(await confirmation(part.confirm))) return false;
  node.classList.remove('failed');
  node.querySelector('.failed-mark')?.remove();
  node.classList.add('busy');
  node.setAttribute('aria-busy', 'true');
  let problem = null;
  try {
    const body = {
      ...whereabouts(place),
      block_id: place.block,
      action_id: part.action_id,
      ...chosen,
      values: valuesOf(place.fields),
    };
    const { acked } = await post('click', body);
    // The sandbox itself tells the person with a toast; the mark stays on what was pressed.
    if (acked === false) problem = 'The app did not answer within 3 seconds';
  } catch (error) {
    problem = error.message;
    toast(problem, 'warning');
  }
  node.classList.remove('busy');
  node.removeAttribute('aria-busy');
  if (problem) fail(node, problem);
  return true;
}

function fail(node, problem) {
  node.classList.add('failed');
  const mark = icon('warning', 'failed-mark');
  mark.removeAttribute('aria-hidden');
  mark.setAttribute('role', 'img');
  mark.setAttribute('aria-label', problem);
  node.append(mark);
  node.title = problem;
}
