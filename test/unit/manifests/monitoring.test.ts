import { beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KnownMetric, readAllMetrics } from '../../support/all-metrics.ts';
import { functionNames, readFolder, repository } from '../../support/manifests.ts';
import { snippetsIn } from '../../support/snippets.ts';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const folder = 'components/monitoring';
const rules = readFolder(folder)
  .filter(({ kind }) => kind === 'PrometheusRule')
  .flatMap(({ spec }) => (spec as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules));
const alerts = rules.filter((rule) => rule.alert !== undefined);
let known: Map<string, KnownMetric>;
beforeAll(async () => {
  known = await readAllMetrics();
});

describe('the metrics of all functions', () => {
  test('are named as Prometheus wants it: our prefix, the base unit, and _total for counters alone', () => {
    const odd = [...known.values()].filter(({ name, type }) => {
      if (!/^lakewarden_[a-z]+(_[a-z]+)*$/.test(name)) return true;
      if (/_(milliseconds|ms|minutes|hours|days|kb|mb|kilobytes|count|sum|bucket)\b/.test(name)) return true;
      if (type === 'histogram' && !/_(seconds|bytes)$/.test(name)) return true;
      return (type === 'counter') !== name.endsWith('_total');
    });
    expect(odd).toEqual([]);
  });

  test('say in one sentence what they count', () => {
    const odd = [...known.values()].filter(({ help }) => help.length < 10 || help.endsWith('.') || /\n/.test(help));
    expect(odd).toEqual([]);
  });

  test('have labels of closed lists only: none is a path, a partition, an id or a text of a sender', () => {
    const closed = [
      'result',
      'status',
      'system',
      'operation',
      'trigger',
      'signal',
      'kind',
      'severity',
      'concern',
      'class',
    ];
    const more = ['change', 'code', 'end', 'state', 'area', 'complete'];
    // Topics are as many as the lake has, and no more than 1,000 are told; event types are ours.
    const bounded = ['topic', 'type'];
    const used = new Set([...known.values()].flatMap(({ labels }) => labels));
    expect([...used].filter((label) => ![...closed, ...more, ...bounded].includes(label) && label !== 'le')).toEqual(
      [],
    );
  });

  test('stand in the tables of the documentation, with their labels, and nothing else does', () => {
    const shown = (text: string): string[] =>
      [...text.matchAll(/^\| `(lakewarden_[a-z_]+(?:\{[a-z,]+\})?)` \|/gm)].map(([, name = '']) => name);
    const common = [...known.values()].filter(({ functions }) => functions.length === functionNames.length);
    const write = ({ name, labels }: KnownMetric): string => {
      const own = labels.filter((label) => label !== 'le');
      return own.length === 0 ? name : `${name}{${own.join(',')}}`;
    };
    expect(shown(read('docs/observability.md')).toSorted()).toEqual(common.map(write).toSorted());
    for (const name of functionNames) {
      const own = [...known.values()].filter((metric) => metric.functions.includes(name) && !common.includes(metric));
      expect([name, shown(read(`functions/${name}/README.md`)).toSorted()]).toEqual([name, own.map(write).toSorted()]);
    }
  });
});

describe('alerts and the dashboard', () => {
  const base = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');

  test('ask for metrics that are registered, and recorded ones that are recorded, each of which is used', () => {
    const dashboard = read(`manifests/${folder}/dashboard.json`);
    const recorded = rules.flatMap(({ record }) => record ?? []);
    const asked = [...rules.map(({ expr }) => expr), dashboard].join('\n');
    const names = [...new Set(asked.match(/\blakewarden_[a-z_]+/g))];
    expect(names.filter((name) => !known.has(name) && !known.has(base(name)))).toEqual([]);
    expect([...new Set(asked.match(/\blakewarden:[\w:]+/g))].toSorted()).toEqual(recorded.toSorted());
    for (const name of recorded) expect(asked.split(name).length).toBeGreaterThan(1);
  });

  test.each(alerts.map((rule) => [rule.alert, rule] as const))(
    '%s has a severity, a summary and a runbook',
    (name, rule) => {
      expect(['critical', 'warning', 'info']).toContain(rule.labels?.['severity']);
      expect(rule.annotations?.['summary']?.length).toBeGreaterThan(20);
      expect(rule.annotations?.['runbook_url']).toMatch(new RegExp(`/docs/runbooks/${name}\\.md$`));
      const page = read(`docs/runbooks/${name}.md`);
      expect([...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
        'What it means',
        'What breaks when it is ignored',
        'How to look',
        'How to mend it',
        'How to be sure',
      ]);
      expect(page).toContain(`Severity: ${rule.labels?.['severity']}.`);
      expect(read('docs/runbooks/README.md')).toContain(`| [${name}](${name}.md) | ${rule.labels?.['severity']} |`);
    },
  );

  test('every runbook has its alert', () => {
    const pages = readdirSync(join(repository, 'docs/runbooks')).filter((name) => name !== 'README.md');
    expect(pages.toSorted()).toEqual(alerts.map(({ alert }) => `${alert}.md`).toSorted());
  });
});

test('the queries on our pages ask for metrics that we have', () => {
  const asked = snippetsIn('promql').flatMap(({ code }) => code.match(/\blakewarden_\w+/g) ?? []);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter((name) => !known.has(name))).toEqual([]);
});
