import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Status, Verdict } from '#functions/compliance-scan/model/verdict.ts';
import { type PlanContext, planScope, isAnything, type ScopeLook } from '#functions/compliance-scan/plan.ts';
import {
  changeState,
  emptyState,
  resourcesBetween,
  type ScopeState,
} from '#functions/compliance-scan/state/scope-state.ts';

const scope = 'test/one/test.Thing';
const hour = 3_600_000;

function verdict(name: string, status: Status = 'fail', more: Partial<Verdict> = {}): Verdict {
  const resource = { uid: `test/${name}`, kind: 'test.Thing', scope, name, place: {} };
  return { rule: 'rule-a', status, severity: 'high', reason: `${name} is open`, resource, ...more };
}

function look(verdicts: Verdict[], more: Partial<ScopeLook> = {}): ScopeLook {
  const seen = new Set(verdicts.map(({ resource }) => resource.uid));
  const judged = new Set(['rule-a', 'rule-b']);
  return { scope, kind: 'test.Thing', complete: true, whole: true, verdicts, seen, judged, ...more };
}

function context(now: number, more: Partial<PlanContext> = {}): PlanContext {
  const ruleVersions = new Map([
    ['rule-a', 1],
    ['rule-b', 1],
  ]);
  return { now, ruleVersions, waiverOf: () => undefined, keepResolvedMs: 100 * hour, ...more };
}

/** Looks one after the other, an hour between them; answers what happened at each. */
function live(...steps: { look: ScopeLook; more?: Partial<PlanContext> }[]): { told: string[][]; state: ScopeState } {
  let state = emptyState(scope, 'test.Thing');
  const told = steps.map((step, index) => {
    const folded = planScope(state, step.look, context((index + 1) * hour, step.more));
    state = changeState(state, folded.change);
    return folded.transitions.map(({ kind, because, finding }) =>
      [kind, because, finding.resource.name].filter((part) => part !== undefined).join(' '),
    );
  });
  return { told, state };
}

const only = ({ state: { findings } }: { state: ScopeState }) => [...findings.values()][0];

describe('findings', () => {
  test('are opened once, resolved by a pass, and reopened with their first time kept', () => {
    const lived = live(
      { look: look([verdict('a')]) },
      { look: look([verdict('a')]) },
      { look: look([verdict('a', 'pass')]) },
      { look: look([verdict('a')]) },
    );
    expect(lived.told).toEqual([['opened a'], [], ['resolved passes a'], ['reopened fails-again a']]);
    expect(only(lived)).toMatchObject({ state: 'open', firstSeen: hour, changed: 4 * hour, reopened: 1, revision: 3 });
    expect(only(lived)).not.toHaveProperty('because');
  });

  test('of a listing that broke off are not resolved, and what it did show is opened', () => {
    const broken = look([verdict('b')], { complete: false, whole: false });
    const lived = live({ look: look([verdict('a')]) }, { look: broken }, { look: look([]) });
    expect(lived.told).toEqual([['opened a'], ['opened b'], ['resolved gone a', 'resolved gone b']]);
  });

  test('of a listing that broke off are not even resolved by a pass that it showed', () => {
    const broken = look([verdict('a', 'pass')], { complete: false, whole: false });
    expect(live({ look: look([verdict('a')]) }, { look: broken }).told[1]).toEqual([]);
  });

  test('of rules that did not judge stay', () => {
    const unjudged = look([], { judged: new Set(['rule-b']), whole: false });
    expect(live({ look: look([verdict('a')]) }, { look: unjudged }).told[1]).toEqual([]);
  });

  test('of rules that are no longer used, and of listings nobody asks for, are resolved', () => {
    const more = { ruleVersions: new Map([['rule-b', 1]]) };
    expect(live({ look: look([verdict('a')]) }, { look: look([]), more }).told[1]).toEqual(['resolved rule-off a']);
    const gone = look([], { unlisted: true });
    expect(live({ look: look([verdict('a')]) }, { look: gone }).told[1]).toEqual(['resolved unlisted a']);
  });

  test('of a resource made anew under the same name are others', () => {
    const again = verdict('a', 'fail', { resource: { ...verdict('a').resource, uid: 'test/a-2' } });
    const lived = live({ look: look([verdict('a')]) }, { look: look([again]) });
    expect(lived.told[1]).toEqual(['opened a', 'resolved gone a']);
  });

  test('change by severity, reason, evidence and the version of the rule, not by the version of the resource', () => {
    const versioned = (version: string) => verdict('a', 'fail', { resource: { ...verdict('a').resource, version } });
    const ruleVersions = new Map([['rule-a', 2]]);
    const lived = live(
      { look: look([versioned('1')]) },
      { look: look([versioned('2')]) },
      { look: look([verdict('a', 'fail', { severity: 'low' })]) },
      { look: look([verdict('a', 'fail', { evidence: { port: 22 } })]) },
      { look: look([verdict('a')]) },
      { look: look([verdict('a')]), more: { ruleVersions } },
    );
    expect(lived.told).toEqual([['opened a'], [], ['changed a'], ['changed a'], ['changed a'], ['changed a']]);
    expect(only(lived)).toMatchObject({ firstSeen: hour, ruleVersion: 2 });
    expect(only(lived)).not.toHaveProperty('evidence');
  });

  test('that failed are not made less by what could not be judged, and the other way round they are', () => {
    const lived = live({ look: look([verdict('a')]) }, { look: look([verdict('a', 'unknown')]) });
    expect(lived.told[1]).toEqual([]);
    expect(only(lived)).toMatchObject({ status: 'fail' });
    const unknown = live({ look: look([verdict('a', 'error')]) }, { look: look([verdict('a')]) });
    expect(unknown.told).toEqual([['opened a'], ['changed a']]);
  });

  test('of parts of one resource live by themselves', () => {
    const parts = [verdict('a', 'fail', { part: 'tcp/22' }), verdict('a', 'fail', { part: 'tcp/3389' })];
    const lived = live({ look: look(parts) }, { look: look(parts.slice(0, 1)) });
    expect(lived.told).toEqual([['opened a', 'opened a'], ['resolved passes a']]);
  });

  test('an event about one resource touches only its own', () => {
    const other = look([verdict('b', 'pass')], { only: new Set(['test/b']), whole: false });
    const lived = live({ look: look([verdict('a'), verdict('b')]) }, { look: other });
    expect(lived.told[1]).toEqual(['resolved passes b']);
  });

  test('resources about which another run has told are left to it', () => {
    const aside = look([verdict('b')], { aside: new Set(['test/a', 'test/b']) });
    expect(live({ look: look([verdict('a')]) }, { look: aside }).told[1]).toEqual([]);
  });

  test('that were resolved long ago are forgotten', () => {
    const more = { keepResolvedMs: hour / 2 };
    const lived = live({ look: look([verdict('a')]) }, { look: look([]) }, { look: look([]), more });
    expect(lived.told[2]).toEqual([]);
    expect(lived.state.findings.size).toBe(0);
  });
});

