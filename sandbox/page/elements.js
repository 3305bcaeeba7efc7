// Block elements outside of input blocks: pressing or choosing tells the app at once.

import { add, el } from './dom.js';
import { control, isControl } from './controls.js';
import { icon } from './icons.js';
import { press } from './interact.js';
import { openMenu } from './popup.js';
import { picture } from './picture.js';
import { link, textObject } from './mrkdwn.js';
import { store } from './state.js';

export function element(part, place) {
  if (isControl(part.type)) return stateful(part, place);
  const builders = {
    button,
    workflow_button: button,
    overflow,
    icon_button: iconButton,
    feedback_buttons: feedback,
    image: (one) => picture(one, 'accessory-image'),
  };
  return (
    builders[part.type]?.(part, place) ?? el('span', { class: 'unknown-element' }, `Unknown element “${part.type}”`)
  );
}

const hooks = (part, place) => ({ blockId: place.block, actionId: part.action_id });

export function button(part, place) {
  const style = ['primary', 'danger'].includes(part.style) ? part.style : '';
  const node = el(
    'button',
    {
      type: 'button',
      class: `button ${style}`,
      data: { ...hooks(part, place), value: part.value },
      'aria-label': part.accessibility_label,
      title: (part.text?.text ?? '').length > 30 ? part.text.text : undefined,
      dir: 'auto',
      on: {
        click: async () => {
          const sent = await press(part, place, node, { value: part.value });
          if (sent && /^https?:\/\//i.test(part.url ?? '')) window.open(part.url, '_blank', 'noopener,noreferrer');
        },
      },
    },
    el('span', { class: 'button-text' }, textObject(part.text)),
    part.url && icon('link', 'button-link'),
  );
  return node;
}

function overflow(part, place) {
  const node = el(
    'button',
    {
      type: 'button',
      class: 'button overflow',
      'aria-label': 'More options',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      data: hooks(part, place),
      on: { click: open },
    },
    icon('moreAcross'),
  );
  function open() {
    openMenu(
      node,
      part.options.map((option) => ({
        label: textObject(option.text),
        note: option.description && textObject(option.description),
        data: { value: option.value },
        run: () => press(part, place, node, { selected: option.value }),
      })),
      { label: 'More options' },
    );
  }
  return node;
}

function iconButton(part, place) {
  if (part.visible_to_user_ids?.length && !part.visible_to_user_ids.includes(store.as))
    return el('span', { hidden: true });
  const label = part.accessibility_label ?? part.text?.text ?? part.icon;
  const node = el(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      'aria-label': label,
      title: part.text?.text,
      data: hooks(part, place),
      on: { click: () => press(part, place, node, { value: part.value }) },
    },
    icon(part.icon),
  );
  return node;
}

function feedback(part, place) {
  const one = (choice, drawing) => {
    const node = el(
      'button',
      {
        type: 'button',
        class: 'icon-button',
        title: choice.text?.text,
        'aria-label': choice.accessibility_label ?? choice.text?.text,
        data: { ...hooks(part, place), value: choice.value },
        on: { click: () => press(part, place, node, { value: choice.value }) },
      },
      icon(drawing),
    );
    return node;
  };
  return el(
    'span',
    { class: 'feedback', role: 'group', 'aria-label': 'Feedback' },
    one(part.positive_button, 'up'),
    one(part.negative_button, 'down'),
  );
}

function stateful(part, place) {
  const box = el('span', { class: `control control-${part.type}` });
  const made = control(part, place, {
    label: part.accessibility_label ?? part.placeholder?.text ?? part.action_id ?? part.type,
    onChange: (selected) => press(part, place, box, { selected }),
  });
  place.fields?.set(`${place.block} ${part.action_id}`, {
    block: place.block,
    action: part.action_id,
    read: made.read,
  });
  return add(box, [made.node]);
}

export const source = (one) => link(one.url ?? '', one.text ?? one.url);
