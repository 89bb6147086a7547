import type { FileMetaData, SchemaElement } from 'hyparquet';
import { meaningOf } from './meaning.ts';

/** What of a field of a schema may change. */
const parts: Readonly<Record<string, (element: SchemaElement) => unknown>> = {
  name: ({ name }) => name,
  type: ({ type, type_length: length }) => (type === 'FIXED_LEN_BYTE_ARRAY' ? `${type} ${length}` : type),
  'logical type': meaningOf,
  repetition: ({ repetition_type: repetition }) => repetition,
  'field id': ({ field_id: id }) => id,
};

/** Fields of a schema, groups and leaves, and in how many of them something is other than it was. */
export interface SchemaChanges {
  readonly fields: number;
  readonly changed: number;
  /** In how many fields each part changed; those that are gone count as `gone`. */
  readonly parts: ReadonlyMap<string, number>;
}

/** Holds a schema against the one before it, field by field in their order; by their paths where there are more or fewer of them. */
export function compareSchemas(before: readonly SchemaElement[], after: readonly SchemaElement[]): SchemaChanges {
  const [wanted, got] = [withPaths(before), withPaths(after)];
  const sameShape =
    wanted.length === got.length &&
    wanted.every(({ element }, index) => element.num_children === got[index]?.element.num_children);
  const byPath = new Map(got.map(({ path, element }) => [path, element]));
  const counts = new Map<string, number>();
  let changed = 0;
  for (const [index, { path, element }] of wanted.entries()) {
    const other = sameShape ? got[index]?.element : byPath.get(path);
    const names = other === undefined ? ['gone'] : changedParts(element, other);
    if (names.length > 0) changed += 1;
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return { fields: wanted.length, changed, parts: counts };
}

function changedParts(before: SchemaElement, after: SchemaElement): string[] {
  return Object.entries(parts).flatMap(([name, of]) => (of(before) === of(after) ? [] : [name]));
}

/** All fields but the root, each with the names on the way to it. */
function withPaths(schema: readonly SchemaElement[]): { readonly path: string; readonly element: SchemaElement }[] {
  const open: { name: string; left: number }[] = [];
  return schema.flatMap((element, index) => {
    while (open.at(-1)?.left === 0) open.pop();
    const parent = open.at(-1);
    if (parent !== undefined) parent.left -= 1;
    const path = [...open.slice(1).map(({ name }) => name), element.name].join('.');
    if (element.num_children !== undefined) open.push({ name: element.name, left: element.num_children });
    return index === 0 ? [] : [{ path, element }];
  });
}

/** What helps a reader to skip: how many column chunks have it. */
export interface Helps {
  readonly rowGroups: number;
  readonly chunks: number;
  /** Least and greatest value. */
  readonly bounds: number;
  /** Offset index, which says where pages are, and column index, which says what is in them. */
  readonly pageIndexes: number;
  readonly bloomFilters: number;
  /** The names of key-value metadata. */
  readonly keys: readonly string[];
}

/** Counts what a file has that helps to skip. */
export function countHelps({ row_groups: groups, key_value_metadata: pairs = [] }: FileMetaData): Helps {
  const chunks = groups.flatMap(({ columns }) => columns);
  const count = (has: (chunk: (typeof chunks)[number]) => boolean): number => chunks.filter(has).length;
  return {
    rowGroups: groups.length,
    chunks: chunks.length,
    bounds: count(({ meta_data: data }) => data?.statistics?.min_value !== undefined),
    pageIndexes: count((chunk) => chunk.offset_index_offset !== undefined && chunk.column_index_offset !== undefined),
    bloomFilters: count(({ meta_data: data }) => data?.bloom_filter_offset !== undefined),
    keys: pairs.map(({ key }) => key).toSorted(),
  };
}
