import { expect, test } from '@jest/globals';
import { globSync, readdirSync, readFileSync } from 'node:fs';

const page = readFileSync('docs/observability.md', 'utf8');
const [, section = ''] = page.split('## Events are the audit');
const told = section.split('\n## ')[0] ?? '';
const names = (text: string): string[] => [...text.matchAll(/`([a-z-]+(?:\.[a-z-]+)+)`/g)].map(([, name = '']) => name);
const schemas = readdirSync('events').flatMap((file) => /^dev\.lakewarden\.(.+)\.schema\.json$/.exec(file)?.[1] ?? []);

test('every event of ours is told of among the effects, or among what changes nothing', () => {
  const ours = schemas.filter((name) => !name.endsWith('.resumed'));
  expect(
    names(told)
      .filter((name) => name.includes('.'))
      .toSorted(),
  ).toEqual(
    [...ours, 'sync.completed', 'scan.completed'].filter((name, index, all) => all.indexOf(name) === index).toSorted(),
  );
});

test('the function that is named for an effect sends its events', () => {
  const rows = [...told.matchAll(/^\| [^|]+ \| ([a-z-]+) \| (.+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(10);
  for (const [, name = '', events = ''] of rows) {
    const source = globSync(`functions/${name}/**/*.ts`)
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    // Of findings the last word is the kind of the transition.
    const missing = names(events).filter((event) =>
      event.startsWith('finding.') ? !source.includes('`finding.${kind}`') : !source.includes(`'${event}'`),
    );
    expect([name, missing]).toEqual([name, []]);
  }
});

test('every kind of change that metastore-sync counts is an effect with an event', () => {
  const metrics = readFileSync('functions/metastore-sync/metrics.ts', 'utf8');
  const kinds = [...metrics.matchAll(/effects\.inc\(\{ kind: '([a-z_]+)' \}/g)].map(([, kind]) => kind);
  const events: Readonly<Record<string, string>> = {
    table_created: 'table.created',
    table_evolved: 'table.evolved',
    partition_added: 'partitions.added',
    partition_changed: 'partitions.changed',
    partition_dropped: 'partitions.gone',
    partition_statistics: 'partitions.changed',
  };
  expect(kinds).toEqual(Object.keys(events));
  for (const event of Object.values(events)) expect(told).toContain(`| metastore-sync | \`${event}\``);
});
