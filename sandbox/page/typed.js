// What a person typed, as Slack sends it: special characters escaped, names of people, groups and channels as references.

import { store } from './state.js';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function withReferences(text, labelled) {
  const { people, usergroups, channels, bot } = store.workspace;
  const label = (name) => (labelled ? `|${name}` : '');
  const names = new Map([['here', '<!here>'], ['channel', '<!channel>'], ['everyone', '<!everyone>']]);
  for (const { id, handle } of usergroups) names.set(handle.toLowerCase(), `<!subteam^${id}${labelled ? `|@${handle}` : ''}>`);
  names.set(bot.name.toLowerCase(), `<@${bot.user_id}${label(bot.name)}>`);
  for (const { id, name } of people) names.set(name.toLowerCase(), `<@${id}${label(name)}>`);
  const rooms = new Map(channels.filter(({ is_im }) => !is_im).map(({ id, name }) => [name.toLowerCase(), `<#${id}${label(name)}>`]));
  return text.replace(/(^|[\s(])([@#])([\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*)/gu, (whole, before, sign, name) => {
    const reference = (sign === '@' ? names : rooms).get(name.toLowerCase());
    return reference ? before + reference : whole;
  });
}

export const encoded = (text) => withReferences(escaped(text), false);

/** A command gets references only if its manifest asks for them with should_escape. */
export const encodedCommand = (text, command) => (command.should_escape ? withReferences(escaped(text), true) : text);
