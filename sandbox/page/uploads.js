// Files that a person chooses: uploaded at once, listed until they are sent.

import { upload } from './api.js';
import { el, put } from './dom.js';
import { toast } from './feedback.js';
import { icon } from './icons.js';
import { store } from './state.js';

/**
 * {node, ids, files, choose, clear, open}: a button that asks for files, and the list of those chosen. `bare` leaves the
 * button out: somebody else calls open(). `onChange` is told when the list changes.
 */
export function fileChooser({ most = 10, accept = '', data = {}, attributes = {}, bare = false, onChange }) {
  let files = [];
  const list = el('ul', { class: 'chosen-files', hidden: true, 'aria-label': 'Chosen files' });
  const native = el('input', {
    type: 'file',
    class: 'visually-hidden',
    tabindex: '-1',
    'aria-hidden': 'true',
    multiple: most > 1,
    accept: accept || undefined,
    on: { change: take },
  });
  const open = () => native.click();
  const button =
    !bare &&
    el(
      'button',
      { type: 'button', class: 'button file-button', data, ...attributes, on: { click: open } },
      icon('clip'),
      most > 1 ? 'Add files' : 'Add a file',
    );

  function choose(next) {
    files = [...next];
    list.hidden = !files.length;
    put(list, files.map(row));
    onChange?.();
  }

  const row = (file) =>
    el(
      'li',
      {},
      icon('file'),
      el('span', { class: 'file-name', dir: 'auto' }, file.name, el('small', {}, ` ${size(file.size)}`)),
      el(
        'button',
        {
          type: 'button',
          class: 'icon-button',
          'aria-label': `Remove ${file.name}`,
          on: {
            click: () => {
              choose(files.filter(({ id }) => id !== file.id));
              (button || native).focus();
            },
          },
        },
        icon('close'),
      ),
    );

  async function take() {
    const wanted = [...native.files].slice(0, most - files.length);
    if (wanted.length < native.files.length) toast(`At most ${most} files can be added.`, 'warning');
    native.value = '';
    for (const one of wanted) {
      try {
        const { file } = await upload(store.as, one);
        choose([...files, file]);
      } catch (error) {
        toast(`${one.name}: ${error.message}`, 'warning');
      }
    }
  }

  return {
    node: el('div', { class: 'file-chooser' }, native, list, button),
    ids: () => files.map(({ id }) => id),
    files: () => files,
    choose,
    clear: () => choose([]),
    open,
  };
}

/** "12 B", "3.4 kB", "5.6 MB" */
export function size(bytes) {
  const steps = [
    [1e6, 'MB'],
    [1e3, 'kB'],
  ];
  const [unit, name] = steps.find(([one]) => bytes >= one) ?? [1, 'B'];
  return `${Number((bytes / unit).toPrecision(2))} ${name}`;
}
