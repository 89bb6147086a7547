import { describe, expect, test } from '@jest/globals';
import { applyEdits } from '#functions/compliance-scan/remedy/edits.ts';
import { editManifest } from '#functions/compliance-scan/remedy/edit-manifest.ts';
import { repairResource } from '#functions/compliance-scan/remedy/repair.ts';
import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import type { Edit, Rule } from '#functions/compliance-scan/model/rule.ts';
import { kubernetesRules } from '#functions/compliance-scan/rules/kubernetes/kubernetes-rules.ts';

const surroundings = { now: 0, ownerOf: () => undefined };
const activate = (rule: Rule) => ({ rule, parameters: rule.parameters?.parse({}) ?? {}, severity: rule.severity });
const all = kubernetesRules.map(activate);

const resourceOf = (rule: Rule, example: Rule['examples'][number]): Resource => ({
  uid: 'kubernetes/test/x',
  kind: rule.kinds[0] ?? '',
  scope: 's',
  name: 'x',
  place: {},
  body: {},
  ...example.given,
});

const repairable = kubernetesRules.filter((rule) => rule.repair !== undefined);

describe('repairs', () => {
  test('exist', () => expect(repairable.length).toBeGreaterThanOrEqual(6));

  test.each(repairable.map((rule) => [rule.id, rule] as const))(
    '%s: what it repairs passes afterwards, and what passes needs no repair',
    (_, rule) => {
      let repaired = 0;
      for (const example of rule.examples) {
        const resource = resourceOf(rule, example);
        const { edits, after, mended } = repairResource(resource, [activate(rule)], surroundings);
        if (example.status === 'pass') expect(edits).toEqual([]);
        if (edits.length === 0) continue;
        repaired += 1;
        expect(mended.length).toBeGreaterThan(0);
        const verdicts = new Evaluation([activate(rule)], surroundings).add(after);
        expect(verdicts.map(({ status }) => status)).not.toContain('fail');
      }
      expect(repaired).toBeGreaterThan(0);
    },
  );

  test('that break another rule, or do not help, are left out', () => {
    const [first] = repairable;
    const example = first?.examples.find(({ status }) => status === 'fail');
    if (first === undefined || example === undefined) throw new Error('no rule');
    const resource = resourceOf(first, example);
    const useless: Rule = { ...first, repair: () => [{ path: ['spec', 'replicas'], value: 3 }] };
    expect(repairResource(resource, [activate(useless)], surroundings).edits).toEqual([]);
    const jealous: Rule = {
      ...first,
      id: 'test-as-it-was',
      judge: ({ body }) =>
        JSON.stringify(body) === JSON.stringify(resource.body)
          ? { status: 'pass', reason: 'as it was' }
          : { status: 'fail', reason: 'changed' },
    };
    const { edits, left } = repairResource(resource, [activate(first), activate(jealous)], surroundings);
    expect([edits, left.map(({ rule }) => rule)]).toEqual([[], [first.id]]);
  });
});

const manifest = `# The UI of Trino.
apiVersion: v1
kind: Service
metadata: { name: ui, namespace: lake }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: trino   # who else
  namespace: lake
spec:
  template:
    spec:
      containers:
      - name: main
        image: trino:1
        securityContext:
          # for a driver that is gone
          privileged: true
        args: ["a",  'b']
      - image: sidecar:1
        name: second
        securityContext: {runAsUser: 7}
`;

const trino = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'trino', namespace: 'lake' };

describe('a manifest that is changed', () => {
  const body = (text: string): object => ({ text });

  test('keeps comments, order and every line that need not change', () => {
    const container: Edit['path'] = ['spec', 'template', 'spec', 'containers', 0];
    const edits: Edit[] = [
      { path: [...container, 'securityContext', 'allowPrivilegeEscalation'], value: false },
      { path: [...container, 'securityContext', 'privileged'], value: false },
      { path: ['spec', 'template', 'spec', 'containers', 1, 'securityContext', 'runAsNonRoot'], value: true },
      { path: ['spec', 'template', 'spec', 'securityContext', 'seccompProfile', 'type'], value: 'RuntimeDefault' },
      { path: [...container, 'securityContext', 'capabilities'], value: { drop: ['ALL'] } },
    ];
    expect(editManifest(manifest, trino, edits)?.split('\n')).toEqual(
      manifest
        .replace(
          'privileged: true\n',
          'privileged: false\n          allowPrivilegeEscalation: false\n          capabilities:\n            drop:\n              - ALL\n',
        )
        .replace(
          '{runAsUser: 7}\n',
          '{runAsUser: 7, runAsNonRoot: true }\n      securityContext:\n        seccompProfile:\n          type: RuntimeDefault\n',
        )
        .split('\n'),
    );
  });

  test('loses a key and what is empty without it', () => {
    const path = ['spec', 'template', 'spec', 'containers', 0, 'securityContext', 'privileged'];
    expect(editManifest(manifest, trino, [{ path }])).toBe(
      manifest.replace(
        '        securityContext:\n          # for a driver that is gone\n          privileged: true\n',
        '',
      ),
    );
  });

  test.each([
    ['another object', manifest, { ...trino, name: 'hive' }, []],
    [
      'an item of a list',
      `apiVersion: v1\nkind: List\nitems:\n- ${manifest.split('---\n')[1]?.replaceAll('\n', '\n  ') ?? ''}`,
      trino,
      [],
    ],
    [
      'what stands behind an alias',
      'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nx: &x { privileged: true }\nother: *x\n',
      { apiVersion: 'v1', kind: 'Pod', name: 'a' },
      [{ path: ['other', 'privileged'], value: false }],
    ],
    ['no YAML', 'a: [', trino, []],
  ] as const)('is left to people where that is safer: %s', (_, text, object, edits) => {
    expect(editManifest(text, object, edits)).toBeUndefined();
  });

  test('is mended by all rules together, and says what is left', () => {
    const resource: Resource = {
      uid: 'u',
      kind: 'kubernetes.Deployment',
      scope: 's',
      name: 'trino',
      place: { namespace: 'lake' },
      labels: {},
      body: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'trino', namespace: 'lake' },
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'main', image: 'trino:1', securityContext: { privileged: true } },
                { name: 'second', image: 'sidecar:1', securityContext: { runAsUser: 7 } },
              ],
            },
          },
        },
      },
    };
    const { edits, mended, left } = repairResource(resource, all, surroundings);
    expect(mended.map(({ rule }) => rule)).toContain('kubernetes-no-privileged-containers');
    expect(left.map(({ rule }) => rule)).toContain('kubernetes-resource-limits');
    const text = editManifest(manifest, trino, edits);
    expect(text).toContain('type: RuntimeDefault');
    expect(text).not.toContain('privileged: true');
  });

  test('edits never reach what all objects share', () => {
    applyEdits(body('x'), [{ path: ['__proto__', 'polluted'], value: true }]);
    applyEdits(body('x'), [{ path: ['constructor', 'prototype', 'polluted'], value: true }]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
