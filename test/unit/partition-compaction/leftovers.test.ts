import { expect, test } from '@jest/globals';
import { array, assert, boolean, constantFrom, nat, option, property, record } from 'fast-check';
import { settingsSchema, topicSettings } from '#functions/partition-compaction/config.ts';
import { isHalfWritten, type LeftoverView, planLeftovers } from '#functions/partition-compaction/leftovers/leftover.ts';
import { leftoverPolicy } from '#functions/partition-compaction/leftovers/policy.ts';

const policy = leftoverPolicy.parse({ remove: true, secondLookSeconds: 60, maxFiles: 2, maxShare: 0.5 });
const about = { topic: 'clicks', path: '/golden/clicks/2019/09/01/00', now: 1_000_000, dataFiles: 3 };
const file = { name: '.a.inprogress.1', fileId: 7, length: 10, modificationTime: 5 };

const stateOf = (more: Partial<LeftoverView>, open: boolean | undefined = false): unknown =>
  planLeftovers({ policy, files: [{ ...file, open }], looks: [], begun: false, ...more }, about).plan.files[0]?.state;

test('a file is due when it was seen long enough ago, the same, and nobody has it open', () => {
  const looks = [{ ...file, seenAt: 940_000 }];
  expect(stateOf({ looks })).toBe('due');
  expect(stateOf({})).toBe('new');
  expect(stateOf({ looks: [{ ...file, seenAt: 940_001 }] })).toBe('waiting');
  for (const other of [{ fileId: 8 }, { length: 11 }, { modificationTime: 6 }, { name: '.b' }])
    expect(stateOf({ looks: [{ ...file, seenAt: 0, ...other }] })).toBe('new');
  expect(stateOf({ looks }, true)).toBe('open');
  expect(
    planLeftovers({ policy, files: [{ ...file, open: undefined }], looks, begun: true }, about).plan.files,
  ).toMatchObject([{ state: 'unknown' }]);
  expect(stateOf({ looks, policy: { ...policy, remove: false } })).toBe('kept');
});

test('never more are due than the limits allow', () => {
  const state = record({ fileId: nat(5), length: nat(1), modificationTime: nat(1) });
  const found = record({ state, open: option(boolean(), { nil: undefined }) });
  assert(
    property(
      array(found),
      array(record({ state, seenAt: constantFrom(0, 999_999) })),
      nat(4),
      (files, looks, dataFiles) => {
        const view = {
          policy,
          files: files.map(({ state: at, open }, index) => ({ ...at, name: `.${index % 3}`, open })),
          looks: looks.map(({ state: at, seenAt }, index) => ({ ...at, name: `.${index % 3}`, seenAt })),
          begun: true,
        };
        const { plan, problems } = planLeftovers(view, { ...about, dataFiles });
        const due = plan.files.filter((one) => one.state === 'due').length;
        expect(due).toBeLessThanOrEqual(Math.min(policy.maxFiles, policy.maxShare * (dataFiles + files.length)));
        if (plan.files.some((one) => one.state === 'refused'))
          expect(problems).toContainEqual(expect.objectContaining({ code: 'leftover.refused' }));
        expect(plan.files.length === due || problems.some(({ code }) => code === 'leftover.found')).toBe(true);
      },
    ),
  );
});

test('only hidden regular files that are not ours are half written', () => {
  const all = { ...policy, patterns: ['*'] };
  const isOne = (name: string, type: 'FILE' | 'DIRECTORY' | 'SYMLINK' = 'FILE'): boolean =>
    isHalfWritten({ name, type }, all);
  expect(isOne('.part.inprogress.1')).toBe(true);
  expect(isOne('part-0.parquet')).toBe(false);
  expect(isOne('.lakewarden-compaction')).toBe(false);
  expect([isOne('_temporary', 'DIRECTORY'), isOne('.link', 'SYMLINK')]).toEqual([false, false]);
});

test('a topic may have its own policy in part', () => {
  const hdfs = { addresses: ['http://namenode:9870'], defaultFs: 'hdfs://lake' };
  const settings = settingsSchema.parse({
    hdfs,
    leftovers: { graceSeconds: 7_200 },
    topics: { clicks: { leftovers: { remove: true } } },
  });
  expect(topicSettings(settings, 'clicks').leftovers).toMatchObject({
    remove: true,
    graceSeconds: 7_200,
    maxFiles: 100,
  });
  expect(topicSettings(settings, 'orders').leftovers).toMatchObject({ remove: false, graceSeconds: 7_200 });
  expect(settingsSchema.safeParse({ hdfs, leftovers: { graceSeconds: 60 } }).success).toBe(false);
});
