import { expect, test } from '@jest/globals';
import { settingsSchema } from '#functions/partition-compaction/config.ts';

const hdfs = { addresses: ['http://namenode:9870'], defaultFs: 'hdfs://namenode:8020' };
const deepMerge = { swap: 'concat' };

test.each([{ deepMerge }, { topics: { clicks: { deepMerge } } }])(
  'a swap that may hide rows from queries with an old listing must be accepted by name: %j',
  (settings) => {
    const { error } = settingsSchema.safeParse({ hdfs, ...settings });
    expect(error?.issues.map(({ message }) => message)).toEqual([expect.stringContaining('acceptShortAnswers')]);
    expect(settingsSchema.safeParse({ hdfs, ...settings, acceptShortAnswers: true })).toMatchObject({ success: true });
  },
);
