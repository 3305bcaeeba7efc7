// Makes elements. Text reaches the page only as text nodes; nothing here parses HTML.

const SVG = 'http://www.w3.org/2000/svg';

/** el('button', {class: 'primary', data: {id: 1}, on: {click}}, 'Save') */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === 'data')
      for (const [key, datum] of Object.entries(value)) datum == null || (node.dataset[key] = datum);
    else if (name === 'value') node.value = value;
    else if (name === 'checked' || name === 'disabled') node[name] = value;
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  add(node, children);
  return node;
}

export function add(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === '') continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** Replaces the children of a node, and only if there is something to replace. */
export function put(node, ...children) {
  node.replaceChildren();
  return add(node, children);
}

let counter = 0;
export const uid = (prefix = 'x') => `${prefix}-${++counter}`;

/** Text that somebody else wrote: keeps its own direction and may break anywhere. */
export const foreign = (tag, attributes, ...children) => el(tag, { dir: 'auto', ...attributes }, ...children);

/**
 * Makes the children of `container` be `items`, in order, rebuilding only those whose signature changed, so that focus,
 * scroll position and half-made choices survive. An item is {key, signature, build}.
 */
export function reconcile(container, items) {
  const before = container.reconciled ?? new Map();
  const after = new Map();
  let cursor = container.firstChild;
  for (const { key, signature, build } of items) {
    const old = before.get(key);
    let node = old?.node;
    if (!old || old.signature !== signature) {
      const replacement = build();
      if (node) {
        const focus = focusPath(node);
        if (cursor === node) cursor = replacement;
        node.replaceWith(replacement);
        restoreFocus(replacement, focus);
      }
      node = replacement;
    }
    if (node === cursor) cursor = cursor.nextSibling;
    else container.insertBefore(node, cursor);
    after.set(key, { signature, node });
    before.delete(key);
  }
  for (const { node } of before.values()) node.remove();
  container.reconciled = after;
}

function focusPath(node) {
  const focused = document.activeElement;
  if (!node.contains(focused)) return null;
  const { blockId, actionId, focusKey } = focused.dataset;
  return { blockId, actionId, focusKey };
}

/** A redrawn message has new buttons: put the focus where it was, or on the message itself. */
function restoreFocus(node, path) {
  if (!path) return;
  const same = [...node.querySelectorAll('[data-action-id], [data-focus-key]')].find(({ dataset }) =>
    path.actionId
      ? dataset.actionId === path.actionId && dataset.blockId === path.blockId
      : path.focusKey && dataset.focusKey === path.focusKey,
  );
  const target = same ?? node;
  if (target === node && !node.hasAttribute('tabindex')) node.setAttribute('tabindex', '-1');
  target.focus({ preventScroll: true });
}
