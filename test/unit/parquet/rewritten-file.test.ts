import { describe, expect, test } from '@jest/globals';
import { array, assert, asyncProperty, integer, nat } from 'fast-check';
import { deepMerge } from '#shared/parquet/deep-merge/merge.ts';
import { encodeFooter, encodeMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { type FileMetaData, readFooter } from '#shared/parquet/footer.ts';
import { judgeMerge } from '#shared/parquet/merge-key.ts';
import {
  countMergedGroups,
  fileEnd,
  findRewriteFault,
  isWithinSplits,
  type JudgedFooter,
} from '#shared/parquet/rewritten-file.ts';
import { bytesSource, parquetBytes } from '../../support/parquet-file.ts';

const columns = { id: 'int', name: 'string', tags: 'array<string>' };
const rows = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ id, name: id % 3 === 0 ? null : `n${id}`, tags: ['a', null] }));
const limits = { groupRows: 1_000, groupBytes: 1_000_000 };

async function rewrite(bytes: Uint8Array, options: object = limits): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await deepMerge([bytesSource(bytes)], { write: async (part) => void parts.push(part.slice()) }, options);
  return Buffer.concat(parts);
}

async function judge(bytes: Uint8Array): Promise<JudgedFooter> {
  const footer = await readFooter(bytesSource(bytes));
  return { footer, facts: judgeMerge('x', bytes.length, footer) };
}

test('for any row groups and limits, as many are foretold as a deep merge makes', async () => {
  await assert(
    asyncProperty(
      array(nat(6), { minLength: 1, maxLength: 12 }),
      integer({ min: 1, max: 12 }),
      nat(900),
      async (sizes, groupRows, groupBytes) => {
        const count = sizes.reduce((sum, size) => sum + size, 0);
        if (count === 0) return;
        const bytes = parquetBytes(columns, rows(count), { rowGroupSize: 1 + (sizes[0] ?? 0) });
        const { footer } = await judge(bytes);
        const foretold = countMergedGroups(footer.metadata.row_groups, { groupRows, groupBytes: 1 + groupBytes });
        const { facts } = await judge(await rewrite(bytes, { groupRows, groupBytes: 1 + groupBytes }));
        expect(facts.rowGroups).toBe(foretold);
      },
    ),
    { numRuns: 25, seed: 5 },
  );
});

describe('a file that was written anew', () => {
  const before = parquetBytes(columns, rows(40), { rowGroupSize: 5, indexes: true });
  const place = (bytes: Uint8Array, rowGroups = 1) => ({ position: 0, length: bytes.length, rowGroups });

  test('is the same table, and its footer stands right behind what it lists', async () => {
    const after = await rewrite(before);
    expect(findRewriteFault(await judge(before), await judge(after), place(after))).toBeUndefined();
    expect(fileEnd((await judge(after)).footer)).toBe(after.length);
  });

  test('is found whole by who knows the length of the old one, as long as the middle of each row group lies in that', async () => {
    const { footer } = await judge(parquetBytes({ id: 'int' }, rows(40), { rowGroupSize: 20 }));
    const last = footer.metadata.row_groups[1]?.columns[0]?.meta_data;
    const middle = Number(last?.data_page_offset) + Math.floor(Number(last?.total_compressed_size) / 2);
    expect([middle, middle + 1].map((length) => isWithinSplits(footer, length))).toEqual([false, true]);
  });

  test.each<[string, Uint8Array]>([
    ['its schema, writer or metadata', parquetBytes({ ...columns, id: 'bigint' }, [])],
    ['its schema, writer or metadata', parquetBytes(columns, rows(40), { keyValues: { a: 'b' } })],
    ['its schema, writer or metadata', parquetBytes(columns, rows(40), { createdBy: 'another' })],
    ['39 rows where 40', parquetBytes(columns, rows(39))],
    ['name has 13 nulls where 14', parquetBytes(columns, [...rows(39), { id: 39, name: 'x', tags: ['a', null] }])],
    [
      'tags.list.element has 79 values where 80',
      parquetBytes(columns, [...rows(39), { id: 39, name: null, tags: ['a'] }]),
    ],
  ])('is refused when %s', async (reason, other) => {
    const after = await rewrite(other);
    const fault = findRewriteFault(await judge(before), await judge(after), place(after));
    expect(fault).toContain(reason);
  });

  type Change = (metadata: FileMetaData) => void;
  const chunk = (metadata: FileMetaData, column: number) =>
    metadata.row_groups[0]?.columns[column] as FileMetaData['row_groups'][number]['columns'][number];
  test.each<[string, Change]>([
    ['what its footer lists', (metadata) => void (chunk(metadata, 2).offset_index_length = 1)],
    [
      'id has no page index',
      (metadata) => {
        delete chunk(metadata, 0).offset_index_offset;
      },
    ],
  ])('is refused when %s', async (reason, change) => {
    const after = await rewrite(before);
    const { footer } = await judge(after);
    change(footer.metadata);
    const data = after.subarray(0, after.length - footer.footerBytes - 8);
    const forged = Buffer.concat([data, encodeFooter(encodeMetadata(footer.metadata))]);
    expect(findRewriteFault(await judge(before), await judge(forged), place(forged))).toContain(reason);
  });

  test('is refused when it does not stand behind the old bytes, or has other row groups', async () => {
    const [was, after] = [await judge(before), await rewrite(before)];
    const is = await judge(after);
    expect(findRewriteFault(was, is, { ...place(after), position: 100 })).toContain('behind byte 100');
    expect(findRewriteFault(was, is, place(after, 2))).toContain('1 row groups, not 2');
  });
});
