import { test, expect } from '@jest/globals';
import { LakewardenError, isError } from '#shared/errors/error.ts';

test('an error of ours is known by its code', () => {
  const error: unknown = new LakewardenError('hdfs.not_found', 'no such file /x', { details: { path: '/x' } });
  expect(isError(error)).toBe(true);
  expect(isError(error, 'hdfs.exists')).toBe(false);
  expect(isError(error, 'hdfs.exists', 'hdfs.not_found') && error.disposition).toBe('reject');
});

test('a foreign error becomes internal and keeps its cause', async () => {
  const { asError } = await import('#shared/errors/error.ts');
  const cause = new TypeError('x is not a function');
  expect(asError(cause)).toMatchObject({ code: 'internal', disposition: 'bug', cause });
});
