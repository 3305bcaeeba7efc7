// Shortcodes and what they show: our own drawing if there is one, else the character; an unknown name stays :name:.

import { ART } from './emoji-art.js';
import { el, svg } from './dom.js';

const CHARACTERS = {
  red_circle: '🔴', large_orange_circle: '🟠', large_yellow_circle: '🟡', large_green_circle: '🟢', large_blue_circle: '🔵',
  large_purple_circle: '🟣', white_circle: '⚪', white_large_square: '⬜', grey_question: '❔', leftwards_arrow_with_hook: '↩', black_circle: '⚫', white_check_mark: '✅', heavy_check_mark: '✔',
  ballot_box_with_check: '☑', x: '❌', heavy_multiplication_x: '✖', warning: '⚠', rotating_light: '🚨', no_entry: '⛔',
  no_entry_sign: '🚫', hourglass_flowing_sand: '⏳', hourglass: '⌛', eyes: '👀', fire: '🔥', bell: '🔔', no_bell: '🔕',
  mute: '🔇', zzz: '💤', question: '❓', exclamation: '❗', information_source: 'ℹ', clipboard: '📋', memo: '📝',
  page_facing_up: '📄', calendar: '📅', clock9: '🕘', alarm_clock: '⏰', stopwatch: '⏱', hammer_and_wrench: '🛠', wrench: '🔧',
  gear: '⚙', arrows_counterclockwise: '🔄', repeat: '🔁', arrow_up: '⬆', arrow_down: '⬇', arrow_right: '➡',
  arrow_left: '⬅', arrow_heading_up: '⤴', arrow_heading_down: '⤵', twisted_rightwards_arrows: '🔀', fast_forward: '⏩', double_vertical_bar: '⏸', arrow_forward: '▶', tada: '🎉', '+1': '👍', '-1': '👎',
  raised_hands: '🙌', wave: '👋', mag: '🔍', link: '🔗', paperclip: '📎', speech_balloon: '💬', bust_in_silhouette: '👤',
  busts_in_silhouette: '👥', house: '🏠', lock: '🔒', key: '🔑', rocket: '🚀', chart_with_upwards_trend: '📈', bar_chart: '📊',
  floppy_disk: '💾', package: '📦', heart: '❤', star: '⭐', bulb: '💡', robot_face: '🤖', slightly_smiling_face: '🙂',
  smile: '😄', pray: '🙏', clap: '👏', muscle: '💪', thinking_face: '🤔', coffee: '☕', sunny: '☀', moon: '🌔',
  checkered_flag: '🏁', phone: '☎', telephone_receiver: '📞', email: '✉', inbox_tray: '📥', outbox_tray: '📤', globe_with_meridians: '🌐',
  computer: '💻', electric_plug: '🔌', battery: '🔋', shield: '🛡', pushpin: '📌', books: '📚', seedling: '🌱', '100': '💯',
  small_red_triangle: '🔺', small_red_triangle_down: '🔻', heavy_exclamation_mark: '❗', stop_button: '⏹', new: '🆕', sos: '🆘',
};

const ALIASES = {
  thumbsup: '+1', thumbsdown: '-1', tools: 'hammer_and_wrench', pause_button: 'double_vertical_bar', large_red_circle: 'red_circle',
  yellow_circle: 'large_yellow_circle', green_circle: 'large_green_circle', blue_circle: 'large_blue_circle',
  hourglass_not_done: 'hourglass_flowing_sand', heavy_exclamation_mark: 'exclamation', pencil: 'memo', spiral_calendar_pad: 'calendar',
};

const NAMES = new Map(Object.entries(CHARACTERS).map(([name, character]) => [character, name]));

const resolved = (name) => ALIASES[name] ?? name;
export const isEmoji = (name) => Object.hasOwn(CHARACTERS, resolved(name));
export const emojiNames = () => Object.keys(CHARACTERS);

/** For the reaction picker: the ones a person wants first. */
export const REACTIONS = ['eyes', 'white_check_mark', '+1', 'raised_hands', 'tada', 'fire', 'warning', 'rotating_light', 'x', 'question',
  'hourglass_flowing_sand', 'memo', 'mag', 'heart', 'rocket', 'wave', 'bell', 'zzz', 'no_entry', 'bulb', '-1', 'star', 'wrench', 'lock'];

/** A node for a shortcode; unknown names stay as they were written. */
export function emoji(name) {
  const known = resolved(name);
  if (!isEmoji(known)) return document.createTextNode(`:${name}:`);
  const label = { role: 'img', 'aria-label': `${name.replaceAll('_', ' ')} emoji`, title: `:${name}:`, 'data-emoji': name };
  const art = ART[known];
  if (!art) return el('span', { class: 'emoji emoji-char', ...label }, CHARACTERS[known]);
  const shapes = art.map(([tag, attributes]) => svg(tag, attributes));
  return el('span', { class: 'emoji', ...label }, svg('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true' }, shapes));
}

const MARK = /:([a-z0-9_+'-]{1,100}):(?::skin-tone-[2-6]:)?|\p{Extended_Pictographic}\uFE0F?/gu;

/** Splits plain text into text nodes and emoji, for shortcodes and for emoji typed as characters. */
export function withEmoji(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(MARK)) {
    const name = match[1] ?? NAMES.get(match[0].replace('\uFE0F', ''));
    if (!name || !isEmoji(name)) continue;
    if (match.index > end) nodes.push(document.createTextNode(text.slice(end, match.index)));
    nodes.push(emoji(name));
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push(document.createTextNode(text.slice(end)));
  return nodes;
}
