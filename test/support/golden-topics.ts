import type { Between, ParquetMr, RowsToWrite, WriteOptions } from './parquet-mr.ts';
import type { SyncLake } from './sync-lake.ts';
import { codecs } from './random-parquet.ts';

/** Rows of each file. */
export const rowsOfFile = 60;
/** Files of each topic, all in one partition. */
export const filesOfTopic = 8;
/** The folder of that partition in its topic. */
export const partition = '2019/09/01/00';

/** A topic as one writer leaves it. */
export interface Topic {
  readonly name: string;
  /** The file of this number, with rows from this id on. */
  readonly file: (first: number) => RowsToWrite;
  readonly options: (index: number) => WriteOptions;
  /** All columns, as engines shall answer them. */
  readonly columns: string;
  readonly where: string;
  readonly filters: readonly Between[];
}

const hex = (text: string): string => Buffer.from(text).toString('hex');
const numbers = (first: number): number[] => Array.from({ length: rowsOfFile }, (_, index) => first + index);
const optional = (type: unknown): unknown => ({ type: ['null', type], default: null });
const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale });

/** As Kafka Connect has Avro write: lists of two levels, decimals of any length, timestamps of milliseconds. */
const connect: Topic = {
  name: 'connect',
  file: (first) => ({
    avro: {
      type: 'record',
      name: 'Click',
      fields: [
        { name: 'id', type: 'long' },
        { name: 'name', ...(optional('string') as object) },
        { name: 'price', ...(optional(decimal(9, 2)) as object) },
        { name: 'total', type: decimal(30, 4) },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'ratio', type: 'double' },
        { name: 'flag', ...(optional('boolean') as object) },
        { name: 'nothing', ...(optional('string') as object) },
        { name: 'tags', type: { type: 'array', items: 'string' } },
        { name: 'counts', type: { type: 'map', values: 'long' } },
        {
          name: 'place',
          ...(optional({
            type: 'record',
            name: 'Place',
            fields: [
              { name: 'x', type: 'int' },
              { name: 'y', type: 'string' },
            ],
          }) as object),
        },
      ],
    },
    rows: numbers(first).map((id) => ({
      id,
      name: id % 7 === 0 ? null : { string: `n${id % 20}` },
      price: id % 5 === 0 ? null : { bytes: String.fromCharCode(id % 200, id % 256) },
      total: String.fromCharCode(255, 255 - (id % 128), id % 256, 0, 1),
      at: 1_567_303_200_000 + id * 1_001,
      ratio: id % 3 === 0 ? -0.5 * id : id / 7,
      flag: id % 4 === 0 ? null : { boolean: id % 2 === 0 },
      nothing: null,
      tags: Array.from({ length: id % 4 }, (_, index) => `t${index}-${id % 9}`),
      counts: Object.fromEntries(Array.from({ length: id % 3 }, (_, index) => [`k${index}`, id])),
      place: id % 6 === 0 ? null : { Place: { x: id, y: `y${id % 2}` } },
    })),
  }),
  options: () => ({ pageRows: 7, blooms: ['id', 'name'] }),
  columns: 'id, name, price, total, at, ratio, flag, nothing, tags, counts, place',
  where: "name = 'n11' AND id BETWEEN 100 AND 300",
  filters: [
    { column: 'id', from: '137', to: '137' },
    { column: 'id', from: '175', to: '184' },
    { column: 'id', from: '100000', to: '100000' },
    { column: 'name', from: hex('n11'), to: hex('n11') },
    { column: 'place.x', from: 118, to: 122 },
  ],
};

/** Old and new at once: INT96, decimals of fixed length, several codecs, both versions of pages, small row groups; all of it as Hive can write it. */
const mixed: Topic = {
  name: 'mixed',
  file: (first) => ({
    message: `message old {
      optional int64 id; optional binary word (UTF8); optional int96 at; optional fixed_len_byte_array(5) price (DECIMAL(10,2));
      optional float ratio; optional int32 day (DATE); optional int32 small (INT_8); optional binary raw;
      optional group tags (LIST) { repeated group list { optional binary element (UTF8); } }
      optional group nest { optional int32 x; optional group deep (LIST) { repeated group list { optional int64 element; } } } }`,
    rows: numbers(first).map((id) => ({
      id: String(id),
      ...(id % 7 > 0 && { word: hex(`w${id % 13}`) }),
      ...(id % 4 > 0 && { at: `${(id % 200).toString(16).padStart(2, '0')}e1f50500000000a58b2500` }),
      price: `00000000${(id % 256).toString(16).padStart(2, '0')}`,
      ratio: ['7fc00000', '80000000', '3f800000'][id % 3],
      day: 18_000 + (id % 3),
      small: (id % 256) - 128,
      ...(id % 2 === 0 && { raw: hex(`raw ${id}`) }),
      ...(id % 3 > 0 && { tags: id % 3 === 1 ? {} : { list: [{ element: hex(`e${id}`) }, {}] } }),
      ...(id % 5 > 0 && { nest: { x: id, ...(id % 2 === 0 && { deep: { list: [{ element: '-1' }, {}] } }) } }),
    })),
  }),
  options: (index) => ({
    codec: codecs[index % codecs.length] ?? 'SNAPPY',
    v2: index % 2 === 1,
    dictionary: index % 3 > 0,
    pageRows: 5 + index,
    groupBytes: 4_000,
    blooms: ['word'],
  }),
  // As text, since JSON has no NaN.
  columns: 'id, word, at, price, cast(ratio AS varchar(30)), day, small, tags, nest',
  where: "word = 'w4' AND id >= 200",
  filters: [
    { column: 'id', from: '59', to: '61' },
    { column: 'word', from: hex('w4'), to: hex('w4') },
    { column: 'small', from: -128, to: -126 },
    { column: 'nest.x', from: 300, to: 301 },
  ],
};
/** Both. */
export const topics: readonly Topic[] = [connect, mixed];

/** Has parquet-mr write all files of all topics, an hour ago. */
export async function putTopics({ clients: { hdfs }, root, settings }: SyncLake, parquetMr: ParquetMr): Promise<void> {
  for (const topic of topics)
    for (let index = 0; index < filesOfTopic; index += 1) {
      const first = index * rowsOfFile;
      // As Kafka Connect names them.
      const name = `${topic.name}+0+${first}+${first + rowsOfFile - 1}.parquet`;
      const path = `${root}/${topic.name}/${partition}/${name}`;
      await parquetMr.write(`${settings.hdfs.defaultFs}${path}`, topic.file(first), topic.options(index));
      await hdfs.setTimes(path, { modificationTime: Date.now() - 3_600_000 });
    }
}
