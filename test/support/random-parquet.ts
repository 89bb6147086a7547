import { Dice } from './dice.ts';
import type { RowsToWrite, WriteOptions } from './parquet-mr.ts';

/** Codecs that parquet-mr and Node both have. */
export const codecs = ['SNAPPY', 'GZIP', 'ZSTD', 'UNCOMPRESSED'] as const;

/** Files of one random schema with random rows, and how each shall be written. */
export interface RandomFiles {
  readonly files: readonly { readonly rows: RowsToWrite; readonly options: WriteOptions }[];
}

/** Makes a value of a column, or what a writer takes for none. */
type Make = () => unknown;
interface Field {
  readonly text: string;
  readonly make: Make;
}

const words = ['', 'a', 'alpha', 'delta ü', '日本', 'x'.repeat(70)] as const;
const hexOf = (text: string): string => Buffer.from(text).toString('hex');
const floats = ['7fc00000', '80000000', '0', '3f800000', 'ff800000', 'c0100000'] as const;
const doubles = ['7ff8000000000000', '8000000000000000', '0', '3ff0000000000000', 'fff0000000000000'] as const;

/** Physical and logical types that parquet-mr writes, with values at their edges. */
const leaves: readonly [string, string, (dice: Dice) => unknown][] = [
  ['boolean', '', (dice) => dice.oneIn(2)],
  ['int32', '', (dice) => dice.pick([0, 1, -1, 2 ** 31 - 1, -(2 ** 31), dice.below(2 ** 31)])],
  ['int32', '(INTEGER(8,true))', (dice) => dice.below(256) - 128],
  ['int32', '(INTEGER(32,false))', (dice) => dice.pick([0, 1, -1, -(2 ** 31)])],
  ['int32', '(DATE)', (dice) => 18_000 + dice.below(3)],
  ['int32', '(DECIMAL(9,2))', (dice) => dice.below(2_000_000_000) - 999_999_999],
  ['int64', '', (dice) => dice.pick(['0', '-1', `${2n ** 63n - 1n}`, `${-(2n ** 63n)}`, `${dice.below(1_000)}`])],
  ['int64', '(INTEGER(64,false))', (dice) => dice.pick(['0', '1', '-1', `${-(2n ** 63n)}`])],
  ['int64', '(TIMESTAMP(MILLIS,true))', (dice) => `${1_567_303_200_000 + dice.below(10_000)}`],
  ['int64', '(TIMESTAMP(NANOS,false))', (dice) => `${1_567_303_200_000_000_000n + BigInt(dice.below(10_000))}`],
  ['float', '', (dice) => dice.pick(floats)],
  ['double', '', (dice) => dice.pick(doubles)],
  ['binary', '', (dice) => dice.bytes(dice.below(6))],
  ['binary', '(STRING)', (dice) => hexOf(dice.pick(words))],
  ['binary', '(STRING)', (dice) => hexOf(`${dice.below(2 ** 30)}`)],
  ['binary', '(JSON)', (dice) => hexOf(`{"k":${dice.below(9)}}`)],
  ['binary', '(DECIMAL(18,4))', (dice) => dice.bytes(1 + dice.below(7))],
  ['fixed_len_byte_array(16)', '(UUID)', (dice) => dice.bytes(16)],
  ['fixed_len_byte_array(12)', '(INTERVAL)', (dice) => dice.bytes(12)],
  ['fixed_len_byte_array(2)', '(FLOAT16)', (dice) => dice.bytes(2)],
  ['int96', '', (dice) => dice.bytes(12)],
];

/** A field of a Parquet schema: none of its values is there, in one of ten cases. */
function makeField(dice: Dice, name: string, depth: number): Field {
  const repetition = dice.pick(['required', 'optional', 'optional', 'optional', 'repeated']);
  const id = dice.oneIn(3) ? ` = ${dice.below(1_000)}` : '';
  const { text, make } = depth < 3 && dice.oneIn(3) ? makeGroup(dice, name, id, depth) : makeLeaf(dice, name, id);
  const isEmpty = dice.oneIn(10);
  const makers: Record<string, Make> = {
    required: make,
    optional: () => (isEmpty || dice.oneIn(4) ? undefined : make()),
    repeated: () => (isEmpty ? undefined : dice.times(dice.below(4), make)),
  };
  return { text: `${repetition} ${text}`, make: makers[repetition] as Make };
}

function makeLeaf(dice: Dice, name: string, id: string): Field {
  const [type, annotation, make] = leaves[dice.below(leaves.length)] as (typeof leaves)[number];
  return { text: `${type} ${name} ${annotation}${id};`, make: () => make(dice) };
}

function makeGroup(dice: Dice, name: string, id: string, depth: number): Field {
  const { text, make } = makeFields(dice, 1 + dice.below(3), depth + 1);
  return { text: `group ${name}${id} { ${text} }`, make };
}

function makeFields(dice: Dice, count: number, depth: number): Field {
  const fields = dice.times(count, (index) => [`c${index}`, makeField(dice, `c${index}`, depth)] as const);
  return {
    text: fields.map(([, { text }]) => text).join(' '),
    make: () =>
      Object.fromEntries(
        fields.flatMap(([name, { make }]) => {
          const value = make();
          // parquet-mr tells a field without values as none.
          return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[name, value]];
        }),
      ),
  };
}

/** How a file is written: another codec, page version and encoding for each. */
function makeOptions(dice: Dice): WriteOptions {
  return {
    codec: dice.pick(codecs),
    v2: dice.oneIn(2),
    dictionary: !dice.oneIn(3),
    dictionaryBytes: dice.pick([64, 300, 1 << 20]),
    byteStreamSplit: dice.oneIn(3),
    pageRows: 1 + dice.below(20),
    groupBytes: dice.pick([300, 3_000, 1 << 20]),
  };
}

/** Up to five files, some without a row, with any schema that parquet-mr can write. */
export function randomGroups(seed: number): RandomFiles {
  const dice = new Dice(seed);
  const { text, make } = makeFields(dice, 3 + dice.below(8), 0);
  const message = `message m { ${text} }`;
  return {
    files: dice.times(2 + dice.below(4), () => ({
      rows: { message, rows: dice.times(dice.pick([0, 1, 7, 40]), make) as object[] },
      options: makeOptions(dice),
    })),
  };
}
