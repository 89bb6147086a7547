import { describe, expect, test } from '@jest/globals';
import { plotCurve, plotRatios } from '../../../bench/plot.ts';
import { pictureOf, renderResults, type Result } from '../../../bench/results.ts';

const curve = {
  title: 'Calls for 3 new files <of many>',
  x: 'partitions',
  y: 'calls',
  lines: [
    {
      name: 'one event',
      points: [
        [1_000, 15],
        [100_000, 16],
      ],
      modelled: [
        [100_000, 16],
        [1_000_000, 16],
      ],
    },
    {
      name: 'MSCK',
      points: [
        [1_000, 50],
        [100_000, 5_000],
      ],
    },
  ],
} as const;
const result: Result = {
  name: 'scale',
  title: 'Scale',
  peer: 'MSCK',
  rows: [
    { work: 'an event', unit: 'ms', ours: 10, peer: 100, ratio: 10 },
    { work: 'no peer', unit: 'ms', ours: 10 },
  ],
  curves: [curve],
  notes: [],
  date: '2019-09-01',
  versions: {},
  machine: { cores: 2, processor: 'a processor', memory: 24, load: [0, 0] },
  command: 'make bench B=scale',
};

describe('pictures of results', () => {
  test('a curve shows its title, its scales, each line, and what was reckoned', async () => {
    const svg = await plotCurve(curve);
    for (const text of [
      'Calls for 3 new files &lt;of many&gt;',
      'partitions',
      'calls',
      'one event',
      'MSCK',
      'reckoned',
    ])
      expect(svg).toContain(text);
    expect(svg).toMatch(/stroke-dasharray/);
  });

  test('a curve of nothing reckoned does not speak of it', async () => {
    expect(await plotCurve({ ...curve, lines: [curve.lines[1]] })).not.toContain('reckoned<');
  });

  test('ratios show what has a peer, and nothing else', async () => {
    const svg = await plotRatios([result]);
    expect(svg).toContain('an event');
    expect(svg).not.toContain('no peer');
  });

  test('the same results give the same picture to the byte', async () => {
    expect(await plotCurve(curve)).toBe(await plotCurve(curve));
  });

  test('the page shows each picture by the name of its file', () => {
    expect(renderResults([result])).toContain(`![${curve.title}](${pictureOf('scale', 0)})`);
  });
});
