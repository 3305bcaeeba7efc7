// Small drawings for the emoji that operations messages use, so that they look the same on every machine, also on those
// without an emoji font. Each is a list of shapes in a 20 × 20 square.

const disc = (cx, cy, r, fill) => ['circle', { cx, cy, r, fill }];
const box = (x, y, width, height, rx, fill) => ['rect', { x, y, width, height, rx, fill }];
const shape = (d, fill) => ['path', { d, fill }];
const line = (d, stroke, width = 2) =>
  ['path', { d, stroke, fill: 'none', 'stroke-width': width, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }];

const RED = '#dd2e44', YELLOW = '#f7b52c', GREEN = '#3ba55d', BLUE = '#3f86d8', INK = '#3b4450', GREY = '#98a3ae',
  PALE = '#e4e8ec', WHITE = '#fff', SKIN = '#f6c343', BROWN = '#8a5a33', ORANGE = '#f4802c', PURPLE = '#8f62c9';

const ball = (fill, rim) => [disc(10, 10, 8, rim), disc(10, 10, 7.1, fill)];
const tile = (...shapes) => [box(1.5, 1.5, 17, 17, 4, BLUE), ...shapes];
const arrow = (d) => tile(line(d, WHITE, 2.2));
const person = (x, fill) => [disc(x, 6.5, 3.4, fill), shape(`M${x - 6} 18c0-4.400 2.500-6.800 6-6.800s6 2.400 6 6.800z`, fill)];
const hand = (d) => [shape(d, SKIN)];
const sheet = [box(3.5, 2, 13, 16.5, 1.5, WHITE), line('M3.500 3.500v13.500a1.500 1.500 0 0 0 1.500 1.500h10a1.500 1.500 0 0 0 1.500-1.500v-13.500a1.500 1.500 0 0 0-1.500-1.500h-10a1.500 1.500 0 0 0-1.500 1.500z', GREY, 1)];
const bell = [shape('M10 2c-3.600 0-5.500 2.800-5.500 6.200 0 3.300-1 4.800-2 6.100h15c-1-1.300-2-2.800-2-6.100 0-3.400-1.900-6.200-5.500-6.200z', YELLOW), shape('M7.800 15.500a2.200 2.200 0 0 0 4.400 0z', '#c9811a')];
const dial = [disc(10, 10, 8.2, INK), disc(10, 10, 6.8, WHITE)];

