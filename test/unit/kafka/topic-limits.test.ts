import { expect, test } from '@jest/globals';
import { readLimits } from '#shared/kafka/topic-limits.ts';

const settings = {
  'cleanup.policy': 'compact,delete',
  'retention.ms': '604800000',
  'retention.bytes': '-1',
  'message.timestamp.type': 'LogAppendTime',
  'message.timestamp.difference.max.ms': '9223372036854775807',
  'max.message.bytes': '1048588',
  'min.insync.replicas': '2',
};
const read = (changed: Readonly<Record<string, string | null>> = {}) =>
  readLimits('clicks', new Map(Object.entries({ ...settings, ...changed })));

test('limits of brokers with one setting for old and young timestamps are read', () => {
  expect(read()).toEqual({
    compacts: true,
    deletes: true,
    retentionMs: 604_800_000n,
    retentionBytes: undefined,
    timestampType: 'append',
    oldestMs: undefined,
    youngestMs: undefined,
    maxBatchBytes: 1_048_588,
    minInSync: 2,
  });
  expect(read({ 'message.timestamp.difference.max.ms': '5' })).toMatchObject({ oldestMs: 5n, youngestMs: 5n });
});

test('a newer setting comes before the older one', () => {
  const newer = { 'message.timestamp.before.max.ms': '7', 'message.timestamp.after.max.ms': '3600000' };
  expect(read(newer)).toMatchObject({ oldestMs: 7n, youngestMs: 3_600_000n });
});

test.each([{ 'retention.ms': null }, { 'retention.ms': 'week' }, { 'max.message.bytes': '' }])(
  'what is missing or no number is no limit that is unknown: %j',
  (changed) => {
    expect(() => read(changed)).toThrow(expect.objectContaining({ code: 'kafka.protocol' }));
  },
);
