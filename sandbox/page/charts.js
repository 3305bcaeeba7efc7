// Charts as SVG: line, area, bar and pie. Each has its numbers as a table, for those who cannot see it.

import { el, foreign, svg } from './dom.js';

const HEIGHT = 240;
const EDGE = { left: 52, right: 12, top: 12, bottom: 40 };

export function dataVisualization(block) {
  const chart = block.chart ?? {};
  const drawings = { line: axes, area: axes, bar: axes, pie };
  if (!Object.hasOwn(drawings, chart.type)) throw new Error(`there is no chart of type “${chart.type}”`);
  const title = block.title?.text ?? block.title ?? 'Chart';
  const label = { role: 'img', 'aria-label': `${chart.type} chart: ${title}. The numbers follow as a table.` };
  const draw = (width) => drawings[chart.type](chart, width, label);
  const { drawing, legend, rows, heads } = draw(560);
  const holder = el('div', { class: 'chart-holder' }, drawing);
  if (chart.type !== 'pie') redrawn(holder, draw);
  return el(
    'figure',
    { class: `chart chart-${chart.type}` },
    foreign('figcaption', {}, title),
    el('div', { class: 'chart-row' }, holder, legend),
    el(
      'details',
      { class: 'chart-numbers' },
      el('summary', {}, 'Numbers'),
      el(
        'div',
        { class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': `Numbers of ${title}` },
        el(
          'table',
          { class: 'grid-table' },
          el(
            'thead',
            {},
            el(
              'tr',
              {},
              heads.map((head) => el('th', { scope: 'col' }, head)),
            ),
          ),
          el(
            'tbody',
            {},
            rows.map(([first, ...rest]) =>
              el(
                'tr',
                {},
                el('th', { scope: 'row' }, first),
                rest.map((cell) => el('td', { class: 'align-right' }, cell)),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** Draws anew when the chart gets another width, so that its words keep their size. */
function redrawn(holder, draw) {
  let drawn = 560;
  new ResizeObserver(
    ([
      {
        contentRect: { width },
      },
    ]) => {
      if (!width || Math.abs(width - drawn) < 24) return;
      drawn = width;
      holder.replaceChildren(draw(Math.round(width)).drawing);
    },
  ).observe(holder);
}

const color = (index) => `series-${index % 8}`;

const legendOf = (names) =>
  el(
    'ul',
    { class: 'legend' },
    names.map(({ name, note }, index) =>
      el(
        'li',
        {},
        el('span', { class: `swatch ${color(index)}` }),
        foreign('span', {}, name),
        note && el('span', { class: 'muted' }, ` ${note}`),
      ),
    ),
  );

/** Round numbers that enclose the values, zero among them. */
export function ticks(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const raw = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= raw * 0.999);
  const from = Math.floor(low / step);
  const to = Math.ceil(high / step);
  return Array.from({ length: to - from + 1 }, (_, index) => Number(((from + index) * step).toPrecision(12)));
}

const SCALES = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

function short(value) {
  const [size, unit] = SCALES.find(([one]) => Math.abs(value) >= one * (one === 1e3 ? 10 : 1)) ?? [1, ''];
  return `${Number((value / size).toPrecision(3))}${unit}`;
}

const cut = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

function axes(chart, width, label) {
  const series = chart.series ?? [];
  const categories = chart.axis_config?.categories ?? series[0]?.data?.map(({ label }) => label) ?? [];
  const value = (one, category) => one.data?.find(({ label }) => label === category)?.value;
  const numbers = series
    .flatMap((one) => categories.map((category) => value(one, category)))
    .filter((one) => Number.isFinite(one));
  const marks = ticks(numbers.length ? numbers : [0, 1]);
  const [low, high] = [marks[0], marks.at(-1)];
  const { x_label: across, y_label: up } = chart.axis_config ?? {};
  const inner = { width: width - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom - (across ? 12 : 0) };
  const y = (one) => EDGE.top + inner.height * (1 - (one - low) / (high - low || 1));
  const slot = inner.width / Math.max(categories.length, 1);
  const points = chart.type === 'bar' || categories.length < 2;
  const x = (index) => EDGE.left + (points ? slot * (index + 0.5) : (inner.width * index) / (categories.length - 1));
  const root = svg('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, class: 'chart-drawing', ...label });
  for (const mark of marks) {
    root.append(
      svg('line', {
        x1: EDGE.left,
        x2: width - EDGE.right,
        y1: y(mark),
        y2: y(mark),
        class: mark === 0 ? 'axis' : 'grid',
      }),
      svg('text', { x: EDGE.left - 8, y: y(mark) + 4, class: 'tick', 'text-anchor': 'end' }, short(mark)),
    );
  }
  const every = Math.ceil(categories.length / Math.max(1, Math.floor(inner.width / 58)));
  categories.forEach((category, index) => {
    if (index % every) return;
    const anchor = points ? 'middle' : index === 0 ? 'start' : index === categories.length - 1 ? 'end' : 'middle';
    root.append(
      svg(
        'text',
        { x: x(index), y: EDGE.top + inner.height + 18, class: 'tick', 'text-anchor': anchor },
        cut(category, Math.max(4, Math.floor((slot * every) / 7))),
      ),
    );
  });
  if (across)
    root.append(
      svg(
        'text',
        { x: EDGE.left + inner.width / 2, y: HEIGHT - 6, class: 'axis-label', 'text-anchor': 'middle' },
        across,
      ),
    );
  if (up)
    root.append(
      svg(
        'text',
        {
          x: 12,
          y: EDGE.top + inner.height / 2,
          class: 'axis-label',
          'text-anchor': 'middle',
          transform: `rotate(-90 12 ${EDGE.top + inner.height / 2})`,
        },
        up,
      ),
    );
  series.forEach((one, index) => root.append(...plotted(chart.type, one, index)));

  function plotted(type, one, index) {
    const spots = categories
      .map((category, at) => ({ at, number: value(one, category), category }))
      .filter(({ number }) => Number.isFinite(number));
    const told = ({ category, number }) => svg('title', {}, `${one.name}, ${category}: ${number}`);
    if (type === 'bar') {
      const wide = Math.max(2, Math.min(46, (slot * 0.7) / series.length));
      return spots.map((spot) =>
        svg(
          'rect',
          {
            class: `bar ${color(index)}`,
            rx: Math.min(3, wide / 4),
            width: wide,
            x: x(spot.at) - (wide * series.length) / 2 + wide * index + 0.5,
            y: Math.min(y(spot.number), y(0)),
            height: Math.max(1, Math.abs(y(spot.number) - y(0))),
          },
          told(spot),
        ),
      );
    }
    const path = spots
      .map(({ at, number }, nth) => `${nth ? 'L' : 'M'}${x(at).toFixed(1)} ${y(number).toFixed(1)}`)
      .join('');
    const nodes = [svg('path', { d: path, class: `curve ${color(index)}` })];
    if (type === 'area' && spots.length)
      nodes.unshift(
        svg('path', {
          class: `fill ${color(index)}`,
          d: `${path}L${x(spots.at(-1).at)} ${y(0)}L${x(spots[0].at)} ${y(0)}Z`,
        }),
      );
    return [
      ...nodes,
      ...spots.map((spot) =>
        svg('circle', { class: `dot ${color(index)}`, cx: x(spot.at), cy: y(spot.number), r: 3 }, told(spot)),
      ),
    ];
  }

  return {
    drawing: root,
    legend: (series.length > 1 || series[0]?.name) && legendOf(series.map(({ name }) => ({ name }))),
    heads: ['', ...series.map(({ name }) => name)],
    rows: categories.map((category) => [category, ...series.map((one) => value(one, category) ?? '–')]),
  };
}

function pie(chart, _, label) {
  const segments = (chart.segments ?? []).filter(({ value }) => value > 0);
  const total = segments.reduce((sum, { value }) => sum + value, 0) || 1;
  const root = svg('svg', { viewBox: '0 0 200 200', class: 'chart-drawing pie-drawing', ...label });
  const share = (value) => `${Number(((value / total) * 100).toFixed(1))} %`;
  const point = (turn, radius) =>
    `${(100 + radius * Math.sin(turn * 2 * Math.PI)).toFixed(2)} ${(100 - radius * Math.cos(turn * 2 * Math.PI)).toFixed(2)}`;
  let turn = 0;
  segments.forEach(({ label, value }, index) => {
    const end = Math.min(turn + value / total, turn + 0.9999);
    const large = end - turn > 0.5 ? 1 : 0;
    const d = `M${point(turn, 92)}A92 92 0 ${large} 1 ${point(end, 92)}L${point(end, 54)}A54 54 0 ${large} 0 ${point(turn, 54)}Z`;
    root.append(
      svg('path', { d, class: `slice ${color(index)}` }, svg('title', {}, `${label}: ${value} (${share(value)})`)),
    );
    turn = end;
  });
  return {
    drawing: root,
    legend: legendOf(segments.map(({ label, value }) => ({ name: label, note: `${value} (${share(value)})` }))),
    heads: ['', 'Value', 'Share'],
    rows: segments.map(({ label, value }) => [label, value, share(value)]),
  };
}
