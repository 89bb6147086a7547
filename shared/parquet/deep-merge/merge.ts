import { encodeFooter, openMetadata } from '../footer-codec/codec.ts';
import { type FileMetaDataFields, keyValue, rowGroup } from '../footer-codec/file-metadata.ts';
import { makeList, makeStruct, struct } from '../footer-codec/struct.ts';
import { parseFooter, type RangedSource, readFooterBytes } from '../footer.ts';
import { toleratedKeys } from '../tolerated-keys.ts';
import { encodeColumnIndex, encodeOffsetIndex } from './chunk-index.ts';
import type { Codec } from './codec.ts';
import { type MergedColumn, mergeColumn } from './column.ts';
import { aboutFile } from './fault.ts';
import { openGroups, type OpenGroup, type Survey, surveyInput } from './input.ts';
import { type Columns, type FooterFrame, orderedColumns } from './input-footer.ts';
import { type Leaf, schemaLeaves } from './leaf.ts';
import { Output, type Sink } from './output.ts';
import { RangeReader } from './read-ranges.ts';

/** Settings of a deep merge. */
export interface DeepMergeOptions {
  /** Deflates all pages anew; by default each column keeps the codec of its first chunk. */
  readonly codec?: Codec;
  /** A row group is closed before it would have more rows; 131,072 by default. */
  readonly groupRows?: number;
  /** A row group is closed before its input would have more bytes; 128 MiB by default. */
  readonly groupBytes?: number;
  /** Bytes of input that are in memory at once, unless one column of one row group has more; 32 MiB by default. */
  readonly residentBytes?: number;
  /** Bytes of a dictionary past which values are written in full; 1 MiB by default. */
  readonly dictionaryBytes?: number;
  /** Where in the file the first byte will stand: not 0 when the result is put behind something else. */
  readonly position?: number;
  /** Key-value metadata in the place of what the inputs have under these keys, which may differ there. */
  readonly keyValues?: ReadonlyMap<string, string>;
}

/** What a deep merge wrote. */
export interface DeepMergeResult {
  readonly rows: number;
  readonly rowGroups: number;
  /** Bytes that were written. */
  readonly length: number;
}

const defaults = {
  groupRows: 131_072,
  groupBytes: 128 * 1024 * 1024,
  residentBytes: 32 * 1024 * 1024,
  dictionaryBytes: 1024 * 1024,
  position: 0,
};

type RowGroup = FileMetaDataFields['row_groups'][number];

/**
 * Merges Parquet files of one schema, or the row groups of one file, into few large row groups: their rows in the order of
 * the inputs, the schema the same to the byte, and no value decoded. Nothing is written before all footers were checked.
 * Errors name file, column and page; what was written by then is no Parquet file.
 * @throws parquet.* for an input that is broken, is not understood, or cannot be merged with the first one; plan.stale when
 * an input changed meanwhile
 */
export async function deepMerge(
  inputs: readonly RangedSource[],
  sink: Sink,
  options: DeepMergeOptions = {},
): Promise<DeepMergeResult> {
  const [first] = inputs;
  if (first === undefined) throw new RangeError('nothing is there to be merged');
  const settings = { ...defaults, ...options };
  const model = await readFooterBytes(first);
  const columns = readColumns(first.path, model);
  const { surveys, pairs } = await surveyInputs(
    inputs,
    columns,
    toleratedKeys.union(new Set(options.keyValues?.keys())),
  );
  const writer = new FileWriter(columns.leaves, sink, settings);
  for (const plan of planGroups(surveys, settings)) await writer.writeGroup(await openPlan(plan, surveys, columns));
  return writer.finish(model, new Map([...pairs, ...(options.keyValues ?? [])]));
}

function readColumns(path: string, model: Uint8Array): Columns {
  const { schema } = parseFooter(model, path);
  try {
    const leaves = schemaLeaves(schema);
    return { leaves, ordered: orderedColumns(model, leaves) };
  } catch (error) {
    throw aboutFile(path, error);
  }
}

type Settings = typeof defaults & Pick<DeepMergeOptions, 'codec'>;

async function surveyInputs(
  inputs: readonly RangedSource[],
  columns: Columns,
  tolerated: ReadonlySet<string>,
): Promise<{ surveys: Survey[]; pairs: ReadonlyMap<string, string | undefined> }> {
  const surveys: Survey[] = [];
  const pairs = new Map<string, string | undefined>();
  let model: FooterFrame | undefined;
  for (const source of inputs) {
    const { frame, ...survey } = surveyInput(source, await readFooterBytes(source), columns, model, tolerated);
    surveys.push(survey);
    for (const { key, value } of frame.pairs)
      if (!pairs.has(key) && (model === undefined || tolerated.has(key))) pairs.set(key, value);
    model ??= frame;
  }
  return { surveys, pairs };
}

/** Row groups of the inputs that become one: places in the list of inputs, and in each of them. */
type GroupPlan = readonly { readonly input: number; readonly group: number }[];

/** Row groups without rows are left out. */
function* planGroups(surveys: readonly Survey[], { groupRows, groupBytes }: Settings): Generator<GroupPlan> {
  let plan: { input: number; group: number }[] = [];
  let rows = 0;
  let bytes = 0;
  for (const [input, { sizes }] of surveys.entries())
    for (let group = 0; group * 2 < sizes.length; group++) {
      const ownRows = sizes[group * 2] as number;
      const ownBytes = sizes[group * 2 + 1] as number;
      if (ownRows === 0) continue;
      if (plan.length > 0 && (rows + ownRows > groupRows || bytes + ownBytes > groupBytes)) {
        yield plan;
        plan = [];
        rows = 0;
        bytes = 0;
      }
      plan.push({ input, group });
      rows += ownRows;
      bytes += ownBytes;
    }
  if (plan.length > 0) yield plan;
}

