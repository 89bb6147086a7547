import { describe, expect, test } from '@jest/globals';
import { decodeManifest, encodeManifest, type PieceManifest, writtenPieces } from '#shared/parquet/piece-manifest.ts';

const piece = (name: string, rows: number) => ({
  name,
  length: 88_000,
  modificationTime: 1_567_300_000_123,
  accessTime: 0,
  fileId: 16_401,
  rows,
});
const inner: PieceManifest = {
  form: 'concat',
  owner: 'connect',
  group: 'lake',
  permission: '640',
  replication: 3,
  acl: ['user:alice:r--'],
  pieces: [piece('clicks+0+10+19.parquet', 10), piece('ü, "+1+0+4.parquet', 5)],
};
const outer: PieceManifest = {
  ...inner,
  form: 'rewritten',
  acl: [],
  pieces: [piece('clicks+0+0+9.parquet', 10), { ...piece('clicks+0+10+19.parquet', 15), made: inner }],
};

describe('the list of pieces', () => {
  test('is read as it was written', () => {
    expect(decodeManifest(encodeManifest(inner))).toEqual(inner);
    expect(decodeManifest(encodeManifest(outer))).toEqual(outer);
  });

  test('tells each written file with the place of its rows, also after several merges', () => {
    expect([...writtenPieces(outer)].map(({ name, firstRow, rows }) => [name, firstRow, rows])).toEqual([
      ['clicks+0+0+9.parquet', 0, 10],
      ['clicks+0+10+19.parquet', 10, 10],
      ['ü, "+1+0+4.parquet', 20, 5],
    ]);
  });

  test('costs few bytes for each piece', () => {
    const pieces = Array.from({ length: 1_000 }, (_, index) => piece(`clicks+0+${index}+${index}.parquet`, 9));
    expect(encodeManifest({ ...inner, pieces }).length).toBeLessThan(70_000);
  });

  const text = encodeManifest(inner);
  test.each([
    '',
    '{}',
    'null',
    text.slice(0, -1),
    text.replace('"version":1', '"version":2'),
    text.replace('concat', 'other'),
    text.replace('88000', '-1'),
    text.replace('88000', '"88000"'),
    text.replace(/"pieces":.*\]/, '"pieces":[]'),
  ])('that is none is refused: %s', (broken) => {
    expect(() => decodeManifest(broken)).toThrow(expect.objectContaining({ code: 'parquet.corrupt' }));
  });
});
