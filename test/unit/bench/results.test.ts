import { describe, expect, test } from '@jest/globals';
import { compare, judge } from '../../../bench/benchmark.ts';
import { renderResults, type Result } from '../../../bench/results.ts';

const result: Result = {
  name: 'register-20000',
  title: 'Registering 20,000 new partitions',
  peer: 'MSCK',
  rows: [
    judge(compare('registering', 'partitions/s', 1_500, 1_000), "2 times MSCK's rate", false),
    judge(compare('looking', 'ms', 50, 1_404.6), 'at least 20 times faster', true),
    { work: 'remote calls', unit: 'calls', ours: 14 },
  ],
  notes: ['Median of 3.'],
  date: '2019-09-01',
  versions: { Node: '24.0.0', Hive: '4.0.1' },
  machine: { cores: 2, processor: 'a processor', memory: 24, load: [0.5, 2.1] },
  command: 'make bench B=register-20000',
};

describe('the page of results', () => {
  const page = renderResults([result, { ...result, title: 'Registering 2,016 new partitions' }]);

  test('shows each row with how many times better we are, whichever way its unit counts', () => {
    expect(page).toContain(
      "| registering | 1,500 partitions/s | 1,000 partitions/s | 1.5× | 2 times MSCK's rate | **no** |",
    );
    expect(page).toContain('| looking | 50 ms | 1,405 ms | 28.1× | at least 20 times faster | yes |');
  });

  test('leaves blank what has no peer and no goal', () => {
    expect(page).toContain('| remote calls | 14 calls | – | – | – | – |');
  });

  test('says how, where and with what it was measured', () => {
    expect(page).toContain('- Median of 3.');
    expect(page).toContain(
      '- 2019-09-01, `make bench B=register-20000`, 2 cores (a processor), 24 GiB, load 0.5 to 2.1; Node 24.0.0, Hive 4.0.1.',
    );
  });

  test('names the peer of a row, and shows what is no figure', () => {
    const [first] = result.rows;
    const rows = [{ ...first, against: 'DuckDB' }] as Result['rows'];
    const tables = [{ title: 'What was changed.', head: ['writer', 'fields'], lines: [['DuckDB', '34 of 40']] }];
    const own = renderResults([{ ...result, rows, tables }]);
    expect(own).toContain('| registering, against DuckDB | 1,500 partitions/s |');
    expect(own).toContain('\nWhat was changed.\n\n| writer | fields |\n| --- | --- |\n| DuckDB | 34 of 40 |\n');
  });

  test('begins with when each was measured, how long it took, why it stands apart, and whether others wanted the machine', () => {
    const busy = { ...result, name: 'scale-files', title: "Scale: (1,000) files' size", seconds: 200 };
    const own = renderResults([result, { ...busy, machine: { ...busy.machine, load: [4.1, 2] } }]);
    expect(own).toContain(
      '| [Registering 20,000 new partitions](#registering-20000-new-partitions) | `register-20000` | 2019-09-01 | 0.5 to 2.1 | – |  |',
    );
    expect(own).toContain(
      "| [Scale: (1,000) files' size](#scale-1000-files-size) | `scale-files` | 2019-09-01 | **4.1 to 2** | 3 min 20 s | four sizes, the largest of 5,000 files |",
    );
    expect(own.indexOf('| `scale-files` |')).toBeLessThan(own.indexOf('## Registering'));
  });

  test('counts in its order of titles', () => {
    expect(page.indexOf('## Registering 2,016 new')).toBeLessThan(page.indexOf('## Registering 20,000 new'));
  });
});