async function openPlan(plan: GroupPlan, surveys: readonly Survey[], columns: Columns): Promise<OpenGroup[]> {
  const groups: OpenGroup[] = [];
  for (const [input, parts] of Map.groupBy(plan, (part) => part.input)) {
    const wanted = new Set(parts.map(({ group }) => group));
    groups.push(...(await openGroups(surveys[input] as Survey, wanted, columns)));
  }
  return groups;
}

/** Ordinals of row groups are 16-bit numbers. */
const maxOrdinals = 0x7fff + 1;

class FileWriter {
  readonly #leaves: readonly Leaf[];
  readonly #settings: Settings;
  readonly #out: Output;
  readonly #reader = new RangeReader();
  readonly #groups: { fields: RowGroup; columns: readonly MergedColumn[] }[] = [];
  #rows = 0;

  constructor(leaves: readonly Leaf[], sink: Sink, settings: Settings) {
    this.#leaves = leaves;
    this.#settings = settings;
    this.#out = new Output(sink, settings.position);
    this.#out.append(magic);
  }

  async writeGroup(groups: readonly OpenGroup[]): Promise<void> {
    const start = this.#out.position;
    const columns: MergedColumn[] = [];
    while (columns.length < this.#leaves.length) {
      const from = columns.length;
      const to = this.#endOfBatch(groups, from);
      const ranges = groups.flatMap(({ source, chunks }) =>
        chunks.slice(from, to).map((chunk) => ({ source, start: chunk.start, length: chunk.length })),
      );
      const bytes = await this.#reader.read(ranges);
      for (let column = from; column < to; column++)
        columns.push(await this.#mergeColumn(groups, column, (group) => bytes[group * (to - from) + column - from]));
    }
    const rows = groups.reduce((sum, group) => sum + group.rows, 0);
    this.#rows += rows;
    const sum = (field: 'total_uncompressed_size' | 'total_compressed_size'): bigint =>
      columns.reduce((total, { metadata }) => total + metadata[field], 0n);
    this.#groups.push({
      columns,
      fields: {
        columns: columns.map(({ metadata }) => ({ file_offset: 0n, meta_data: metadata })),
        total_byte_size: sum('total_uncompressed_size'),
        num_rows: BigInt(rows),
        file_offset: BigInt(start),
        total_compressed_size: sum('total_compressed_size'),
      },
    });
  }

  /** Columns are read together as long as they fit into memory: small chunks lie close together in a file. */
  #endOfBatch(groups: readonly OpenGroup[], from: number): number {
    let to = from;
    let bytes = 0;
    while (to < this.#leaves.length) {
      for (const { chunks } of groups) bytes += chunks[to]?.length ?? 0;
      if (to > from && bytes > this.#settings.residentBytes) break;
      to += 1;
    }
    return to;
  }

  #mergeColumn(
    groups: readonly OpenGroup[],
    column: number,
    bytesOf: (group: number) => Uint8Array | undefined,
  ): Promise<MergedColumn> {
    const leaf = this.#leaves[column] as Leaf;
    const chunks = groups.map(({ source, index, rows, chunks: claims }, group) => ({
      place: { path: source.path, rowGroup: index, column: leaf.path.join('.') },
      claims: claims[column] as (typeof claims)[number],
      bytes: bytesOf(group) as Uint8Array,
      rows,
    }));
    const { codec, dictionaryBytes } = this.#settings;
    return mergeColumn(leaf, chunks, { codec, dictionaryBytes }, this.#out);
  }

  async finish(model: Uint8Array, pairs: ReadonlyMap<string, string | undefined>): Promise<DeepMergeResult> {
    this.#writeIndexes();
    const { metadata } = openMetadata(model);
    metadata.set('num_rows', BigInt(this.#rows));
    metadata.set(
      'row_groups',
      makeList(
        struct(rowGroup),
        this.#groups.map(({ fields }, ordinal) =>
          makeStruct(rowGroup, { ...fields, ...(this.#groups.length <= maxOrdinals && { ordinal }) }),
        ),
      ),
    );
    if (pairs.size > 0)
      metadata.set(
        'key_value_metadata',
        makeList(
          struct(keyValue),
          [...pairs].map(([key, value]) => makeStruct(keyValue, { key, ...(value !== undefined && { value }) })),
        ),
      );
    this.#out.append(encodeFooter(metadata.toBytes()));
    await this.#out.flush();
    return {
      rows: this.#rows,
      rowGroups: this.#groups.length,
      length: this.#out.position - this.#settings.position,
    };
  }

  /** Column indexes first, then offset indexes, as other writers do it. */
  #writeIndexes(): void {
    for (const { fields, columns } of this.#groups)
      for (const [index, { pages }] of columns.entries()) {
        const { order, maxRepetition } = this.#leaves[index] as Leaf;
        const bytes = encodeColumnIndex(pages, order, maxRepetition > 0);
        const place = this.#place(bytes);
        if (place)
          Object.assign(fields.columns[index] as object, {
            column_index_offset: place[0],
            column_index_length: place[1],
          });
      }
    for (const { fields, columns } of this.#groups)
      for (const [index, { pages }] of columns.entries()) {
        const place = this.#place(encodeOffsetIndex(pages));
        if (place)
          Object.assign(fields.columns[index] as object, {
            offset_index_offset: place[0],
            offset_index_length: place[1],
          });
      }
  }

  #place(bytes: Uint8Array | undefined): [offset: bigint, length: number] | undefined {
    if (bytes === undefined) return undefined;
    const offset = BigInt(this.#out.position);
    this.#out.append(bytes);
    return [offset, bytes.length];
  }
}

const magic = new TextEncoder().encode('PAR1');
