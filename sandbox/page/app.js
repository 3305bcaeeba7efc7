// The page: reads the address, follows the workspace, draws what changed.

import { announce, toast } from './feedback.js';
import { drawModal } from './modal.js';
import { drawMain, drawThread, focusComposer, leaveThread } from './panes.js';
import { readAddress } from './route.js';
import { preview } from './messages.js';
import { drawSidebar, setDrawer } from './sidebar.js';
import { connect, nameOf, store, subscribe } from './state.js';
import { drawTraffic } from './traffic.js';
import './keyboard.js';
import './theme.js';

let seenToasts = null;
let wanted = null;

function draw(event) {
  if (!store.workspace) return;
  readAddress();
  drawSidebar();
  drawMain(event);
  drawThread();
  drawModal();
  drawTraffic();
  showToasts();
  document.body.dataset.ready = 'yes';
}

/** Many events become one drawing; hidden pages draw, too, so that tests and titles stay right. */
function soon(event) {
  const merged = wanted?.type === 'state' ? wanted : event;
  if (!wanted)
    (document.hidden ? setTimeout : requestAnimationFrame)(() => {
      const next = wanted;
      wanted = null;
      draw(next);
    });
  wanted = merged;
}

function showToasts() {
  const { toasts } = store.workspace;
  const newest = Math.max(0, ...toasts.map(({ n }) => n));
  if (seenToasts !== null)
    for (const one of toasts) if (one.n > seenToasts && (!one.for || one.for === store.as)) toast(one.text, 'warning');
  seenToasts = newest;
}

function tellOf({ type, channel, message }) {
  if (type !== 'message' || channel !== store.route.channel || message.user === store.as || message.updated) return;
  if (message.ephemeral_for && message.ephemeral_for !== store.as) return;
  announce(`${nameOf(message.user ?? message.bot_id)}: ${preview(message).slice(0, 300)}`);
}

subscribe((event) => {
  if (store.workspace) tellOf(event);
  soon(event);
});

window.addEventListener('hashchange', () => {
  setDrawer(false);
  soon({ type: 'route' });
});

document.getElementById('skip').addEventListener('click', focusComposer);

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return;
  if (document.body.classList.contains('drawer-open')) return setDrawer(false);
  if (store.route.thread) leaveThread();
});

document.addEventListener('visibilitychange', () => soon({ type: 'local' }));

connect();
