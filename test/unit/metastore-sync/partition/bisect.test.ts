import { describe, expect, test } from '@jest/globals';
import { bisect } from '#functions/metastore-sync/partition/bisect.ts';
import { LakewardenError } from '#shared/errors/error.ts';

const refusal = new LakewardenError('metastore.invalid', 'refused');

function refused(): never {
  throw new Error('nothing should be refused');
}

describe('bisect', () => {
  test('does all that is not refused, and tells what is to blame', async () => {
    const blamed: number[] = [];
    const work = (batch: readonly number[]): Promise<readonly number[]> =>
      batch.some((item) => item % 5 === 0) ? Promise.reject(refusal) : Promise.resolve(batch);
    const done = await bisect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], work, (item, error) => {
      expect(error).toBe(refusal);
      blamed.push(item);
    });
    expect(done.flat().toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
    expect(blamed.toSorted((a, b) => a - b)).toEqual([5, 10]);
  });

  test('asks a second time for a single item, which may have collided with the work of others', async () => {
    let asked = 0;
    const work = (batch: readonly string[]): Promise<number> => {
      asked += 1;
      return asked === 1 ? Promise.reject(refusal) : Promise.resolve(batch.length);
    };
    await expect(bisect(['a'], work, refused)).resolves.toEqual([1]);
    expect(asked).toBe(2);
  });

  test('throws passing trouble and bugs at once', async () => {
    let asked = 0;
    const trouble = new LakewardenError('metastore.unavailable', 'gone');
    const work = (): Promise<never> => {
      asked += 1;
      return Promise.reject(trouble);
    };
    await expect(bisect([1, 2], work, refused)).rejects.toBe(trouble);
    expect(asked).toBe(1);
  });

  const many = Array.from({ length: 500 }, (_, index) => index);

  test('takes refusals of all for trouble of the service, long before it has asked for each', async () => {
    let asked = 0;
    const work = (): Promise<never> => {
      asked += 1;
      return Promise.reject(refusal);
    };
    await expect(bisect(many, work, () => {})).rejects.toMatchObject({
      code: 'metastore.unavailable',
      message: expect.stringMatching(/in trouble itself: refused$/),
    });
    expect(asked).toBeLessThan(64);
  });

  test.each([0, 100, 300])('finds the good ones before and after 200 bad neighbours from %d on', async (from) => {
    const isBad = (item: number): boolean => item >= from && item < from + 200;
    const work = (batch: readonly number[]): Promise<readonly number[]> =>
      batch.some(isBad) ? Promise.reject(refusal) : Promise.resolve(batch);
    const blamed: number[] = [];
    const done = await bisect(many, work, (item) => void blamed.push(item));
    expect(done.flat()).toHaveLength(300);
    expect(blamed.toSorted((a, b) => a - b)).toEqual(many.filter(isBad));
  });
});
