import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { functionNames, ofKind, readFolder, repository, type With } from '../../support/manifests.ts';
import { passes, type TriggerSpec } from '../../support/trigger-filter.ts';

interface FuncYaml {
  readonly deploy: { readonly subscriptions: { readonly source: string; readonly filters: Record<string, string> }[] };
}

const triggers: With<TriggerSpec & { readonly broker: string }>[] = ofKind(readFolder('base/eventing'), 'Trigger');
const readSubscriptions = (name: string): FuncYaml['deploy']['subscriptions'] =>
  (parse(readFileSync(join(repository, 'functions', name, 'func.yaml'), 'utf8')) as FuncYaml).deploy.subscriptions;

/** Filters of a Trigger that func can say as well: exact ones that stand alone, or of which one must hold. */
function exactFilters({ filters }: TriggerSpec): Record<string, string>[] {
  if (filters.length !== 1) return [];
  const [filter] = filters as [{ exact?: Record<string, string>; any?: { exact?: Record<string, string> }[] }];
  return [filter, ...(filter.any ?? [])].flatMap(({ exact }) => (exact === undefined ? [] : [exact]));
}

test.each(functionNames)('func subscribes %s to events that its Triggers let through, too', (name) => {
  const ours = triggers.filter(({ spec }) => spec.subscriber.ref.name === name);
  const beyond = readSubscriptions(name).filter(
    ({ source, filters }) =>
      !ours.some(({ spec }) => spec.broker === source && passes(spec.filters, { source: '/a/writer', ...filters })),
  );
  expect(beyond).toEqual([]);
});

test.each(functionNames)('and to all that name whole types of events for %s, and leave nothing out', (name) => {
  const ours = triggers.filter(({ spec }) => spec.subscriber.ref.name === name);
  const wanted = ours.flatMap(({ spec }) => exactFilters(spec));
  expect(wanted.length).toBeGreaterThan(2);
  const said = readSubscriptions(name).map(({ filters }) => filters);
  expect(said).toEqual(expect.arrayContaining(wanted));
});
