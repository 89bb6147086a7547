import { describe, expect, test } from '@jest/globals';
import {
  nextOffset,
  openGaps,
  type Progress,
  readOffsetState,
  storeOffsets,
  formatOffsetState,
} from '#functions/metastore-sync/completeness/offset-state.ts';
import {
  accountOffsets,
  formatHeld,
  mergedOffsets,
  overlapsBetween,
  overlapsWithin,
  parseHeld,
  storedHeld,
} from '#functions/metastore-sync/completeness/offsets.ts';
import type { ViewedFile } from '#functions/metastore-sync/view.ts';
import type { Table } from '#shared/hive/metastore.ts';
import { type OffsetRanges, parseRanges } from '#shared/lake/offset-ranges.ts';
import { encodeManifest, type Piece } from '#shared/parquet/piece-manifest.ts';

/** A file of `clicks` by `partition+first+last`, with its rows when its footer was read. */
function file(name: string, rows?: number, topic = 'clicks'): ViewedFile {
  const full = /^\d/.test(name) ? `${topic}+${name}.parquet` : name;
  const footer = rows === undefined ? {} : { footer: { columns: [], rows, problems: [] } };
  return { name: full, path: `/golden/clicks/01/${full}`, length: 1, modificationTime: 1, ...footer };
}

const ranges = (text: string): OffsetRanges => parseRanges(text) ?? [];
const account = (files: readonly ViewedFile[], before?: string): string | undefined =>
  accountOffsets(files, 'clicks', before);

describe('what a partition holds', () => {
  test('is the union of its files for each Kafka partition, with their rows', () => {
    expect(account([file('1+0+9', 10), file('0+5+9', 5), file('0+0+4', 5), file('0+20+29', 8)])).toBe(
      '0:0-9,20-29/18;1:0-9/10',
    );
  });

  test('grows by new files, whose rows are added to those that were counted', () => {
    expect(account([file('0+0+9'), file('0+10+19', 10)], '0:0-9/9')).toBe('0:0-19/19');
    expect(account([file('0+0+9'), file('1+0+4', 5)], '0:0-9/9')).toBe('0:0-9/9;1:0-4/5');
    expect(account([file('0+0+9'), file('0+10+19', 10)])).toBe('0:0-19');
  });

  test('keeps what a file was merged of, although its name tells less, when the next file comes', () => {
    const pieces = [0, 1].map((partition) => ({ topic: 'clicks', partition, first: 0n, last: 9n, rows: 10 }));
    const merged = { ...file('1+0+9', 20), footer: { columns: [], rows: 20, problems: [], offsets: pieces } };
    const text = account([merged], '0:0-9/10;1:0-9/10');
    expect(text).toBe('0:0-9/10;1:0-9/10');
    expect(account([file('1+0+9'), file('1+10+19', 10)], text)).toBe('0:0-9/10;1:0-19/20');
  });

  test('shrinks when a file was taken out', () => {
    expect(account([file('0+10+19', 10)], '0:0-19/20')).toBe('0:10-19/10');
  });

  test('stays when somebody merged files into one without offsets', () => {
    expect(account([file('part-0.parquet', 20)], '0:0-19/20')).toBe('0:0-19');
    expect(account([file('part-0.parquet', 15), file('0+20+24', 5)], '0:0-19/20')).toBe('0:0-24');
    expect(account([file('part-0.parquet'), file('0+20+29', 10)], '0:0-19')).toBe('0:0-29');
  });

  test('is nothing where no name of the topic tells offsets', () => {
    expect(account([file('data.snappy.parquet', 5)])).toBeUndefined();
    expect(account([file('0+0+9', 10, 'other')])).toBeUndefined();
  });

  test('goes to a text and comes back; anything else is no such text', () => {
    const held = parseHeld('0:0-9,20-29/18;12:5');
    expect(held && formatHeld(held)).toBe('0:0-9,20-29/18;12:5');
    for (const text of ['?', 'x', '0:', '0:5-1', '0:1-2/', '0:1-2;', '0:1-2/x', ':1'])
      expect([text, parseHeld(text)]).toEqual([text, undefined]);
    expect(storedHeld('0:0-9')).toBe('0:0-9');
    expect(storedHeld('1'.repeat(4_000))).toBe('?');
  });
});

describe('a merged file', () => {
  const piece = (name: string, rows: number, made?: Piece['made']): Piece => ({
    name,
    length: 1,
    modificationTime: 1,
    accessTime: 1,
    fileId: 1,
    rows,
    ...(made && { made }),
  });
  const merged = (...pieces: Piece[]) => ({
    form: 'concat' as const,
    owner: 'o',
    group: 'g',
    permission: '644',
    replication: 1,
    acl: [],
    pieces,
  });
  const told = (text: string) => mergedOffsets(new Map([['lakewarden.pieces', text]]));

  test('has the offsets of its pieces, also of those that were merged before', () => {
    const inner = merged(piece('clicks+0+0+4.parquet', 5), piece('clicks+0+5+9.parquet', 4));
    const manifest = merged(piece('merged.parquet', 9, inner), piece('clicks+1+0+9.parquet', 10));
    expect(
      told(encodeManifest(manifest))?.map(({ partition, first, last, rows }) => [partition, first, last, rows]),
    ).toEqual([
      [0, 0n, 4n, 5],
      [0, 5n, 9n, 4],
      [1, 0n, 9n, 10],
    ]);
  });

  test('has none when a piece has none, or its list cannot be read', () => {
    expect(told(encodeManifest(merged(piece('a.parquet', 1), piece('clicks+1+0+9.parquet', 10))))).toBeUndefined();
    expect(told('{"version":9}')).toBeUndefined();
    expect(mergedOffsets(new Map())).toBeUndefined();
  });
});

