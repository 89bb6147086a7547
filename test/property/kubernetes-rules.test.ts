import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import { builtInTypes } from '#functions/compliance-scan/inventory/kubernetes/kinds.ts';
import { normaliseObject } from '#functions/compliance-scan/inventory/kubernetes/normalise.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import type { Verdict } from '#functions/compliance-scan/model/verdict.ts';
import { kubernetesRules } from '#functions/compliance-scan/rules/kubernetes/kubernetes-rules.ts';

function judge(resources: readonly Resource[]): Verdict[] {
  const active = kubernetesRules.map((rule) => ({
    rule,
    parameters: rule.parameters?.parse({}) ?? {},
    severity: rule.severity,
  }));
  const evaluation = new Evaluation(active, { now: 0, ownerOf: () => undefined });
  return [...resources.flatMap((resource) => evaluation.add(resource)), ...evaluation.finish()];
}

const types = [...builtInTypes.values()];
// Words of real objects at places where they do not belong find more than letters do.
const words = fc.constantFrom(
  ...'containers template spec ports hostPort env name value ingress from ipBlock cidr rules subjects kind tls hosts'.split(
    ' ',
  ),
  ...'securityContext capabilities drop managedFields fieldsV1 labels annotations ownerReferences volumes hostPath'.split(
    ' ',
  ),
);
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, -1, '', '0.0.0.0/0', 'ALL', 'LoadBalancer', '*'),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(words, tie('node'), { maxKeys: 5 }),
  ),
})).node;

const objects = fc.record({
  type: fc.constantFrom(...types),
  spec: tree,
  rest: fc.dictionary(words, tree, { maxKeys: 4 }),
  metadata: fc.dictionary(words, tree, { maxKeys: 3 }),
});

describe('rules about Kubernetes', () => {
  test('stumble over no object so that others go unjudged, and give no pass for what they stumbled over', () => {
    const sound = normaliseObject(
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'sound', namespace: 'lake' }, spec: { type: 'NodePort' } },
      { cluster: 'c', scope: 's' },
    );
    fc.assert(
      fc.property(objects, ({ type, spec, rest, metadata }) => {
        const raw = {
          ...rest,
          apiVersion: type.apiVersion,
          kind: type.kind,
          metadata: { ...metadata, name: 'odd', namespace: 'lake' },
          spec,
        };
        const odd = normaliseObject(raw, { cluster: 'c', scope: 's' });
        if (odd === undefined || sound === undefined) throw new Error('no object');
        const verdicts = judge([odd, sound]);
        expect(
          verdicts.some(
            ({ rule, resource, status }) =>
              rule === 'kubernetes-no-node-ports' && resource.name === 'sound' && status === 'fail',
          ),
        ).toBe(true);
        for (const { status, reason } of verdicts) expect([typeof status, typeof reason]).toEqual(['string', 'string']);
      }),
      { numRuns: 400 },
    );
  });

  test('come to an end on texts that are made to keep them busy', () => {
    const long = 500_000;
    const texts = [
      `<property><name>${' '.repeat(long)}`,
      '\n'.repeat(long),
      `coordinator${' '.repeat(long)}`,
      '<name>a</name> '.repeat(long / 20),
      `a${'='.repeat(long)}`,
      `-----BEGIN ${'A '.repeat(long / 2)}`,
    ];
    for (const text of texts) {
      const configMap = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'c', namespace: 'lake' },
        data: { 'config.properties': text },
      };
      const containers = [
        { name: text.slice(0, 60), args: [text], env: [{ name: 'A_PASSWORD', value: text }], image: text },
      ];
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'lake' }, spec: { containers } };
      const resources = [configMap, pod]
        .map((object) => normaliseObject(object, { cluster: 'c', scope: 's' }))
        .filter((one) => one !== undefined);
      expect(judge(resources).filter(({ status }) => status === 'error')).toEqual([]);
    }
  }, 30_000);
});
