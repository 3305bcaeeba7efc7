// The table block, and the data table that sorts, filters and turns pages.

import { el, foreign, put, uid } from './dom.js';
import { icon } from './icons.js';
import { richText } from './richtext.js';

const plain = (cell) => cell?.text ?? (cell?.value !== undefined ? String(cell.value) : flat(cell));
const flat = (node) => (node?.elements ? node.elements.map(flat).join('') : (node?.text ?? node?.name ?? ''));

function shown(cell) {
  if (cell?.type === 'rich_text') return richText(cell);
  return foreign('span', {}, plain(cell));
}

const isNumber = (cell) => cell?.type === 'raw_number';
const number = (cell) => Number(cell?.value ?? String(plain(cell)).replace(/[^\d.eE+-]/g, ''));

function styles(cell, setting) {
  const align = setting?.align ?? (isNumber(cell) ? 'right' : 'left');
  return `align-${['left', 'center', 'right'].includes(align) ? align : 'left'}${setting?.is_wrapped ? '' : ' nowrap'}`;
}

export function table(block) {
  const [head, ...rows] = block.rows ?? [];
  const setting = (column) => block.column_settings?.[column];
  const heads = (head ?? []).map((cell, column) =>
    el('th', { scope: 'col', class: styles(cell, setting(column)) }, shown(cell)),
  );
  const lines = rows.map((row) =>
    el(
      'tr',
      {},
      row.map((cell, column) => el('td', { class: styles(cell, setting(column)) }, shown(cell))),
    ),
  );
  return scroller(
    'Table',
    el('table', { class: 'grid-table' }, el('thead', {}, el('tr', {}, heads)), el('tbody', {}, lines)),
  );
}

const scroller = (label, node) =>
  el('div', { class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': label }, node);

export function dataTable(block) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = Math.min(Math.max(block.page_size ?? 5, 1), 100);
  const view = { page: 0, column: null, down: false, words: '' };
  const body = el('tbody');
  const heads = el('tr');
  const count = el('span', { class: 'muted small', role: 'status' });
  const rowHeader = block.row_header_column_index ?? 0;

  const turn = (step) => () => {
    view.page += step;
    draw();
  };
  const before = el('button', { type: 'button', class: 'button small', on: { click: turn(-1) } }, 'Previous');
  const after = el('button', { type: 'button', class: 'button small', on: { click: turn(1) } }, 'Next');
  const search = el('input', {
    type: 'search',
    class: 'field small',
    placeholder: 'Filter',
    'aria-label': `Filter: ${block.caption ?? 'table'}`,
    id: uid('filter'),
    on: {
      input: () => {
        view.words = search.value.toLowerCase();
        view.page = 0;
        draw();
      },
    },
  });

  function sorted() {
    const kept = rows.filter(
      (row) => !view.words || row.some((cell) => plain(cell).toLowerCase().includes(view.words)),
    );
    if (view.column === null) return kept;
    const numeric = kept.every((row) => isNumber(row[view.column]));
    const compare = (one, other) =>
      numeric ? number(one) - number(other) : plain(one).localeCompare(plain(other), 'en', { numeric: true });
    return [...kept].sort((one, other) => compare(one[view.column], other[view.column]) * (view.down ? -1 : 1));
  }

  function draw() {
    const kept = sorted();
    const pages = Math.max(1, Math.ceil(kept.length / size));
    view.page = Math.max(0, Math.min(view.page, pages - 1));
    const page = kept.slice(view.page * size, (view.page + 1) * size);
    put(
      body,
      page.map((row) =>
        el(
          'tr',
          {},
          row.map((cell, column) =>
            column === rowHeader
              ? el('th', { scope: 'row', class: styles(cell) }, shown(cell))
              : el('td', { class: styles(cell) }, shown(cell)),
          ),
        ),
      ),
    );
    count.textContent =
      kept.length === rows.length && pages === 1
        ? `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`
        : `${kept.length} of ${rows.length} rows, page ${view.page + 1} of ${pages}`;
    before.disabled = view.page === 0;
    after.disabled = view.page >= pages - 1;
    before.hidden = after.hidden = rows.length <= size;
    search.hidden = rows.length <= size;
    [...heads.children].forEach((node, column) =>
      node.setAttribute('aria-sort', view.column !== column ? 'none' : view.down ? 'descending' : 'ascending'),
    );
  }

  head.forEach((cell, column) => {
    const sort = () => {
      view.down = view.column === column && !view.down;
      view.column = column;
      draw();
    };
    heads.append(
      el(
        'th',
        { scope: 'col', class: styles(rows[0]?.[column]) },
        el('button', { type: 'button', class: 'sort', on: { click: sort } }, plain(cell), icon('chevron', 'sort-mark')),
      ),
    );
  });
  draw();
  return el(
    'div',
    { class: 'data-table' },
    scroller(
      block.caption ?? 'Table',
      el(
        'table',
        { class: 'grid-table' },
        el('caption', { dir: 'auto' }, block.caption ?? ''),
        el('thead', {}, heads),
        body,
      ),
    ),
    el('div', { class: 'data-table-foot' }, search, count, before, after),
  );
}
