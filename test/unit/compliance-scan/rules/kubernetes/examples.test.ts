import { describe, expect, test } from '@jest/globals';
import { kubernetesRules } from '#functions/compliance-scan/rules/kubernetes/kubernetes-rules.ts';
import { tryExamples } from '#functions/compliance-scan/model/examples.ts';

describe('rules about Kubernetes', () => {
  test.each(kubernetesRules.map((rule) => [rule.id, rule] as const))('%s lives up to its examples', (_, rule) => {
    expect(tryExamples(rule)).toEqual([]);
  });

  test('each has an id of its own, with its words in order', () => {
    const ids = kubernetesRules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^kubernetes-[a-z0-9-]+$/);
  });
});
