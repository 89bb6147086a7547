import { columnIndex, offsetIndex } from '../footer-codec/page-index.ts';
import { struct } from '../footer-codec/struct.ts';
import { WireWriter } from '../footer-codec/wire-writer.ts';
import type { WrittenPage } from './chunk-writer.ts';
import type { ValueOrder } from './value-order.ts';

const offsetIndexKind = struct(offsetIndex);
const columnIndexKind = struct(columnIndex);

/** The offset index of a chunk, or undefined when a page begins within a row: it could not be found by its rows. */
export function encodeOffsetIndex(pages: readonly WrittenPage[]): Uint8Array | undefined {
  if (!pages.every(({ startsRow }) => startsRow)) return undefined;
  let row = 0;
  const locations = pages.map(({ position, length, rows }) => {
    const location = { offset: BigInt(position), compressed_page_size: length, first_row_index: BigInt(row) };
    row += rows;
    return location;
  });
  const writer = new WireWriter();
  offsetIndexKind.write(writer, { page_locations: locations });
  return writer.toBytes();
}

/** The column index of a chunk, or undefined when of some page with values no bounds are known. */
export function encodeColumnIndex(
  pages: readonly WrittenPage[],
  order: ValueOrder | undefined,
  isRepeated: boolean,
): Uint8Array | undefined {
  if (order === undefined || pages.some(({ defined, bounds }) => defined > 0 && bounds === undefined)) return undefined;
  const nothing = new Uint8Array(0);
  const withValues = pages.filter(({ defined }) => defined > 0);
  // All pages null, which no bound says.
  if (withValues.length === 0) return undefined;
  const writer = new WireWriter();
  columnIndexKind.write(writer, {
    null_pages: pages.map(({ defined }) => defined === 0),
    min_values: pages.map(({ defined, bounds }) => (defined > 0 && bounds ? bounds.min.bytes : nothing)),
    max_values: pages.map(({ defined, bounds }) => (defined > 0 && bounds ? bounds.max.bytes : nothing)),
    boundary_order: boundaryOrder(withValues, order),
    // What counts as null within lists, writers do not agree on.
    ...(!isRepeated && { null_counts: pages.map(({ values, defined }) => BigInt(values - defined)) }),
  });
  return writer.toBytes();
}

/** How the bounds of pages with values go on from page to page. */
function boundaryOrder(
  pages: readonly WrittenPage[],
  { compare }: ValueOrder,
): 'ASCENDING' | 'DESCENDING' | 'UNORDERED' {
  let ascends = true;
  let descends = true;
  for (const [index, { bounds }] of pages.entries()) {
    const before = pages[index - 1]?.bounds;
    if (before === undefined || bounds === undefined) continue;
    const steps = [compare(before.min.bytes, bounds.min.bytes), compare(before.max.bytes, bounds.max.bytes)];
    if (steps.some((step) => step > 0)) ascends = false;
    if (steps.some((step) => step < 0)) descends = false;
  }
  return ascends ? 'ASCENDING' : descends ? 'DESCENDING' : 'UNORDERED';
}
