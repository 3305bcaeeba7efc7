// One builder per block type. A type without a builder becomes a red box that names it: never silence.

import { alert, card, carousel, container, contextActions, plan, taskCard } from './cards.js';
import { dataVisualization } from './charts.js';
import { el, foreign } from './dom.js';
import { element } from './elements.js';
import { inputBlock } from './inputs.js';
import { markdown } from './markdown.js';
import { textObject } from './mrkdwn.js';
import { picture } from './picture.js';
import { richText } from './richtext.js';
import { dataTable, table } from './tables.js';

const BUILDERS = {
  section,
  header,
  divider: () => el('hr', { class: 'divider' }),
  context,
  actions,
  image,
  input: inputBlock,
  rich_text: richText,
  markdown: (block) => markdown(block.text),
  table,
  data_table: dataTable,
  data_visualization: dataVisualization,
  card,
  carousel,
  container,
  context_actions: contextActions,
  task_card: taskCard,
  plan,
  alert,
  video,
  file: (block) => el('div', { class: 'file-block' }, `File ${block.external_id ?? ''}`),
};

/**
 * Draws blocks. `surface` says where they stand: {kind: 'message' | 'home' | 'modal', channel, ts, view, fields},
 * `fields` being the map in which elements leave how to read their value.
 */
export function blocks(list, surface) {
  return el(
    'div',
    { class: 'blocks' },
    (list ?? []).map((block) => one(block, surface)),
  );
}

function one(block, surface) {
  const builder = Object.hasOwn(BUILDERS, block?.type) ? BUILDERS[block.type] : null;
  const place = { ...surface, block: block?.block_id, nested: (inner) => blocks(inner, surface) };
  let node;
  try {
    node = builder ? builder(block, place) : wrong(`Unknown block “${block?.type}”`, block);
  } catch (error) {
    node = wrong(`Block “${block?.type}” cannot be shown: ${error.message}`, block);
  }
  node.classList.add('block', `block-${String(block?.type).replace(/[^\w-]/g, '')}`);
  if (block?.block_id) node.dataset.block = block.block_id;
  return node;
}

function wrong(sentence, block) {
  return el(
    'div',
    { class: 'unknown-block', role: 'note' },
    el('strong', {}, sentence),
    el('pre', { tabindex: '0' }, JSON.stringify(block, null, 1).slice(0, 600)),
  );
}

function section(block, place) {
  const text = block.text && foreign('div', { class: 'section-text' }, textObject(block.text));
  const fields =
    block.fields?.length &&
    el(
      'div',
      { class: 'section-fields' },
      block.fields.map((field) => foreign('div', { class: 'section-field' }, textObject(field))),
    );
  const accessory = block.accessory && el('div', { class: 'section-accessory' }, element(block.accessory, place));
  return el('div', {}, el('div', { class: 'section-main' }, text, fields), accessory);
}

/** Below the h1 of the pane; in a modal, below the h2 of its title. */
function header(block, place) {
  const level = Math.min(Math.max(Number(block.level) || 1, 1), 4);
  return foreign(
    'div',
    { class: `header-level-${level}`, role: 'heading', 'aria-level': level + (place.kind === 'modal' ? 2 : 1) },
    textObject(block.text),
  );
}

function context(block, place) {
  const parts = (block.elements ?? []).map((part) =>
    part.type === 'image'
      ? picture(part, 'context-image')
      : foreign('span', { class: 'context-text' }, textObject(part)),
  );
  return el('div', {}, parts);
}

function actions(block, place) {
  return el(
    'div',
    { role: 'group', 'aria-label': 'Actions' },
    (block.elements ?? []).map((part) => element(part, place)),
  );
}

function image(block) {
  const title = block.title && foreign('figcaption', {}, textObject(block.title));
  return el('figure', {}, title, picture(block, 'image-large'));
}

function video(block) {
  return el('div', { class: 'file-block' }, textObject(block.title), ' (video: ', block.alt_text ?? '', ')');
}
