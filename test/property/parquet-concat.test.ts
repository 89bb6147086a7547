import { expect, test } from '@jest/globals';
import { array, assert, asyncProperty, bigInt, boolean, constantFrom, nat, option, record, string } from 'fast-check';
import { openMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { concatFiles } from '../support/concat-files.ts';
import { bytesSource, parquetBytes } from '../support/parquet-file.ts';
import { readRows } from '../support/read-rows.ts';

const columns = { id: 'bigint', name: 'string', tags: 'array<string>', at: 'struct<x:int,y:array<int>>' };
const row = record({
  id: option(bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  name: option(string({ maxLength: 12 })),
  tags: option(array(option(string({ maxLength: 3 })), { maxLength: 3 })),
  at: option(record({ x: option(nat()), y: option(array(nat(), { maxLength: 3 })) })),
});
const options = record({
  codec: constantFrom('SNAPPY' as const, 'UNCOMPRESSED' as const),
  rowGroupSize: nat(9).map((size) => size + 1),
  pageSize: nat(60).map((size) => size + 1),
  indexes: boolean(),
});
const files = array(
  record({ rows: array(row, { maxLength: 30 }), options }).map((file) =>
    parquetBytes(columns, file.rows, file.options),
  ),
  { minLength: 1, maxLength: 6 },
);

test('files of any rows, pages and indexes are one file with the same rows, schema and pieces', async () => {
  await assert(
    asyncProperty(files, async (pieces) => {
      const { bytes, manifest } = await concatFiles(pieces);
      const rows = await Promise.all(pieces.map((piece) => readRows(piece)));
      expect(await readRows(bytes)).toEqual(rows.flat());
      expect(await readRows(bytes, { useOffsetIndex: true, columns: ['tags'] })).toEqual(
        rows.flat().map(({ tags }) => ({ tags })),
      );
      expect(manifest.pieces.map((piece) => piece.rows)).toEqual(rows.map(({ length }) => length));
      const schemas = await Promise.all(
        [bytes, ...pieces].map(async (piece) => {
          const { metadata } = openMetadata((await readFooter(bytesSource(piece))).bytes);
          return (metadata.get('schema')?.items ?? []).map((element) => Buffer.from(element.toBytes()).toString('hex'));
        }),
      );
      for (const schema of schemas) expect(schema).toEqual(schemas[0]);
    }),
    { numRuns: 60 },
  );
});
