// Times as Slack writes them, in the acting person's zone.

import { zone } from './state.js';

const formats = new Map();

function parts(date, options) {
  const key = `${zone()} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat('en-GB', { timeZone: zone(), ...options }));
  return Object.fromEntries(
    formats
      .get(key)
      .formatToParts(date)
      .map(({ type, value }) => [type, value]),
  );
}

export const moment = (ts) => new Date(Number(ts) * 1000);

export function clock(date, seconds = false) {
  const { hour, minute, second } = parts(date, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return seconds ? `${hour}:${minute}:${second}` : `${hour}:${minute}`;
}

/** "2026-11-22" in the person's zone: equal for two moments of the same day. */
export function dayKey(date) {
  const { year, month, day } = parts(date, { year: 'numeric', month: '2-digit', day: '2-digit' });
  return `${year}-${month}-${day}`;
}

function daysAgo(date, now) {
  return Math.round((Date.parse(dayKey(now)) - Date.parse(dayKey(date))) / 86_400_000);
}

const relative = (date, now) => ({ 0: 'today', 1: 'yesterday', '-1': 'tomorrow' })[daysAgo(date, now)];

const ordinal = (day) => {
  const teen = day % 100 >= 11 && day % 100 <= 13;
  return `${day}${(!teen && { 1: 'st', 2: 'nd', 3: 'rd' }[day % 10]) || 'th'}`;
};

function written(date, monthStyle, weekday) {
  const {
    year,
    month,
    day,
    weekday: name,
  } = parts(date, { year: 'numeric', month: monthStyle, day: 'numeric', weekday: 'long' });
  const number = monthStyle === 'long' ? ordinal(Number(day)) : Number(day);
  return `${weekday ? `${name}, ` : ''}${month} ${number}, ${year}`;
}

export function ago(date, now = new Date()) {
  const seconds = Math.round((date - now) / 1000);
  const steps = [
    [86_400 * 365, 'year'],
    [86_400 * 30, 'month'],
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ];
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  for (const [size, unit] of steps)
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  return words.format(seconds, 'second');
}

/** Fills Slack's {date…} and {time…} tokens; null when the timestamp is not a moment or a token is unknown. */
export function formatted(timestamp, format, now = new Date()) {
  const date = moment(timestamp);
  if (!Number.isFinite(date.getTime())) return null;
  const tokens = {
    date_num: () => dayKey(date),
    date: () => written(date, 'long', false),
    date_short: () => written(date, 'short', false),
    date_long: () => written(date, 'long', true),
    date_pretty: () => relative(date, now) ?? written(date, 'long', false),
    date_short_pretty: () => relative(date, now) ?? written(date, 'short', false),
    date_long_pretty: () => relative(date, now) ?? written(date, 'long', true),
    day_divider_pretty: () => relative(date, now) ?? written(date, 'long', true),
    time: () => clock(date),
    time_secs: () => clock(date, true),
    ago: () => ago(date, now),
  };
  let unknown = false;
  const text = format.replace(/\{(\w+)\}/g, (_, token) => tokens[token]?.() ?? ((unknown = true), ''));
  return unknown ? null : text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

/** The heading between two days of messages. */
export function dayHeading(date, now = new Date()) {
  const near = relative(date, now);
  if (near) return near[0].toUpperCase() + near.slice(1);
  const { weekday, day, month, year } = parts(date, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
  return `${weekday}, ${day} ${month}${dayKey(now).startsWith(year) ? '' : ` ${year}`}`;
}

/** For "Last reply …" and titles. */
export function whenShort(date, now = new Date()) {
  const near = relative(date, now);
  if (near) return `${near} at ${clock(date)}`;
  return `${written(date, 'short', false)} at ${clock(date)}`;
}

export const whenLong = (date) => `${written(date, 'long', true)} at ${clock(date, true)} (${zone()})`;