describe('waivers', () => {
  const waived = { waiverOf: () => 'w1' };

  test('keep what would fail, and a finding reopens when they end, though nothing of the resource changed', () => {
    const lived = live(
      { look: look([verdict('a')]), more: waived },
      { look: look([verdict('a')]), more: waived },
      { look: look([verdict('a')]) },
    );
    expect(lived.told).toEqual([['waived a'], [], ['reopened waiver-ended a']]);
    expect(only(lived)).not.toHaveProperty('waiver');
  });

  test('begin and end also where a listing breaks off, and at events about other resources', () => {
    const broken = look([], { complete: false, whole: false });
    const other = look([], { only: new Set(['test/z']), whole: false });
    const lived = live({ look: look([verdict('a')]) }, { look: broken, more: waived }, { look: other });
    expect(lived.told).toEqual([['opened a'], ['waived a'], ['reopened waiver-ended a']]);
  });

  test('of a resolved finding are no matter', () => {
    const lived = live({ look: look([verdict('a')]), more: waived }, { look: look([]), more: waived });
    expect(lived.told[1]).toEqual(['resolved gone a']);
    expect(only(lived)).not.toHaveProperty('waiver');
  });
});

test('of 10,000 findings with one change, one is told and written', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `t${index}`);
  const first = planScope(emptyState(scope, 'test.Thing'), look(names.map((name) => verdict(name))), context(hour));
  const state = changeState(emptyState(scope, 'test.Thing'), first.change);
  const verdicts = names.map((name) => (name === 't7' ? verdict(name, 'fail', { severity: 'low' }) : verdict(name)));
  const second = planScope(state, look(verdicts), context(2 * hour));
  expect(second.transitions.map(({ finding }) => finding.resource.name)).toEqual(['t7']);
  expect(second.change.findings.size).toBe(1);
  expect(isAnything(planScope(changeState(state, second.change), look(verdicts), context(3 * hour)))).toBe(false);
});

test('any order of verdicts, and the same look twice, end in the same state', () => {
  const statuses = fc.constantFrom<Status>('pass', 'fail', 'error', 'unknown');
  const some = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), statuses), { maxLength: 6 });
  fc.assert(
    fc.property(some, some, (one, two) => {
      const looks = (pairs: [string, Status][]) =>
        look(pairs.map(([name, status]) => verdict(name, status, { reason: status })));
      const start = live({ look: looks(one) }).state;
      const after = planScope(start, looks(two), context(2 * hour));
      const state = changeState(start, after.change);
      expect(
        resourcesBetween(state, changeState(state, planScope(state, looks(two), context(3 * hour)).change)).size,
      ).toBe(0);
      const open = [...state.findings.values()].filter((finding) => finding.state === 'open');
      const failing = new Set(two.filter(([, status]) => status !== 'pass').map(([name]) => name));
      expect(new Set(open.map(({ resource }) => resource.name))).toEqual(failing);
    }),
  );
});
