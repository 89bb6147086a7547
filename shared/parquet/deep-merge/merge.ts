import { parseFooter, type RangedSource, readFooterBytes } from '../footer.ts';
import { toleratedKeys } from '../tolerated-keys.ts';
import type { Codec } from './codec.ts';
import { aboutFile } from './fault.ts';
import { FileWriter } from './file-writer.ts';
import { openGroups, type OpenGroup, type Survey, surveyInput } from './input.ts';
import { type Columns, type FooterFrame, orderedColumns } from './input-footer.ts';
import { schemaLeaves } from './leaf.ts';
import type { Sink } from './output.ts';

/** Settings of a deep merge. */
export interface DeepMergeOptions {
  /** Deflates all pages anew; by default each column keeps the codec of its first chunk; LZ4 becomes Snappy. */
  readonly codec?: Codec;
  /** A row group is closed before it would have more rows; 131,072 by default. */
  readonly groupRows?: number;
  /** A row group is closed before its input would have more bytes; 128 MiB by default. */
  readonly groupBytes?: number;
  /** Bytes of input that are in memory at once, unless one column of one row group has more; 32 MiB by default. */
  readonly residentBytes?: number;
  /** Bytes of a dictionary past which values are written in full; 1 MiB by default. */
  readonly dictionaryBytes?: number;
  /**
   * Where a chunk has a bloom filter, whether the result has one, too: `rebuild`, the default, hashes its values anew. Values
   * of encodings that are only copied cannot be hashed; their filters are left out, and those of more than 1,048,576 values.
   */
  readonly bloomFilters?: 'rebuild' | 'drop';
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
  bloomFilters: 'rebuild' as 'rebuild' | 'drop',
};

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
