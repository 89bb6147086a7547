import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isError } from '#shared/errors/error.ts';
import { pageHeader } from '#shared/parquet/footer-codec/page-header.ts';
import { WireReader } from '#shared/parquet/footer-codec/wire.ts';
import { deepMergeFiles } from '../support/deep-merge-files.ts';
import { Dice } from '../support/dice.ts';
import { metadataOf } from '../support/page-index.ts';

const folder = new URL('../fixtures/deep-merge/', import.meta.url);
const sets = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** The largest file of a set. */
function fileOf(set: string): Uint8Array {
  const files = readdirSync(new URL(`${set}/`, folder)).map((name) => readFileSync(new URL(`${set}/${name}`, folder)));
  return new Uint8Array(files.reduce((largest, file) => (file.length > largest.length ? file : largest)));
}

/** How often each place is damaged; more often where LAKEWARDEN_EVERY_FAULT is set. */
const rounds = process.env['LAKEWARDEN_EVERY_FAULT'] === undefined ? 4 : 24;

interface Region {
  readonly start: number;
  readonly end: number;
}

/** Where the headers and the bodies of all pages stand, and the footer with what is behind it. */
function regionsOf(file: Uint8Array): { headers: Region[]; bodies: Region[]; footer: Region } {
  const headers: Region[] = [];
  const bodies: Region[] = [];
  for (const { columns } of metadataOf(file).row_groups)
    for (const { meta_data: data } of columns) {
      const start = Number(data?.dictionary_page_offset ?? data?.data_page_offset);
      const reader = new WireReader(file.subarray(0, start + Number(data?.total_compressed_size)));
      reader.at = start;
      while (reader.at < reader.bytes.length) {
        const at = reader.at;
        const { compressed_page_size: size } = pageHeader.read(reader, 0);
        headers.push({ start: at, end: reader.at });
        bodies.push({ start: reader.at, end: reader.at + size });
        reader.advance(size);
      }
    }
  const length = new DataView(file.buffer, file.length - 8).getUint32(0, true);
  return { headers, bodies, footer: { start: file.length - 8 - length, end: file.length } };
}

/** Merges a damaged file: it is refused by its name, or what comes of it is a whole file with the rows that it claims. */
async function mergeDamaged(file: Uint8Array): Promise<'whole' | 'refused'> {
  const outcome: unknown = await deepMergeFiles([file]).catch((error: unknown) => error);
  if (!(outcome instanceof Uint8Array)) {
    if (!isError(outcome)) throw outcome;
    expect(outcome.code).toMatch(/^parquet\./);
    expect(outcome.message).toContain('/golden/clicks/0.parquet');
    return 'refused';
  }
  const again = await deepMergeFiles([outcome]);
  expect(metadataOf(again).num_rows).toBe(metadataOf(outcome).num_rows);
  return 'whole';
}

function damage(file: Uint8Array, { start, end }: Region, dice: Dice): Uint8Array {
  const bad = file.slice();
  const at = start + dice.below(end - start);
  const byte = bad[at] ?? 0;
  bad[at] = dice.oneIn(2) ? byte ^ (1 << dice.below(8)) : dice.pick([0, 1, 0x7f, 0x80, 0xff, dice.below(256)]);
  return bad;
}

test.each(sets)('damage anywhere in a file of %s is refused by name, or makes a whole file', async (set) => {
  const file = fileOf(set);
  const dice = new Dice(sets.indexOf(set));
  const { headers, bodies, footer } = regionsOf(file);
  const pick = (regions: readonly Region[]): Region => regions[dice.below(regions.length)] ?? footer;
  const outcomes: string[] = [];
  for (let round = 0; round < rounds; round += 1)
    for (const region of [pick(headers), pick(bodies), footer])
      outcomes.push(await mergeDamaged(damage(file, region, dice)));
  expect(outcomes).toContain('refused');
});

test.each(sets)('a file of %s that is cut off anywhere, or has bytes too many, is refused', async (set) => {
  const file = fileOf(set);
  const dice = new Dice(sets.indexOf(set));
  for (let round = 0; round < rounds; round += 1)
    expect(await mergeDamaged(file.subarray(0, dice.below(file.length)))).toBe('refused');
  expect(await mergeDamaged(Uint8Array.from([...file, 0]))).toBe('refused');
});

test.each(['arrow-v1', 'arrow-v2'])('no value of %s changes unseen: a page has a checksum', async (set) => {
  const file = fileOf(set);
  const dice = new Dice(7);
  for (const { start, end } of regionsOf(file).bodies) {
    if (start === end) continue;
    const bad = file.slice();
    const at = start + dice.below(end - start);
    bad[at] = (bad[at] ?? 0) ^ (1 << dice.below(8));
    await expect(deepMergeFiles([bad])).rejects.toMatchObject({
      code: 'parquet.corrupt',
      message: expect.stringContaining('the checksum of the page'),
    });
  }
});
