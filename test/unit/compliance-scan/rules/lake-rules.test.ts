import { describe, expect, test } from '@jest/globals';
import { tryExamples } from '#functions/compliance-scan/model/examples.ts';
import { hdfsRules } from '#functions/compliance-scan/rules/hdfs/hdfs-rules.ts';
import { hiveRules } from '#functions/compliance-scan/rules/hive/hive-rules.ts';
import { kafkaRules } from '#functions/compliance-scan/rules/kafka/kafka-rules.ts';
import { lakeRules } from '#functions/compliance-scan/rules/lake/lake-rules.ts';

const rules = [...kafkaRules, ...hdfsRules, ...hiveRules, ...lakeRules];

test('no two rules about the lake share an id', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

describe('each rule judges its own examples as they say', () => {
  test.each(rules.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
    expect(tryExamples(rule)).toEqual([]);
  });
});
