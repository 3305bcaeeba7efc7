// Light or dark: what the system says, until the person chooses.

import { changed } from './state.js';

const KEY = 'sandbox-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const chosen = () => localStorage.getItem(KEY);

export const darkNow = () => (chosen() ? chosen() === 'dark' : system.matches);

function show() {
  document.documentElement.dataset.theme = darkNow() ? 'dark' : 'light';
}

export function toggleTheme() {
  localStorage.setItem(KEY, darkNow() ? 'light' : 'dark');
  show();
  changed();
}

system.addEventListener('change', () => {
  show();
  changed();
});
show();
