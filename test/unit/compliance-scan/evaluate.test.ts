import { describe, expect, test } from '@jest/globals';
import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import { tryExamples } from '#functions/compliance-scan/model/examples.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import { labelOf } from '#functions/compliance-scan/model/resource.ts';
import { defineRule, type Need, type Rule } from '#functions/compliance-scan/model/rule.ts';

const owned = defineRule({
  id: 'test-owned',
  version: 1,
  title: 'Things have an owner',
  why: 'Somebody must answer.',
  area: 'ownership',
  severity: 'medium',
  kinds: ['test.Thing'],
  remedy: 'Set the label owner.',
  judge(resource) {
    if (resource.labels === undefined) return { status: 'unknown', reason: `labels of ${resource.name} are unread` };
    const owner = labelOf(resource, 'owner');
    return owner === undefined
      ? { status: 'fail', reason: `${resource.name} has no owner` }
      : { status: 'pass', reason: `${owner} owns ${resource.name}` };
  },
  examples: [
    { shows: 'an owner', given: { labels: { owner: 'lake' } }, status: 'pass' },
    { shows: 'none', given: { labels: {} }, status: 'fail' },
    { shows: 'a label called like a method', given: { labels: { toString: 'x' } }, status: 'fail' },
    { shows: 'labels that nobody could read', given: {}, status: 'unknown' },
  ],
});

const fences: Need<string> = { kind: 'test.Fence', fact: ({ name }) => name, keys: ({ place }) => [place.field ?? ''] };

const fenced = defineRule({
  ...owned,
  id: 'test-fenced',
  needs: [fences],
  judge({ name, place }, look) {
    const around = look.related(fences, place.field ?? '');
    return around.length > 0
      ? { status: 'pass', reason: `${name} is fenced by ${around.join(', ')}` }
      : { status: 'fail', reason: `${name} has no fence` };
  },
  examples: [
    { shows: 'a fence', given: { place: { field: 'a' } }, beside: [{ place: { field: 'a' } }], status: 'pass' },
    {
      shows: 'a fence elsewhere',
      given: { place: { field: 'a' } },
      beside: [{ place: { field: 'b' } }],
      status: 'fail',
    },
  ],
});

const surroundings = { now: 0, ownerOf: () => undefined };
const active = (rule: Rule) => ({ rule, parameters: {}, severity: rule.severity });
const thing = (name: string, field: string, kind = 'test.Thing'): Resource => ({
  uid: `test/${kind}/${name}`,
  kind,
  scope: `test/${kind}`,
  name,
  place: { field },
  body: {},
});

describe('evaluation', () => {
  test.each([owned, fenced])('a rule lives up to its examples: $id', (rule) => {
    expect(tryExamples(rule)).toEqual([]);
  });

  test('a rule without a pass, a fail, or with a wrong example is told', () => {
    const [pass] = owned.examples;
    expect(tryExamples({ ...owned, examples: [] }).map(({ reason }) => reason)).toEqual([
      'no example shows a pass',
      'no example shows a fail',
    ]);
    expect(tryExamples({ ...owned, examples: [...owned.examples, { ...pass!, status: 'fail' }] })).toEqual([
      { rule: 'test-owned', example: 'an owner', reason: 'expected fail, the rule says pass: lake owns given' },
    ]);
  });

  test('rules with needs judge the same whatever order listings have', () => {
    const all = [thing('t1', 'a'), thing('t2', 'b'), thing('f2', 'a', 'test.Fence'), thing('f1', 'a', 'test.Fence')];
    const run = (resources: Resource[]): string[] => {
      const evaluation = new Evaluation([active(fenced)], surroundings);
      expect([...evaluation.kinds].toSorted()).toEqual(['test.Fence', 'test.Thing']);
      for (const resource of resources) expect(evaluation.add(resource)).toEqual([]);
      return [...evaluation.finish()].map(({ status, reason }) => `${status}: ${reason}`).toSorted();
    };
    expect(run(all)).toEqual(['fail: t2 has no fence', 'pass: t1 is fenced by f1, f2']);
    expect(run(all.toReversed())).toEqual(run(all));
  });

  test('something broken among what a rule needs, or in what it keeps, ends in unknown and error, and in no other verdict', () => {
    const torn: Need<string> = {
      ...fences,
      fact: ({ name }) => {
        if (name.startsWith('broken')) throw new TypeError('x is not iterable');
        return name;
      },
    };
    const rule = { ...fenced, needs: [torn] };
    const evaluation = new Evaluation([active(rule), active(owned)], surroundings);
    expect(evaluation.add(thing('broken-2', 'a', 'test.Fence'))).toEqual([]);
    expect(evaluation.add(thing('broken-1', 'a', 'test.Fence'))).toEqual([]);
    expect(evaluation.add(thing('t1', 'a'))).toMatchObject([{ rule: 'test-owned' }]);
    const [verdict] = [...evaluation.finish()];
    expect(verdict).toMatchObject({ status: 'unknown', reason: expect.stringContaining('test.Fence broken-1') });
    const trimming = {
      ...fenced,
      trim: () => {
        throw new TypeError('no body');
      },
    };
    const other = new Evaluation([active(trimming)], surroundings);
    expect(other.add(thing('t1', 'a'))).toMatchObject([{ status: 'error', reason: expect.stringContaining('t1') }]);
    expect([...other.finish()]).toEqual([]);
  });

  test('what a rule needs but could not be listed makes its verdicts unknown, never pass or fail', () => {
    const evaluation = new Evaluation([active(fenced)], surroundings);
    evaluation.add(thing('t1', 'a'));
    expect([...evaluation.finish(new Set(['test.Fence']))].map(({ status }) => status)).toEqual(['unknown']);
  });

  test.each([
    ['medium', undefined, 'medium'],
    ['medium', 'high', 'high'],
    ['low', undefined, 'low'],
    ['low', 'high', 'medium'],
    ['critical', 'high', 'critical'],
    ['info', 'low', 'info'],
  ] as const)('a rule set to %s makes of a failure of %s one of %s', (set, own, severity) => {
    const rule = { ...owned, judge: () => ({ status: 'fail', reason: 'r', ...(own && { severity: own }) }) as const };
    const [verdict] = new Evaluation([{ ...active(rule), severity: set }], surroundings).add(thing('t1', 'a'));
    expect(verdict?.severity).toBe(severity);
  });

  test('a rule that throws is an error of that rule, and the others go on', () => {
    const broken = {
      ...owned,
      judge() {
        throw new TypeError('password=hunter2');
      },
    };
    const verdicts = new Evaluation([active(broken), active(owned)], surroundings).add(thing('t1', 'a'));
    expect(verdicts.map(({ status, reason }) => [status, reason])).toEqual([
      ['error', 'rule test-owned failed on test.Thing t1: TypeError'],
      ['unknown', 'labels of t1 are unread'],
    ]);
  });
});
