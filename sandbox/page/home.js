// The App Home of the bot, as the acting person sees it.

import { tell } from './actions.js';
import { blocks } from './blocks.js';
import { el, reconcile } from './dom.js';
import { store } from './state.js';

/** Slack tells the app each time somebody opens its Home or its messages. */
export const openHome = (tab) => tell('open_home', { as: store.as, tab });

export function drawHome(container, opening) {
  const view = store.workspace.homes[store.as];
  const bot = store.workspace.bot.name;
  const build = () =>
    view
      ? el(
          'div',
          { class: 'home-inside', data: { viewId: view.id } },
          blocks(view.blocks, { kind: 'home', view: view.id, fields: new Map(), values: view.state?.values }),
        )
      : el(
          'div',
          { class: 'empty' },
          el('h2', {}, `${bot} has no Home for you yet`),
          el(
            'p',
            {},
            'An app publishes its Home when somebody opens it. If nothing appears, the app is not running or does not use it.',
          ),
        );
  reconcile(container, [{ key: store.as, signature: JSON.stringify([store.as, view ?? null]), build }]);
  if (opening) container.scrollTop = 0;
}
