import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Curve } from './curve.ts';
import { type Result, workOf } from './results.ts';

/** Colours of Okabe and Ito, which people who see fewer colours tell apart; each is readable on white and on black. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8c6d1f'];
/** Grey that is readable on white and on black: pictures do not know the page that they stand on. */
const ink = '#7a7a7a';

const look = {
  background: 'transparent',
  padding: 8,
  config: {
    font: 'system-ui, sans-serif',
    view: { stroke: ink },
    axis: { labelColor: ink, titleColor: ink, gridColor: ink, gridOpacity: 0.25, domainColor: ink, tickColor: ink },
    legend: { labelColor: ink, titleColor: ink, orient: 'bottom', columns: 2, title: null, labelLimit: 320 },
    title: { color: ink, anchor: 'start' },
    header: { labelColor: ink },
  },
} as const;

/** A picture of how costs grow, as SVG; both scales count in powers of ten, and what was reckoned is dashed. */
export function plotCurve({ title, x, y, lines }: Curve): Promise<string> {
  const measured = lines.flatMap(({ name, points }) => points.map((point) => toDatum(name, point, 'measured')));
  const reckoned = lines.flatMap(({ name, modelled = [] }) =>
    modelled.map((point) => toDatum(name, point, 'reckoned')),
  );
  return draw({
    ...look,
    title,
    width: 560,
    height: 280,
    data: { values: [...measured, ...reckoned] },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: x, scale: { type: 'log' }, axis: { format: '~s', tickCount: 6 } },
      y: { field: 'y', type: 'quantitative', title: y, scale: { type: 'log' }, axis: { format: '~s', tickCount: 5 } },
      color: {
        field: 'line',
        type: 'nominal',
        scale: { domain: lines.map(({ name }) => name), range: colours.slice(0, Math.max(lines.length, 1)) },
      },
    },
    layer: [
      {
        mark: 'line',
        encoding: {
          strokeDash: {
            field: 'how',
            type: 'nominal',
            scale: {
              domain: ['measured', 'reckoned'],
              range: [
                [1, 0],
                [5, 4],
              ],
            },
            ...(reckoned.length === 0 && { legend: null }),
          },
        },
      },
      {
        // A line starts its reckoned part at its last measured point, which is not drawn twice.
        transform: [{ filter: "datum.how === 'measured'" }],
        mark: { type: 'point', filled: true, size: 40, opacity: 1 },
      },
    ],
  });
}

function toDatum(line: string, [x, y]: readonly [number, number], how: string): object {
  return { line, x, y, how };
}

/** A picture of all comparisons with a peer, as SVG: how many times better we are, by powers of ten. */
export function plotRatios(results: readonly Result[]): Promise<string> {
  const compared = results
    .map(({ title, rows }) => ({ title, bars: rows.flatMap(toBar) }))
    .filter(({ bars }) => bars.length > 0);
  const ratios = compared.flatMap(({ bars }) => bars.map(({ ratio }) => ratio));
  const domain = [Math.min(0.1, ...ratios), Math.max(10, ...ratios)];
  return draw({
    ...look,
    spacing: 12,
    vconcat: compared.map(({ title, bars }, index) => ({
      title: { text: title, fontSize: 12, frame: 'group' },
      width: 360,
      height: { step: 16 },
      data: { values: bars },
      layer: [
        { mark: { type: 'bar', height: 9 }, encoding: encodeBars(domain, index === compared.length - 1) },
        { mark: { type: 'rule', color: ink }, encoding: { x: { datum: 1 } } },
      ],
    })),
  });
}

function toBar(row: Result['rows'][number]): { work: string; ratio: number; better: string }[] {
  const { ratio } = row;
  if (ratio === undefined || ratio <= 0) return [];
  return [{ work: workOf(row), ratio, better: ratio >= 1 ? 'ours is better' : 'the peer is better' }];
}

function encodeBars(domain: readonly number[], isLast: boolean): object {
  return {
    y: {
      field: 'work',
      type: 'nominal',
      title: null,
      sort: null,
      axis: { labelLimit: 640, minExtent: 400, maxExtent: 400, grid: false },
    },
    x: {
      field: 'ratio',
      type: 'quantitative',
      title: isLast ? 'times better than the peer' : null,
      scale: { type: 'log', domain, nice: false },
      axis: { format: '~g', values: [0.1, 1, 10, 100, 1_000], labels: isLast },
    },
    x2: { datum: 1 },
    color: {
      field: 'better',
      type: 'nominal',
      scale: { domain: ['ours is better', 'the peer is better'], range: colours.slice(0, 2) },
    },
  };
}

async function draw(spec: object): Promise<string> {
  const view = new vega.View(vega.parse(compile(spec as TopLevelSpec).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
