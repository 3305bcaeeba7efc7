// What a person typed, as Slack sends it: special characters escaped, names of people, groups and channels as references.

import { present, store } from './state.js';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function encoded(text) {
  const { usergroups, channels, bot } = store.workspace;
  const names = new Map([
    ['here', '<!here>'],
    ['channel', '<!channel>'],
    ['everyone', '<!everyone>'],
  ]);
  for (const { id, handle } of usergroups) names.set(handle.toLowerCase(), `<!subteam^${id}>`);
  names.set(bot.name.toLowerCase(), `<@${bot.user_id}>`);
  for (const { id, name } of present()) names.set(name.toLowerCase(), `<@${id}>`);
  const rooms = new Map(channels.filter(({ is_im }) => !is_im).map(({ id, name }) => [name.toLowerCase(), `<#${id}>`]));
  const linked = escaped(text).replace(/(^|[\s(])(https?:\/\/[^\s|]*[^\s|.,;:!?)'"*_~])/g, '$1<$2>');
  return linked.replace(/(^|[\s(])([@#])([\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*)/gu, (whole, before, sign, name) => {
    const reference = (sign === '@' ? names : rooms).get(name.toLowerCase());
    return reference ? before + reference : whole;
  });
}