export const ART = {
  red_circle: ball('#e5374c', '#bf1f35'),
  large_orange_circle: ball('#f58a33', '#cf6714'),
  large_yellow_circle: ball('#f8c43a', '#cf9612'),
  large_green_circle: ball('#43b566', '#27864a'),
  large_blue_circle: ball('#4a90e2', '#2768b3'),
  large_purple_circle: ball('#a075d8', '#7748b5'),
  white_circle: ball('#f4f6f8', '#a9b3bd'),
  black_circle: ball('#39414b', '#15191e'),
  white_check_mark: [box(1.5, 1.5, 17, 17, 4, GREEN), line('m5.500 10.500 3 3 6-7', WHITE, 2.6)],
  heavy_check_mark: [line('m3.500 10.800 4.300 4.400 8.700-10.400', GREEN, 3.2)],
  ballot_box_with_check: tile(line('m5.500 10.500 3 3 6-7', WHITE, 2.6)),
  white_large_square: [box(2, 2, 16, 16, 3, GREY), box(3.4, 3.4, 13.2, 13.2, 2, WHITE)],
  grey_question: [line('M6.800 7.200a3.300 3.300 0 1 1 4.700 3c-1.100.5-1.500 1.100-1.500 2.300', GREY, 2.6), disc(10, 16.3, 1.6, GREY)],
  leftwards_arrow_with_hook: tile(line('M5 8h7a3 3 0 0 1 0 6h-3M8 5l-3 3 3 3', WHITE, 2)),
  x: [line('M4.500 4.500l11 11M15.500 4.500l-11 11', RED, 3.6)],
  heavy_multiplication_x: [line('M5 5l10 10M15 5l-10 10', INK, 3)],
  warning: [shape('M8.700 2.700a1.500 1.500 0 0 1 2.600 0l7 13a1.500 1.500 0 0 1-1.300 2.300h-14a1.500 1.500 0 0 1-1.300-2.300z', YELLOW), line('M10 7.500v4.500', INK, 2), disc(10, 15, 1.2, INK)],
  rotating_light: [line('M10 1v2M3.600 3.600l1.300 1.300M16.400 3.600l-1.300 1.300', RED, 1.6), shape('M4.800 14v-3.300a5.200 5.200 0 0 1 10.400 0v3.300z', RED), shape('M8 14v-3a2 2 0 0 1 2-2', '#ff9aa6'), box(3, 14, 14, 4, 1.2, INK)],
  no_entry: [disc(10, 10, 8.5, RED), box(4.5, 8.3, 11, 3.4, 0.8, WHITE)],
  no_entry_sign: [['circle', { cx: 10, cy: 10, r: 7.2, fill: 'none', stroke: RED, 'stroke-width': 2.6 }], line('M5 5l10 10', RED, 2.6)],
  hourglass_flowing_sand: [shape('M5 3.500h10c0 4-3.500 4.600-3.500 6.500s3.500 2.500 3.500 6.500h-10c0-4 3.500-4.600 3.500-6.500s-3.500-2.500-3.500-6.500z', PALE), shape('M7.200 6.500h5.600c-.8 1.600-2.200 2-2.300 3.300h-1c-.1-1.300-1.500-1.700-2.300-3.300zM6.300 15.800c.5-1.800 2.200-2.200 3.700-3.200 1.500 1 3.200 1.400 3.700 3.200z', YELLOW), line('M4 2.700h12M4 17.300h12', BROWN, 2)],
  hourglass: [shape('M5 3.500h10c0 4-3.500 4.600-3.500 6.500s3.500 2.500 3.500 6.500h-10c0-4 3.500-4.600 3.500-6.500s-3.500-2.500-3.500-6.500z', PALE), shape('M5.600 15.800c.5-2.400 2.900-2.800 4.400-3.800 1.500 1 3.900 1.400 4.400 3.800z', YELLOW), line('M4 2.700h12M4 17.300h12', BROWN, 2)],
  eyes: [['ellipse', { cx: 5.8, cy: 10, rx: 4, ry: 6, fill: WHITE, stroke: GREY }], ['ellipse', { cx: 14.2, cy: 10, rx: 4, ry: 6, fill: WHITE, stroke: GREY }], disc(7, 10.5, 2.1, INK), disc(15.4, 10.5, 2.1, INK)],
  fire: [shape('M10.500 1.500c.6 3-4.900 5.200-5.900 9.300-.9 3.800 1.600 7.700 5.400 7.700s6.400-3.200 5.700-7.200c-.4-2.300-1.700-3-1.700-5-1 .6-1.500 1.500-1.600 2.700-.5-2.600 0-5-1.900-7.500z', ORANGE), shape('M10.200 9.500c.3 1.800-2.600 2.700-2.600 5.300 0 1.700 1 3 2.500 3s2.500-1.200 2.400-2.900c-.1-2-1.500-2.600-2.300-5.400z', '#ffd34e')],
  bell,
  no_bell: [...bell, line('M3 3l14 14.500', RED, 2.4)],
  mute: [shape('M2.500 7.500h3l4.500-4v13l-4.500-4h-3z', INK), line('M13 7.500l4.500 5M17.500 7.500l-4.500 5', RED, 2)],
  zzz: [line('M2.500 10.500h6l-6 6.500h6', BLUE, 2), line('M10 3h7l-7 7.500h7', BLUE, 2)],
  question: [line('M6 7a4 4 0 1 1 5.500 3.700c-1 .4-1.500 1-1.500 2.300', RED, 2.8), disc(10, 17, 1.7, RED)],
  exclamation: [line('M10 3v9', RED, 3), disc(10, 16.8, 1.8, RED)],
  information_source: tile(disc(10, 5.8, 1.5, WHITE), line('M8.500 9.500h1.500v5M8 14.800h4', WHITE, 2)),
  clipboard: [box(3, 3, 14, 16, 2, BROWN), box(4.8, 5, 10.4, 12.2, 0.8, WHITE), box(7, 1.5, 6, 4, 1.2, GREY), line('M7 9h6M7 12h6M7 15h4', GREY, 1.2)],
  memo: [...sheet, line('M6.500 7h5M6.500 10h3.500M6.500 13h3', GREY, 1.2), line('M9.500 14l7-8', ORANGE, 2.6), shape('M8.300 15.800l.5-2.500 1.700 1.500z', INK)],
  page_facing_up: [...sheet, line('M6.500 6.500h7M6.500 9.500h7M6.500 12.500h7M6.500 15.500h4', GREY, 1.2)],
  calendar: [box(2.5, 3.5, 15, 14.5, 2, WHITE), line('M2.500 8v8.500a1.500 1.500 0 0 0 1.500 1.500h12a1.500 1.500 0 0 0 1.500-1.500v-8.500', GREY, 1), shape('M2.500 8.200v-2.700a2 2 0 0 1 2-2h11a2 2 0 0 1 2 2v2.700z', RED), line('M6.500 2v3M13.500 2v3', INK, 1.6), box(5.5, 10.5, 2.4, 2.4, 0.4, GREY), box(9, 10.5, 2.4, 2.4, 0.4, GREY), box(12.5, 10.5, 2.4, 2.4, 0.4, GREY), box(5.5, 14, 2.4, 2.4, 0.4, GREY), box(9, 14, 2.4, 2.4, 0.4, GREY)],
  clock9: [...dial, line('M10 5.500v4.500h-4', INK, 1.6)],
  alarm_clock: [disc(4.5, 4.5, 2.6, RED), disc(15.5, 4.5, 2.6, RED), disc(10, 11, 7.6, RED), disc(10, 11, 5.8, WHITE), line('M10 7.500v3.500l2.500 1.500', INK, 1.5)],
  stopwatch: [box(8.5, 0.8, 3, 3, 0.6, GREY), disc(10, 11, 7.8, GREY), disc(10, 11, 6, WHITE), line('M10 7v4l2.800-2', RED, 1.5)],
  hammer_and_wrench: [line('M4 16.500l8-8', GREY, 2.8), ['path', { d: 'M16.800 4.200a3.400 3.400 0 1 0-1 4.200', stroke: GREY, fill: 'none', 'stroke-width': 2.4 }], line('M16 16.500l-8.500-8.500', BROWN, 2.6), shape('M2.500 7.500l5-5 3 1-6 6z', INK)],
  wrench: [line('M4 16.500l8-8', GREY, 3), ['path', { d: 'M17 4.500a4 4 0 1 0-1.400 4.800', stroke: GREY, fill: 'none', 'stroke-width': 2.8 }]],
  gear: [['circle', { cx: 10, cy: 10, r: 6.5, fill: 'none', stroke: GREY, 'stroke-width': 3.6, 'stroke-dasharray': '3 2.100' }], ['circle', { cx: 10, cy: 10, r: 4.2, fill: 'none', stroke: GREY, 'stroke-width': 2.6 }]],
  arrows_counterclockwise: tile(line('M14.500 8.500a4.800 4.800 0 0 0-8.300-1.500M5.500 11.500a4.800 4.800 0 0 0 8.300 1.500M6 4.500v2.700h2.700M14 15.500v-2.700h-2.700', WHITE, 1.8)),
  repeat: tile(line('M5 9v-1a2 2 0 0 1 2-2h7l-2-2M15 11v1a2 2 0 0 1-2 2h-7l2 2', WHITE, 1.8)),
  arrow_up: arrow('M10 15.500v-11M5.500 9l4.500-4.500 4.500 4.500'),
  arrow_down: arrow('M10 4.500v11M5.500 11l4.500 4.500 4.500-4.500'),
  arrow_right: arrow('M4.500 10h11M11 5.500l4.500 4.500-4.500 4.500'),
  arrow_left: arrow('M15.500 10h-11M9 5.500l-4.500 4.500 4.500 4.500'),
  fast_forward: tile(shape('M4.500 5.500l5.500 4.500-5.500 4.500zM10 5.500l5.500 4.500-5.500 4.500z', WHITE)),
  double_vertical_bar: tile(box(6, 5.5, 3, 9, 0.8, WHITE), box(11, 5.5, 3, 9, 0.8, WHITE)),
  arrow_forward: tile(shape('M7 5l7.500 5-7.500 5z', WHITE)),
  tada: [shape('M2 18l4.500-11.500 7 7z', YELLOW), line('M12 8c1-2 .5-3.500-.5-5', PURPLE, 1.8), line('M13 10c2-1.500 3.500-1 5 0', BLUE, 1.8), disc(16, 4.5, 1.3, RED), disc(6.5, 3.5, 1.1, GREEN), disc(17, 14, 1.2, GREEN), line('M5.500 10.500l5 5', RED, 1.4)],
  '+1': hand('M2.500 9.500h3.500v8h-3.500zM7 9l3-7c1.700 0 2.600 1.200 2.200 3l-.6 2.500h4.400c1.300 0 2 1 1.800 2.200l-1.200 6c-.2 1.200-1.100 1.800-2.200 1.800h-7.400z'),
  '-1': hand('M2.500 10.500h3.500v-8h-3.500zM7 11l3 7c1.700 0 2.600-1.200 2.200-3l-.6-2.500h4.400c1.300 0 2-1 1.800-2.200l-1.200-6c-.2-1.200-1.100-1.800-2.200-1.800h-7.400z'),
  raised_hands: [line('M6 17l-3-8M6 17l-.5-11M8.500 17v-9M14 17l3-8M14 17l.5-11M11.500 17v-9', SKIN, 2.4)],
  wave: [shape('M6 18c-3-2-4-6-3.500-9 .8-.6 1.700-.2 1.900.8l.4 1.600 1.500-7c1-.7 2-.2 1.900.9l1.600-2.200c1.200-.3 1.900.6 1.600 1.600l1.600-1.200c1.200 0 1.600 1 1.200 2l1-.4c1 .3 1.300 1.200.8 2.200l-2.500 6.700c-1.300 3.400-4.500 4.800-7.500 4z', SKIN)],
  mag: [['circle', { cx: 8.2, cy: 8.2, r: 5.4, fill: '#cfe6fb', stroke: INK, 'stroke-width': 2 }], line('M12.400 12.400l5 5', INK, 2.8)],
  link: [['path', { d: 'M8.500 11.500a3.300 3.300 0 0 0 4.700 0l3-3a3.300 3.300 0 0 0-4.700-4.700l-1.200 1.200M11.500 8.500a3.300 3.300 0 0 0-4.700 0l-3 3a3.300 3.300 0 0 0 4.700 4.700l1.200-1.200', fill: 'none', stroke: GREY, 'stroke-width': 2.2, 'stroke-linecap': 'round' }]],
  paperclip: [line('M14.500 8l-6.300 6.300a2.500 2.500 0 0 1-3.500-3.500l7-7a4 4 0 0 1 5.600 5.600l-7.300 7.300', GREY, 1.8)],
  speech_balloon: [shape('M10 2.500c-4.700 0-8.500 2.900-8.500 6.700 0 2.300 1.400 4.300 3.500 5.500l-.7 3.300 3.700-2.200c.6.1 1.300.1 2 .1 4.700 0 8.500-2.900 8.500-6.700s-3.800-6.700-8.500-6.700z', '#cfd8e0'), disc(6.3, 9.2, 1.2, INK), disc(10, 9.2, 1.2, INK), disc(13.7, 9.2, 1.2, INK)],
  bust_in_silhouette: person(10, '#5f7d99'),
  busts_in_silhouette: [...person(13.2, '#93a9bd'), ...person(7.5, '#5f7d99')],
  house: [shape('M10 2l8.500 7.500h-2.500v8h-12v-8h-2.500z', '#c8d2db'), shape('M10 1.500l9 8-1.300 1.400-7.700-6.800-7.700 6.800-1.300-1.400z', RED), box(8, 12, 4, 5.5, 0.4, BROWN)],
  lock: [['path', { d: 'M6.500 9v-2.500a3.500 3.500 0 0 1 7 0v2.500', fill: 'none', stroke: GREY, 'stroke-width': 2 }], box(4, 8.5, 12, 9.5, 2, YELLOW), disc(10, 13, 1.5, BROWN)],
  key: [['circle', { cx: 6.5, cy: 13.5, r: 3.2, fill: 'none', stroke: YELLOW, 'stroke-width': 2.4 }], line('M9 11l7-7M13.500 6.500l2.500 2.500', YELLOW, 2.4)],
  rocket: [shape('M16.500 2.500c-5-.3-8.700 3-10.700 7.500l4.200 4.200c4.500-2 7.300-6 6.500-11.700z', '#cfd8e0'), disc(12.3, 7.7, 1.9, BLUE), shape('M6.500 9l-3.500 1-1 2.500 3.700-.5zM11 13.500l-1 3.500-2.500 1 .5-3.700z', RED), shape('M5.700 12.500c-2 .6-2.700 2.500-3 5 2.500-.3 4.400-1 5-3z', ORANGE)],
  chart_with_upwards_trend: [box(2, 2, 16, 16, 2, WHITE), line('M2.500 2.500v15h15', GREY, 1.2), line('M5 13.500l3.500-4 2.500 2 5-6.500', RED, 1.8)],
  bar_chart: [box(2.5, 10, 4, 8, 0.6, GREEN), box(8, 3, 4, 15, 0.6, RED), box(13.5, 7, 4, 11, 0.6, BLUE)],
  floppy_disk: [box(2, 2, 16, 16, 2, INK), box(5.5, 2, 9, 6, 0.6, PALE), box(4.5, 10.5, 11, 7.5, 0.6, WHITE), box(11, 3, 2, 4, 0.4, INK)],
  package: [shape('M10 1.800l8 3.700v9l-8 3.700-8-3.700v-9z', '#c58b54'), shape('M2 5.500l8 3.700 8-3.700-8-3.700z', '#dfae7c'), line('M10 9.200v9M5.800 3.800l8 3.700v3', '#9c6433', 1.2)],
  heart: [shape('M10 17.500c-5-3.700-8-6.500-8-10a4.300 4.300 0 0 1 8-2.200 4.300 4.300 0 0 1 8 2.200c0 3.500-3 6.300-8 10z', RED)],
  star: [shape('M10 1.800l2.500 5.300 5.800.8-4.200 4.100 1 5.800-5.100-2.800-5.100 2.800 1-5.800-4.200-4.100 5.800-.8z', YELLOW)],
  bulb: [shape('M10 1.500a6 6 0 0 0-3.500 10.900c.7.6 1 1.200 1 2.100h5c0-.9.3-1.500 1-2.100a6 6 0 0 0-3.500-10.900z', YELLOW), box(7.5, 15, 5, 3.6, 1, GREY)],
  robot_face: [line('M10 4.500v-2.500', GREY, 1.6), disc(10, 2, 1.3, RED), box(3, 4.5, 14, 12.5, 3, '#9fb0c0'), disc(7.2, 9.5, 1.7, WHITE), disc(12.8, 9.5, 1.7, WHITE), line('M6.800 13.700h6.400', INK, 1.6)],
  slightly_smiling_face: [disc(10, 10, 8.2, YELLOW), disc(7, 8.3, 1.2, INK), disc(13, 8.3, 1.2, INK), line('M6.300 12.300a4.600 4.600 0 0 0 7.400 0', INK, 1.4)],
};
