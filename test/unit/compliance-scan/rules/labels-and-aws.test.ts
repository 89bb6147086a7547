import { describe, expect, test } from '@jest/globals';
import { tryExamples } from '#functions/compliance-scan/model/examples.ts';
import { awsRules } from '#functions/compliance-scan/rules/aws/aws-rules.ts';
import { judgeLabel } from '#functions/compliance-scan/rules/labels/judge-label.ts';
import { labelRules } from '#functions/compliance-scan/rules/labels/label-rules.ts';
import { requiredLabels } from '#functions/compliance-scan/rules/labels/required-labels.ts';

test.each([...awsRules, ...labelRules])('$id lives up to its examples', (rule) => {
  expect(tryExamples(rule)).toEqual([]);
});

describe('a label', () => {
  test.each<[Record<string, string>, string | undefined]>([
    [{ owner: 'lake' }, undefined],
    [{ owner: 'none-of-your-business' }, undefined],
    [{}, 'missing'],
    [{ 'aws:owner': 'x', team: 'lake' }, 'missing'],
    [{ owner: '' }, 'blank'],
    [{ owner: ' \t' }, 'blank'],
    ...['todo', 'None', 'unknown', '-', 'N/A', 'tbd', ' TODO '].map((owner): [Record<string, string>, string] => [
      { owner },
      'placeholder',
    ]),
    [{ Owner: 'lake' }, 'written-differently'],
    [{ 'o-wner': 'lake' }, 'written-differently'],
    [JSON.parse('{"__proto__": "x"}') as Record<string, string>, 'missing'],
  ])('%j is %s', (labels, fault) => {
    expect(judgeLabel({ name: 'owner' }, labels)?.fault).toBe(fault);
  });

  test.each([
    ['tool-box', 'toolbox', 'written-differently'],
    ['toString', 'x', 'missing'],
    ['__proto__', 'x', 'missing'],
    ['aws:createdBy', 'aws:createdBy', 'missing'],
  ])('%s is not found as %s: %s', (name, other, fault) => {
    expect(judgeLabel({ name }, { [other]: 'value' })?.fault).toBe(fault);
  });

  test('values may be a list or a pattern', () => {
    expect(judgeLabel({ name: 'stage', allowed: ['prod'] }, { stage: 'Prod' })?.fault).toBe('not-allowed');
    expect(judgeLabel({ name: 'cost', pattern: 'cc-????' }, { cost: 'cc-1234' })).toBeUndefined();
    expect(judgeLabel({ name: 'cost', pattern: 'cc-????' }, { cost: '1234' })?.fault).toBe('not-allowed');
  });
});

describe('required labels', () => {
  const judge = (resource: object, parameters: object = {}) =>
    requiredLabels.judge(
      { uid: 'u', kind: 'aws.Volume', scope: 's', name: 'vol-1', place: {}, body: {}, ...resource },
      { parameters: requiredLabels.parameters?.parse(parameters), now: 0, related: () => [] },
    );

  test('each missing label is a finding of its own', () => {
    const given = { requiredLabels: [{ name: 'owner' }, { name: 'stage' }, { name: 'cost' }] };
    expect(judge({ labels: { stage: 'prod', Cost: '1' } }, given)).toMatchObject([
      { status: 'fail', part: 'owner', evidence: { fault: 'missing' } },
      { status: 'fail', part: 'cost', evidence: { fault: 'written-differently', found: 'Cost' } },
    ]);
  });

  test('an own label counts more than that of the place', () => {
    const given = { inheritedLabels: [{ place: { account: '1*' }, labels: { owner: 'lake' } }] };
    expect(judge({ labels: {}, place: { account: '12' } }, given)).toMatchObject({ status: 'pass' });
    expect(judge({ labels: {}, place: { account: '21' } }, given)).toMatchObject([{ status: 'fail' }]);
    expect(judge({ labels: { owner: 'todo' }, place: { account: '12' } }, given)).toMatchObject([{ status: 'fail' }]);
  });

  test('what the system makes for itself is left out, and a topic without a registry of labels too', () => {
    const inSystem = { kind: 'kubernetes.Deployment', labels: {}, place: { namespace: 'kube-system' } };
    expect(judge(inSystem)).toEqual([]);
    expect(judge({ kind: 'kubernetes.Namespace', name: 'default', labels: {} })).toEqual([]);
    expect(judge({ kind: 'kafka.Topic' })).toEqual([]);
    expect(judge({ kind: 'kubernetes.Deployment', labels: {}, place: { namespace: 'default' } })).toMatchObject([
      { status: 'fail' },
    ]);
  });
});
