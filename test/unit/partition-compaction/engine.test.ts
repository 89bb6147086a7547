import { describe, expect, test } from '@jest/globals';
import {
  digestStatements,
  type HiveTask,
  insertStatement,
  tableStatements,
} from '#functions/partition-compaction/engine/statements.ts';
import { settingsSchema, topicSettings } from '#functions/partition-compaction/config.ts';
import type { Rewrite } from '#functions/partition-compaction/plan-rewrites.ts';
import { RewriteBudget } from '#functions/partition-compaction/rewrite/budget.ts';
import { parseHiveType } from '#shared/parquet/hive-type.ts';

const task: HiveTask = {
  run: '0a1b',
  folder: "hdfs://lake/golden/it's",
  file: "hdfs://lake/golden/it's/a'; DROP TABLE t; --\\.parquet",
  target: "hdfs://lake/golden/it's/.lakewarden-engine-0a1b/rows",
  columns: [{ name: 'a`b', type: parseHiveType('int') }],
  codec: 'SNAPPY',
  blockSize: 1,
  replication: 1,
  groupBytes: 1,
};

test('names and paths end where they end, whatever they hold', () => {
  const statements = [...tableStatements(task), insertStatement(task), ...digestStatements(task)];
  for (const sql of statements) {
    const bare = sql.replaceAll(/`(?:[^`]|``)*`|'(?:[^'\\]|\\.)*'/g, '?');
    expect(bare).not.toMatch(/['"`;]|DROP|--/);
  }
});

test('tables are temporary, external, and never purged', () => {
  for (const sql of tableStatements(task)) {
    expect(sql).toMatch(/^CREATE TEMPORARY EXTERNAL TABLE /);
    expect(sql).toContain("'external.table.purge'='false'");
  }
});

describe('time', () => {
  const rewrite = (engine?: 'hive'): Rewrite => ({ file: { length: 1 << 20 }, ...(engine && { engine }) }) as Rewrite;

  test('a file is handed over only when the engine has all its time', () => {
    let left = 600_000;
    const budget = new RewriteBudget(1 << 30, () => left, 420);
    expect(budget.judge(rewrite('hive'))).toBe('now');
    left = 400_000;
    expect([budget.judge(rewrite('hive')), budget.judge(rewrite())]).toEqual(['later', 'now']);
    expect(new RewriteBudget(1 << 30, () => 300_000, 420).judge(rewrite('hive'))).toBe('never');
    expect(new RewriteBudget(1 << 30, undefined, 86_400).judge(rewrite('hive'))).toBe('now');
  });
});

test('without an engine nothing is handed over, and a topic may be left out', () => {
  const hdfs = { addresses: ['http://namenode:9870'], defaultFs: 'hdfs://lake' };
  const engine = { url: 'hive2://hive:10000' };
  const topics = { clicks: { deepMerge: { handOver: false } } };
  const handsOver = (more: object, topic: string): boolean =>
    topicSettings(settingsSchema.parse({ hdfs, topics, ...more }), topic).policy.deepMerge.handOver;
  expect([handsOver({}, 'orders'), handsOver({ engine }, 'orders'), handsOver({ engine }, 'clicks')]).toEqual([
    false,
    true,
    false,
  ]);
  expect(settingsSchema.safeParse({ hdfs, engine: { url: 'hive2://user:secret@hive:10000' } }).success).toBe(false);
});
