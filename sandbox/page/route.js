// Where we look and who we are, as the address says it: ?as=U2#C1/1503435956.000247, #home, #D1 (or #C1?as=U2).

import { changed, channel, myDirectMessage, present, sees, store } from './state.js';

/** Reads the address into the store; unknown people and channels fall back to the first ones. */
export function readAddress() {
  const [path, query = ''] = decodeURIComponent(location.hash.replace(/^#\/?/, '')).split('?');
  const asked = new URLSearchParams(query).get('as') ?? new URLSearchParams(location.search).get('as');
  const { channels, bot } = store.workspace;
  const people = present();
  if (query) history.replaceState(null, '', `?as=${encodeURIComponent(asked ?? '')}#${path}`);
  const before = people.some(({ id }) => id === store.as) ? store.as : (people[0]?.id ?? null);
  store.as = people.some(({ id }) => id === asked) ? asked : before;
  const [id, thread = null] = path.split('/');
  if (id === 'home' && bot.home_tab) {
    store.route = { home: true, channel: null, thread: null };
    return;
  }
  const open = channels.filter((one) => !one.is_im && sees(one));
  const first = open.find((one) => one.is_member) ?? open[0];
  const known = sees(channel(id)) ? channel(id) : null;
  store.route = { home: false, channel: known ? id : (first?.id ?? null), thread: known ? thread : null };
}

export function go(path) {
  if (location.hash === `#${path}`) return;
  location.hash = path;
}

export const goChannel = (id) => go(id);
export const goThread = (id, ts) => go(`${id}/${ts}`);
export const closeThread = () => go(store.route.channel);

export function actAs(id) {
  const wasDirect = channel(store.route.channel)?.is_im;
  store.as = id;
  let hash = location.hash.split('?')[0];
  if (wasDirect) hash = `#${myDirectMessage()?.id ?? 'home'}`;
  history.replaceState(null, '', `?as=${encodeURIComponent(id)}${hash}`);
  readAddress();
  changed({ type: 'person' });
}
