// The blocks that came in 2025 and 2026: cards, containers, plans and their tasks, contextual actions, alerts.

import { el, foreign, uid } from './dom.js';
import { element, source } from './elements.js';
import { icon } from './icons.js';
import { textObject } from './mrkdwn.js';
import { picture } from './picture.js';
import { richText } from './richtext.js';

export function card(block, place) {
  const mark = block.icon ? picture(block.icon, 'card-icon') : block.slack_icon && slackIcon(block.slack_icon.name);
  return el(
    'div',
    { class: 'card' },
    block.hero_image && picture(block.hero_image, 'card-hero'),
    (block.title || block.subtitle || mark) &&
      el(
        'div',
        { class: 'card-head' },
        mark,
        el(
          'div',
          {},
          block.title && foreign('div', { class: 'card-title' }, textObject(block.title)),
          block.subtitle && foreign('div', { class: 'card-subtitle' }, textObject(block.subtitle)),
        ),
      ),
    block.body && foreign('div', { class: 'card-body' }, textObject(block.body)),
    block.subtext && foreign('div', { class: 'card-subtext' }, textObject(block.subtext)),
    block.actions?.length &&
      el(
        'div',
        { class: 'card-actions' },
        block.actions.map((part) => element(part, place)),
      ),
  );
}

// Slack's icons, as far as we have a drawing of the same thing; others are a ring with their name on it.
// prettier-ignore
const SLACK_ICONS = {
  archive: 'archive', bookmark: 'bookmark', check: 'check', clipboard: 'file', code: 'code', comment: 'chat',
  'eye-open': 'eye', file: 'file', image: 'image', link: 'link', pin: 'pin', plus: 'plus',
  refine: 'search', screen: 'keys', 'thumbs-down': 'down', 'thumbs-up': 'up', trash: 'trash', warning: 'warning',
};

const slackIcon = (name) =>
  el('span', { class: 'card-icon card-icon-line', title: name }, icon(SLACK_ICONS[name] ?? 'circle'));

export const carousel = (block, place) =>
  el(
    'div',
    { class: 'carousel', tabindex: '0', role: 'group', 'aria-label': 'Cards' },
    (block.elements ?? []).map((one) => card(one, place)),
  );

export function container(block, place) {
  const title = foreign(
    'span',
    { class: 'container-title' },
    block.rich_text_title ? richText(block.rich_text_title) : textObject(block.title),
  );
  const words = [
    block.icon && picture(block.icon, 'card-icon'),
    el(
      'span',
      { class: 'container-words' },
      title,
      block.subtitle && foreign('span', { class: 'container-subtitle' }, textObject(block.subtitle)),
    ),
  ];
  const inside = el('div', { class: 'container-inside', id: uid('container') }, place.nested(block.child_blocks));
  const width = ['narrow', 'standard', 'wide', 'full'].includes(block.width) ? block.width : 'standard';
  if (!block.is_collapsible)
    return el(
      'div',
      { class: `container container-${width}` },
      el('div', { class: `container-head ${block.has_header_divider ? 'lined' : ''}` }, words),
      inside,
    );
  inside.hidden = Boolean(block.default_collapsed);
  const head = el(
    'button',
    {
      type: 'button',
      class: 'container-head',
      'aria-expanded': String(!inside.hidden),
      'aria-controls': inside.id,
      data: { focusKey: `container ${place.block}` },
      on: {
        click: () => {
          inside.hidden = !inside.hidden;
          head.setAttribute('aria-expanded', String(!inside.hidden));
        },
      },
    },
    icon('chevron', 'container-arrow'),
    words,
  );
  return el('div', { class: `container container-${width}` }, head, inside);
}

export const contextActions = (block, place) =>
  el(
    'div',
    { role: 'group', 'aria-label': 'Feedback and actions' },
    (block.elements ?? []).map((part) => element(part, place)),
  );

const STATES = {
  pending: ['circle', 'Not started'],
  in_progress: ['clock', 'In progress'],
  complete: ['check', 'Complete'],
  error: ['close', 'Failed'],
};

export function taskCard(task) {
  const [drawing, words] = STATES[task.status] ?? STATES.pending;
  return el(
    'div',
    { class: `task task-${task.status ?? 'pending'}` },
    el('span', { class: 'task-mark', role: 'img', 'aria-label': words, title: words }, icon(drawing)),
    el(
      'div',
      { class: 'task-words' },
      foreign('div', { class: 'task-title' }, task.title),
      task.details && el('div', { class: 'task-details' }, richText(task.details)),
      task.output && el('div', { class: 'task-output' }, richText(task.output)),
      task.sources?.length && el('div', { class: 'task-sources' }, task.sources.map(source)),
    ),
  );
}

export function plan(block) {
  const tasks = block.tasks ?? [];
  const done = tasks.filter(({ status }) => status === 'complete').length;
  return el(
    'div',
    { class: 'plan' },
    el(
      'div',
      { class: 'plan-head' },
      foreign('strong', {}, textObject(block.title)),
      el('span', { class: 'muted' }, `${done} of ${tasks.length}`),
    ),
    el('div', { class: 'plan-tasks' }, tasks.map(taskCard)),
  );
}

export function alert(block) {
  const level = ['info', 'warning', 'error', 'success'].includes(block.level) ? block.level : 'default';
  return el(
    'div',
    { class: `alert alert-${level}`, role: 'note' },
    icon(level === 'success' ? 'check' : 'warning'),
    foreign('div', {}, textObject(block.text)),
  );
}