describe('rows are there twice', () => {
  test('when two files of a folder share offsets', () => {
    const found = overlapsWithin([file('0+5+14', 10), file('0+0+9'), file('1+0+9'), file('0+15+20')], 'clicks');
    expect(found).toEqual([
      {
        partition: 0,
        offsets: '5-9',
        paths: ['/golden/clicks/01/clicks+0+0+9.parquet', '/golden/clicks/01/clicks+0+5+14.parquet'],
      },
    ]);
  });

  test.each([
    ['0:0-9/10', '0:5-14/10', ['5-9']],
    ['0:0-9/10', '0:5-14/5', []],
    ['0:0-9/10', '0:5-14', []],
    ['0:0-9/10', '0:10-14/5', []],
    ['0:0-9/10', '1:0-9/10', []],
    ['0:0-99/50', '0:10-109/50', []],
  ])('when two folders hold more rows than offsets: %s and %s', (a, b, offsets) => {
    const folders = [a, b].map((text, index) => ({
      path: `/${index}`,
      held: parseHeld(text) ?? new Map<number, never>(),
    }));
    expect(overlapsBetween(folders).map((overlap) => overlap.offsets)).toEqual(offsets);
  });
});

describe('the state of a table', () => {
  const table = (text: string, createTime = 7): Table => ({
    tableName: 'clicks',
    dbName: 'lake',
    createTime,
    parameters: new Map([['lakewarden.offsets', text]]),
  });
  const progress = (covered: string, lost = '', told = ''): Progress => ({
    covered: ranges(covered),
    lost: ranges(lost),
    told: ranges(told),
  });
  const stored = (own: Progress) => storeOffsets({ partitions: new Map([[0, own]]), lag: 0 });

  test('goes to the table and comes back, and belongs to no copy of the table', () => {
    const state = {
      partitions: new Map([
        [0, progress('0-9,20-29', '30-39', '10-19')],
        [1, progress('5')],
      ]),
      complete: '2019-09-01T01',
      lag: 2,
    };
    const text = formatOffsetState(storeOffsets(state), table(''));
    expect(readOffsetState(table(text))).toEqual(state);
    expect(readOffsetState(table(text, 8))).toBeUndefined();
  });

  test.each(['', '{}', 'null', '{"partitions":{"0":["x"]},"table":7}', '{"partitions":7,"table":7', '[]'])(
    'is unknown when somebody wrote %s',
    (text) => expect(readOffsetState(table(text))).toBeUndefined(),
  );

  test('says up to where all is queryable or lost', () => {
    expect(nextOffset(progress(''))).toBeUndefined();
    expect(nextOffset(progress('5-9'))).toBe(10n);
    expect(nextOffset(progress('5-9,20-29', '0-2,10-19'))).toBe(30n);
    expect(nextOffset(progress('5-9,20-29', '10-18'))).toBe(19n);
    expect(openGaps(progress('5-9,20-29,40-49', '10-19'))).toEqual(ranges('30-39'));
  });

  test('misses the first offsets when they went', () => {
    const beheaded = { ...progress('10-19'), first: 0n };
    expect([openGaps(beheaded), nextOffset(beheaded)]).toEqual([ranges('0-9'), 0n]);
    expect(nextOffset({ ...beheaded, lost: ranges('0-9') })).toBe(20n);
    expect(stored(beheaded).partitions['0']).toEqual(['10-19', '', '', '0']);
    expect(stored({ ...progress('0-19'), first: 0n }).partitions['0']).toEqual(['0-19']);
  });

  test('has a bounded length: the oldest gaps are given up, the oldest losses forgotten', () => {
    const many = Array.from({ length: 200 }, (_, index) => `${index * 10}-${index * 10 + 4}`).join(',');
    const [covered = '', lost = ''] = stored(progress(many)).partitions['0'] ?? [];
    const [own, given] = [ranges(covered), ranges(lost)];
    expect(given).toHaveLength(32);
    expect(openGaps({ covered: own, lost: given, told: [] })).toHaveLength(64);
    expect(nextOffset({ covered: own, lost: given, told: [] })).toBe(BigInt((200 - 64 - 1) * 10 + 5));
    // Given up once, it stays so.
    expect(stored(progress(covered, lost)).partitions['0']).toEqual([covered, lost]);
  });

  test('forgets that a gap was told once it was filled', () => {
    expect(stored(progress('0-29', '', '10-19')).partitions['0']).toEqual(['0-29']);
  });
});
